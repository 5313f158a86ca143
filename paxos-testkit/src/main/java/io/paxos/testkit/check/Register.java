package io.paxos.testkit.check;

import java.util.Objects;
import java.util.Optional;

/**
 * A register that can be read, written, and written on a condition. It begins empty.
 *
 * <p>One register for each key makes a map. Values have {@code equals} by value; null stands for empty.
 */
public final class Register<V> implements Model<Optional<V>, Register.Action<V>> {
    /** What can be done to a register. */
    public sealed interface Action<V> {}

    /** A read with the answer {@code seen}; null for empty. */
    public record Read<V>(V seen) implements Action<V> {
        @Override
        public String toString() {
            return "read -> " + seen;
        }
    }

    /** Writes {@code value} over any value; null empties the register. */
    public record Write<V>(V value) implements Action<V> {
        @Override
        public String toString() {
            return "write " + value;
        }
    }

    /** Writes {@code value} if the register holds {@code expected}. The answer is whether it did. */
    public record CompareAndSet<V>(V expected, V value, boolean succeeded) implements Action<V> {
        @Override
        public String toString() {
            return "compare " + expected + " and set " + value + " -> " + (succeeded ? "done" : "refused");
        }
    }

    @Override
    public Optional<V> initial() {
        return Optional.empty();
    }

    @Override
    public Optional<V> step(final Optional<V> state, final Action<V> action) {
        if (action instanceof Read<V> read) {
            return holds(state, read.seen) ? state : null;
        }
        if (action instanceof CompareAndSet<V> compareAndSet
                && holds(state, compareAndSet.expected) != compareAndSet.succeeded) {
            return null;
        }
        return stepUnseen(state, action);
    }

    @Override
    public Optional<V> stepUnseen(final Optional<V> state, final Action<V> action) {
        if (action instanceof Write<V> write) {
            return Optional.ofNullable(write.value);
        }
        if (action instanceof CompareAndSet<V> compareAndSet && holds(state, compareAndSet.expected)) {
            return Optional.ofNullable(compareAndSet.value);
        }
        return state;
    }

    @Override
    public boolean isRead(final Action<V> action) {
        return action instanceof Read<V>;
    }

    @Override
    public boolean changedNothing(final Action<V> action) {
        return isRead(action) || (action instanceof CompareAndSet<V> compareAndSet && !compareAndSet.succeeded);
    }

    private static <V> boolean holds(final Optional<V> state, final V value) {
        return Objects.equals(state.orElse(null), value);
    }
}
