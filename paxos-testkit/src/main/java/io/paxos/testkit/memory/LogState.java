package io.paxos.testkit.memory;

import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * The state of a log after a list of records. It is the model that the contract compares a log with, and the state of a
 * {@link MemoryLog}.
 */
public final class LogState {
    private final TreeMap<Long, LogEntry> accepted = new TreeMap<>(); // by slot: the last record with a value
    private final TreeMap<Long, Long> promisedInSlot = new TreeMap<>(); // by slot: the highest ballot of its records
    private long promised; // the highest ballot of a promise for all slots; never falls
    private long chosenThrough; // the highest of all records; never falls; at least firstSlot - 1
    private long firstSlot = 1; // slots below it were trimmed; never falls

    /** The state of an empty log. */
    public LogState() {}

    /** The state after these records, in order. */
    public static LogState of(final List<LogEntry> entries) {
        final LogState state = new LogState();
        entries.forEach(state::take);
        return state;
    }

    /** Adds one record. What it says of a trimmed slot does not count. */
    public void take(final LogEntry entry) {
        chosenThrough = Math.max(chosenThrough, entry.chosenThrough());
        if (entry.slot() == 0) {
            promised = Math.max(promised, entry.ballot());
            return;
        }
        if (entry.slot() < firstSlot) {
            return;
        }
        promisedInSlot.merge(entry.slot(), entry.ballot(), Math::max);
        if (!entry.isPromise()) {
            accepted.put(entry.slot(), entry);
        }
    }

    /** Forgets the values and promises of all slots through this one. */
    public void trim(final long throughSlot) {
        if (throughSlot >= firstSlot) {
            accepted.headMap(throughSlot, true).clear();
            promisedInSlot.headMap(throughSlot, true).clear();
            firstSlot = throughSlot + 1;
            chosenThrough = Math.max(chosenThrough, throughSlot);
        }
    }

    /** The first slot that was not trimmed. */
    public long firstSlot() {
        return firstSlot;
    }

    /** The ballot promised for all slots; 0 for none. */
    public long promised() {
        return promised;
    }

    /** The ballot promised for this slot, by a promise for it, for all slots, or by an accepted value; 0 for none. */
    public long promised(final long slot) {
        return Math.max(promised, promisedInSlot.getOrDefault(slot, 0L));
    }

    /** The highest slot with a value that was not trimmed; 0 for none. */
    public long lastSlot() {
        return accepted.isEmpty() ? 0 : accepted.lastKey();
    }

    /** Every slot through this one was known chosen, trimmed ones included; 0 for none. */
    public long chosenThrough() {
        return chosenThrough;
    }

    /** The ballot of the value in this slot; 0 for none. */
    public long acceptedBallot(final long slot) {
        final LogEntry entry = accepted.get(slot);
        return entry == null ? 0 : entry.ballot();
    }

    /** The value in this slot, not copied; null if there is none. */
    public byte[] value(final long slot) {
        final LogEntry entry = accepted.get(slot);
        return entry == null ? null : entry.value();
    }

    /** The length of all values that were not trimmed, in bytes. */
    public long bytes() {
        return accepted.values().stream()
                .mapToLong(entry -> entry.value().length)
                .sum();
    }

    /** The slots with a promise of their own or a value, ascending. A view. */
    public Collection<Long> slots() {
        return promisedInSlot.keySet();
    }
}
