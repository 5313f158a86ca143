package io.paxos.testkit.check;

/**
 * What a service promises, as if it executed one action at a time: the states of one key, and how actions change them.
 *
 * <p>{@code S} is immutable with {@code equals} and {@code hashCode} by value. {@code A} is an action together with the
 * answer that its client got, and with a {@code toString} for people. All methods are pure.
 */
public interface Model<S, A> {
    /** The state before anything happened; not null. */
    S initial();

    /** The state after the action; null if the action cannot have had its answer in {@code state}. */
    S step(S state, A action);

    /** The state after an action of unknown outcome; not null. The answer in the action means nothing. */
    S stepUnseen(S state, A action);

    /** Whether the action never changes a state. If its answer is unknown, an order can leave it out. */
    boolean isRead(A action);

    /**
     * Whether the action, given its answer, changes no state in which it can have that answer. Examples: a read, or a
     * command that was refused. The search is shorter if this is true for more actions.
     */
    default boolean changedNothing(final A action) {
        return isRead(action);
    }
}
