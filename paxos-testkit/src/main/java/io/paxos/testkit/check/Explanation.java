package io.paxos.testkit.check;

import java.util.List;
import java.util.function.Function;

/** Explains, for people, how far an order of operations got, and why it did not get farther. */
final class Explanation<S, A> {
    private static final int OPERATIONS_MAX = 12;

    private final Model<S, A> model;
    private final Function<Operation<A>, String> name;

    /** {@code name}: what to call an operation. */
    Explanation(final Model<S, A> model, final Function<Operation<A>, String> name) {
        this.model = model;
        this.name = name;
    }

    /** {@code prefix} is an order that the model allows; {@code stuck} is null if no operation is. */
    String of(final List<Operation<A>> prefix, final Operation<A> stuck, final List<Operation<A>> candidates) {
        final StringBuilder text = new StringBuilder();
        text.append("the longest order that explains the answers, of ")
                .append(prefix.size())
                .append(" operations:\n");
        final int left = Math.max(0, prefix.size() - OPERATIONS_MAX);
        if (left > 0) {
            text.append("    ... ").append(left).append(" before these\n");
        }
        S state = model.initial();
        for (int i = 0; i < prefix.size(); i++) {
            state = after(state, prefix.get(i));
            if (i >= left) {
                text.append("    ")
                        .append(name.apply(prefix.get(i)))
                        .append("  => ")
                        .append(state)
                        .append('\n');
            }
        }
        if (stuck == null) {
            return text.toString();
        }
        text.append("stuck at: ")
                .append(name.apply(stuck))
                .append(": ")
                .append(why(state, stuck))
                .append('\n');
        if (!candidates.isEmpty()) {
            text.append("also called before that one returned:\n");
        }
        for (final Operation<A> other : candidates.subList(0, Math.min(OPERATIONS_MAX, candidates.size()))) {
            text.append("    ")
                    .append(name.apply(other))
                    .append(": ")
                    .append(why(state, other))
                    .append('\n');
        }
        return text.toString();
    }

    private S after(final S state, final Operation<A> operation) {
        return operation.isUnknown()
                ? model.stepUnseen(state, operation.action())
                : model.step(state, operation.action());
    }

    private String why(final S state, final Operation<A> operation) {
        return after(state, operation) == null
                ? "cannot come next in state " + state
                : "could come next, but no order of the rest follows";
    }
}
