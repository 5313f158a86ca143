package io.paxos.benchmarks.load;

import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.DirectBuffer;

/**
 * The state machine that all libraries execute. It counts commands of any length, and mixes every byte into a checksum
 * that depends on the order of the commands.
 *
 * <p>One thread executes. Any thread may read; a checksum belongs to the count that was read with it only while no
 * command is executed.
 */
public final class CounterState {
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    /** The number of executed commands. Written after {@code checksum}, and so publishes it. */
    private final AtomicLong count = new AtomicLong();

    /** Of all executed commands, in their order. */
    private long checksum;

    /** Starts at zero. */
    public CounterState() {}

    /** Executes one command and returns how many were executed so far. */
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

    /** How many commands were executed so far. */
    public long count() {
        return count.getAcquire();
    }

    /** Replaces the state by that of a snapshot. */
    public void restore(final long newCount, final long newChecksum) {
        checksum = newChecksum;
        count.setRelease(newCount);
    }

    /** The state as the holding of this member. */
    public Library.Holding holding(final int member) {
        return new Library.Holding(member, count.getAcquire(), checksum);
    }

    private static long mix(final long before, final long word) {
        final long product = (before ^ word) * MULTIPLIER;
        return product ^ product >>> 29;
    }
}
