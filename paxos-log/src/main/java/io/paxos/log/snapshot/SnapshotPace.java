package io.paxos.log.snapshot;

import java.util.function.LongSupplier;

/**
 * Leaves the disk to the log for three quarters of the time while a snapshot is written and the log is in use. A force
 * of the log waits for what the disk does just then. One thread, which writes the snapshot.
 *
 * <p>Example: the disk took 4 ms for 1 MiB of the snapshot, and the log has grown meanwhile. The thread rests 12 ms. If
 * the log has not grown, it does not rest.
 */
final class SnapshotPace {
    private static final long REST_SHARES = 3;

    /** So that a disk that hangs once does not hold up the snapshot for long. */
    private static final long REST_MAX_NS = 100_000_000;

    private final LongSupplier appendedBytes;
    private long seenBytes;
    private long busyNs; // since the last rest

    /** {@code appendedBytes}: how much was appended to the log so far. Any thread. */
    SnapshotPace(final LongSupplier appendedBytes) {
        this.appendedBytes = appendedBytes;
        seenBytes = appendedBytes.getAsLong();
    }

    /** The disk was used for so long. */
    void worked(final long durationNs) {
        busyNs += durationNs;
    }

    /** How long the thread is to rest now; 0 if the log was not in use. */
    long restNs() {
        final long bytes = appendedBytes.getAsLong();
        final boolean isInUse = bytes != seenBytes;
        final long restNs = isInUse ? Math.min(REST_MAX_NS, REST_SHARES * busyNs) : 0;
        seenBytes = bytes;
        busyNs = 0;
        return restNs;
    }
}
