package io.paxos.benchmarks.load;

import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.DirectBuffer;

/**
 * The state machine that all libraries execute: counts commands, and mixes every byte into a checksum that depends on
 * their order. One thread executes; any may look, and sees a checksum that belongs to its count once nothing moves.
 */
public final class CounterState {
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final AtomicLong count = new AtomicLong();
    private long checksum; // published by the count

    /** Starts at zero. */
    public CounterState() {}

    /** Executes one command; answers how many there have been. */
    public long apply(final DirectBuffer command, final int offset, final int length) {
        final int end = offset + length;
        long mixed = checksum;
        int at = offset;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            mixed = mix(mixed, command.getLong(at, ByteOrder.LITTLE_ENDIAN));
        }
        for (; at < end; at++) {
            mixed = mix(mixed, command.getByte(at));
        }
        checksum = mixed;
        final long now = count.getPlain() + 1;
        count.setRelease(now);
        return now;
    }

    /** How many commands were executed. */
    public long count() {
        return count.getAcquire();
    }

    /** Takes the place of what was executed so far, as a snapshot told. */
    public void restore(final long newCount, final long newChecksum) {
        checksum = newChecksum;
        count.setRelease(newCount);
    }

    /** What one replica of this id holds. */
    public Library.Holding holding(final int member) {
        return new Library.Holding(member, count.getAcquire(), checksum);
    }

    private static long mix(final long before, final long word) {
        final long product = (before ^ word) * MULTIPLIER;
        return product ^ product >>> 29;
    }
}
