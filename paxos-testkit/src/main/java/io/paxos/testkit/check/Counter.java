package io.paxos.testkit.check;

/**
 * A counter that begins at 0 and answers with its new value. It finds commands that are executed twice, or never.
 */
public final class Counter implements Model<Long, Counter.Action> {
    /**
     * An addition, with the sum as its answer.
     *
     * @param delta what to add; 0 is a read
     * @param sum the value after it
     */
    public record Action(long delta, long sum) {
        @Override
        public String toString() {
            return (delta == 0 ? "read" : "add " + delta) + " -> " + sum;
        }
    }

    @Override
    public Long initial() {
        return 0L;
    }

    @Override
    public Long step(final Long state, final Action action) {
        return state + action.delta == action.sum ? Long.valueOf(action.sum) : null;
    }

    @Override
    public Long stepUnseen(final Long state, final Action action) {
        return state + action.delta;
    }

    @Override
    public boolean isRead(final Action action) {
        return action.delta == 0;
    }
}
