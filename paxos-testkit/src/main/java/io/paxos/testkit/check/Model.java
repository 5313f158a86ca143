package io.paxos.testkit.check;

/**
 * What a service promises, as if it executed one action at a time: the states of one key, and what actions do to them.
 *
 * <p>{@code S} is immutable with {@code equals} and {@code hashCode} by value. {@code A} is an action together with the
 * answer that its client got, and with a {@code toString} for people. All methods are pure.
 */
public interface Model<S, A> {
    /** The state before anything happened; not null. */
    S initial();

    /** The state after the action; null if the action cannot have had its answer in {@code state}. */
    S step(S state, A action);

    /**
     * The state after an action of unknown outcome; not null. The answer in the action means nothing.
     */
    S stepUnseen(S state, A action);

    /** Whether the action never changes a state, so that an order need not contain it if its answer is unknown. */
    boolean isRead(A action);

    /**
     * Whether the action, given its answer, changes no state in which it can have that answer: a read, or a command
     * that was refused. The more actions are known to be such, the shorter the search.
     */
    default boolean changedNothing(final A action) {
        return isRead(action);
    }
}
