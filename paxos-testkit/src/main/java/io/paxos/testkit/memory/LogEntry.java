package io.paxos.testkit.memory;

/**
 * One record of a log: a promise, or an accepted value.
 *
 * @param ballot that was promised or accepted, > 0
 * @param slot >= 1; 0 for a promise for all slots
 * @param chosenThrough every slot through this one was known chosen; 0 for a promise
 * @param value the accepted bytes; null for a promise
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record LogEntry(long ballot, long slot, long chosenThrough, byte[] value) {
    /** A promise for one slot, or for all if {@code slot} is 0. */
    public static LogEntry promise(final long ballot, final long slot) {
        return new LogEntry(ballot, slot, 0, null);
    }

    /** Whether this is a promise and holds no value. */
    public boolean isPromise() {
        return value == null;
    }
}
