package io.paxos.testkit.contract;

/**
 * One record of a log.
 *
 * @param slot 0 for a promise for all slots
 * @param value what was accepted; null for a promise
 */
record LogEntry(long ballot, long slot, long chosenThrough, byte[] value) {
    static LogEntry promise(final long ballot, final long slot) {
        return new LogEntry(ballot, slot, 0, null);
    }

    boolean isPromise() {
        return value == null;
    }
}
