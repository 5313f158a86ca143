package io.paxos.testkit.check;

import java.util.Objects;

/**
 * An operation together with the slot that its acknowledgement named.
 *
 * @param slot for a command: the slot that it was chosen in, >= 1. For a read: the slot through which everything was
 *     applied when it was answered, >= 0. For an operation of unknown outcome: {@link #UNKNOWN}
 */
public record Placed<A>(Operation<A> operation, long slot) {
    public static final long UNKNOWN = -1;

    public Placed {
        Objects.requireNonNull(operation, "operation");
        if (slot < UNKNOWN || operation.isUnknown() != (slot == UNKNOWN)) {
            throw new IllegalArgumentException("slot=" + slot + " of " + operation);
        }
    }

    @Override
    public String toString() {
        return (slot == UNKNOWN ? "slot ?: " : "slot " + slot + ": ") + operation;
    }
}
