package io.paxos.testkit.contract;

import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/** What a log remembers after some records, by the plainest means. */
final class LogState {
    private final TreeMap<Long, LogEntry> accepted = new TreeMap<>();
    private final TreeMap<Long, Long> promisedInSlot = new TreeMap<>();
    private long promised;
    private long chosenThrough;

    static LogState of(final List<LogEntry> entries) {
        final LogState state = new LogState();
        entries.forEach(state::take);
        return state;
    }

    void take(final LogEntry entry) {
        if (entry.slot() == 0) {
            promised = Math.max(promised, entry.ballot());
            return;
        }
        promisedInSlot.merge(entry.slot(), entry.ballot(), Math::max);
        if (!entry.isPromise()) {
            accepted.put(entry.slot(), entry);
            chosenThrough = Math.max(chosenThrough, entry.chosenThrough());
        }
    }

    long promised() {
        return promised;
    }

    long promised(final long slot) {
        return Math.max(promised, promisedInSlot.getOrDefault(slot, 0L));
    }

    long lastSlot() {
        return accepted.isEmpty() ? 0 : accepted.lastKey();
    }

    long chosenThrough() {
        return chosenThrough;
    }

    long acceptedBallot(final long slot) {
        final LogEntry entry = accepted.get(slot);
        return entry == null ? 0 : entry.ballot();
    }

    /** Null if nothing was accepted. */
    byte[] value(final long slot) {
        final LogEntry entry = accepted.get(slot);
        return entry == null ? null : entry.value();
    }

    /** The slots with a promise of their own or a value. */
    Collection<Long> slots() {
        return promisedInSlot.keySet();
    }
}
