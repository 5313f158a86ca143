package io.paxos.testkit.check;

/**
 * A model whose operations happen along the slots of a log. Each slot has two ranks: {@code 2 * slot} for its commands,
 * and one more for the reads that saw them. Ranks never fall along an order. A command of unknown outcome shares the
 * slot of the command before it, or takes a later slot, but never a slot that has been read already.
 */
record PlacedModel<S, A>(Model<S, A> model) implements Model<PlacedModel.State<S>, Placed<A>> {
    /** {@code rank}: of the last operation. */
    record State<S>(S inner, long rank) {
        @Override
        public String toString() {
            return inner.toString();
        }
    }

    long rank(final Placed<A> placed) {
        return 2 * placed.slot() + (isRead(placed) ? 1 : 0);
    }

    @Override
    public State<S> initial() {
        return new State<>(model.initial(), 1); // as if slot 0 had been read
    }

    @Override
    public State<S> step(final State<S> state, final Placed<A> placed) {
        final long rank = rank(placed);
        final S after = rank < state.rank
                ? null
                : model.step(state.inner, placed.operation().action());
        return after == null ? null : new State<>(after, rank);
    }

    @Override
    public State<S> stepUnseen(final State<S> state, final Placed<A> placed) {
        final S after = model.stepUnseen(state.inner, placed.operation().action());
        return after.equals(state.inner) ? state : new State<>(after, state.rank + state.rank % 2);
    }

    @Override
    public boolean isRead(final Placed<A> placed) {
        return model.isRead(placed.operation().action());
    }

    /** Each operation moves the state to a later rank, a read too. */
    @Override
    public boolean changedNothing(final Placed<A> placed) {
        return false;
    }
}
