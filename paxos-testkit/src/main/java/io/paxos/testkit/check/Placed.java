package io.paxos.testkit.check;

import java.util.Objects;

/**
 * An operation together with the slot that its acknowledgement named.
 *
 * @param slot of a command: the one it was chosen in, >= 1; of a read: that through which it saw everything applied, >=
 *     0; of an operation whose outcome is unknown: {@link #UNKNOWN}
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
