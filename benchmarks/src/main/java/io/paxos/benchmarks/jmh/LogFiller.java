package io.paxos.benchmarks.jmh;

import io.paxos.log.ChronicleLog;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;

/** A log in a directory of its own, filled slot by slot with one value. */
final class LogFiller implements AutoCloseable {
    private static final long BALLOT = 1L << 16 | 1;
    private static final int IDLE_YIELDS = 32;

    private final UnsafeBuffer value;
    private final ChronicleLog log;
    private long slot;

    /** Opens the log in this directory; values are {@code valueLength} bytes long. */
    LogFiller(final Path directory, final int valueLength) {
        value = new UnsafeBuffer(new byte[valueLength]);
        log = ChronicleLog.open(directory, 1, 1);
        slot = log.lastSlot();
        final Thread owner = Thread.currentThread();
        log.onDurable(() -> LockSupport.unpark(owner));
    }

    ChronicleLog log() {
        return log;
    }

    void append() {
        slot++;
        log.accept(BALLOT, slot, slot - 1, value, 0, value.capacity());
    }

    /** Appends so many records and waits for them as a replica's thread does: yields for a while, then parks. */
    @SuppressWarnings("ThreadPriorityCheck") // as the replica's thread
    void appendDurably(final int records) {
        for (int i = 0; i < records; i++) {
            append();
        }
        log.sync();
        int idle = 0;
        while (log.durablePosition() < log.appendedPosition()) {
            if (++idle <= IDLE_YIELDS) {
                Thread.yield();
            } else {
                LockSupport.park(this);
            }
        }
    }

    @Override
    public void close() {
        log.close();
    }
}
