package io.paxos.testkit.memory;

import io.paxos.spi.AgronaFlags;
import java.util.ArrayList;
import java.util.List;

/**
 * A disk without files. It outlives the {@link MemoryLog} that is open on it, so that a test can restart and crash
 * replicas within one process.
 *
 * <p>One thread at a time, and one open log.
 */
public final class MemoryDisk {
    private final int valueLengthMax;
    private final List<LogEntry> entries; // every record, in the order of the appends
    private int forced; // this many of the entries are durable; never falls, <= entries.size()
    private int incarnation; // of the last opening; 0 before the first one
    private long trimmedThrough; // slots through this one were trimmed; never falls
    private boolean isInUse; // whether a log is open

    /** An empty disk for values of at most this many bytes. */
    public MemoryDisk(final int valueLengthMax) {
        this(valueLengthMax, List.of(), 0, 0);
        if (valueLengthMax < 1) {
            throw new IllegalArgumentException("valueLengthMax=" + valueLengthMax);
        }
    }

    private MemoryDisk(
            final int valueLengthMax, final List<LogEntry> entries, final int incarnation, final long trimmedThrough) {
        this.valueLengthMax = valueLengthMax;
        this.entries = new ArrayList<>(entries);
        this.forced = entries.size();
        this.incarnation = incarnation;
        this.trimmedThrough = trimmedThrough;
    }

    /**
     * Opens the log that is on this disk.
     *
     * @throws IllegalStateException if it is open
     */
    public MemoryLog open() {
        AgronaFlags.require();
        if (isInUse) {
            throw new IllegalStateException("the log on this disk is open");
        }
        isInUse = true;
        incarnation++;
        final LogState state = LogState.of(entries);
        state.trim(trimmedThrough);
        return new MemoryLog(this, incarnation, state);
    }

    /**
     * A copy as a power loss would leave it now: without the records that are not durable. This disk stays as it is.
     */
    public MemoryDisk afterPowerLoss() {
        return new MemoryDisk(valueLengthMax, entries.subList(0, forced), incarnation, trimmedThrough);
    }

    int valueLengthMax() {
        return valueLengthMax;
    }

    void append(final LogEntry entry) {
        entries.add(entry);
    }

    void trim(final long throughSlot) {
        trimmedThrough = Math.max(trimmedThrough, throughSlot);
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
        isInUse = false;
    }
}
