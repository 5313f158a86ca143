package io.paxos.testkit.contract;

import java.util.ArrayList;
import java.util.List;

/**
 * What outlives a {@link MemoryLog}: a disk without files, for tests that restart and crash replicas within one
 * process.
 *
 * <p>One thread at a time, and one open log.
 */
public final class MemoryDisk {
    private final int valueLengthMax;
    private final List<LogEntry> entries;
    private int forced; // how many of them are durable
    private int incarnation;
    private boolean inUse;

    /** An empty disk for values of at most this many bytes. */
    public MemoryDisk(final int valueLengthMax) {
        this(valueLengthMax, List.of(), 0);
        if (valueLengthMax < 1) {
            throw new IllegalArgumentException("valueLengthMax=" + valueLengthMax);
        }
    }

    private MemoryDisk(final int valueLengthMax, final List<LogEntry> entries, final int incarnation) {
        this.valueLengthMax = valueLengthMax;
        this.entries = new ArrayList<>(entries);
        this.forced = entries.size();
        this.incarnation = incarnation;
    }

    /**
     * Opens the log that is on this disk.
     *
     * @throws IllegalStateException if it is open
     */
    public MemoryLog open() {
        if (inUse) {
            throw new IllegalStateException("the log on this disk is open");
        }
        inUse = true;
        incarnation++;
        return new MemoryLog(this, incarnation, LogState.of(entries));
    }

    /** The disk as a loss of power would leave it now: without what was not synced. This one goes on. */
    public MemoryDisk afterPowerLoss() {
        return new MemoryDisk(valueLengthMax, entries.subList(0, forced), incarnation);
    }

    int valueLengthMax() {
        return valueLengthMax;
    }

    void append(final LogEntry entry) {
        entries.add(entry);
    }

    int appended() {
        return entries.size();
    }

    int forced() {
        return forced;
    }

    void force() {
        forced = entries.size();
    }

    void release() {
        force();
        inUse = false;
    }
}
