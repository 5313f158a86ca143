package io.paxos.benchmarks.jmh;

import io.paxos.spi.AcceptorLog;
import java.nio.ByteBuffer;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A log that costs almost nothing. Values are copied into a ring in memory and are overwritten when the ring is full;
 * sync makes them durable at once. Positions count records. It allocates nothing and checks nothing: its user must not
 * read slots that were overwritten.
 */
final class RingLog implements AcceptorLog {
    private final int valueLengthMax;
    private final int slotMask;
    private final UnsafeBuffer values;
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private final long[] slots;
    private final long[] ballots;
    private final int[] offsets;
    private final int[] lengths;
    private int end;
    private long promised;
    private long lastSlot;
    private long chosenThrough;
    private long appended;
    private long durable;

    /** Remembers at most the last {@code slotsKept} slots, a power of two, and {@code bytesKept} bytes of values. */
    RingLog(final int slotsKept, final int bytesKept) {
        if (!BitUtil.isPowerOfTwo(slotsKept)) {
            throw new IllegalArgumentException("slotsKept must be a power of two: " + slotsKept);
        }
        slotMask = slotsKept - 1;
        valueLengthMax = bytesKept / 8;
        values = new UnsafeBuffer(ByteBuffer.allocateDirect(bytesKept));
        slots = new long[slotsKept];
        ballots = new long[slotsKept];
        offsets = new int[slotsKept];
        lengths = new int[slotsKept];
    }

    @Override
    public int incarnation() {
        return 1;
    }

    @Override
    public long promised() {
        return promised;
    }

    @Override
    public long promised(final long slot) {
        return Math.max(promised, acceptedBallot(slot));
    }

    @Override
    public long firstSlot() {
        return 1;
    }

    @Override
    public long lastSlot() {
        return lastSlot;
    }

    @Override
    public long chosenThrough() {
        return chosenThrough;
    }

    @Override
    public long acceptedBallot(final long slot) {
        final int i = (int) slot & slotMask;
        return slots[i] == slot ? ballots[i] : 0;
    }

    @Override
    public ReadResult read(final long slot, final ValueReader reader) {
        final int i = (int) slot & slotMask;
        if (slots[i] != slot) {
            return ReadResult.ABSENT;
        }
        view.wrap(values, offsets[i], lengths[i]);
        reader.value(slot, ballots[i], view, 0, lengths[i]);
        return ReadResult.FOUND;
    }

    @Override
    public void promise(final long ballot) {
        promised = ballot;
        appended++;
    }

    @Override
    public void promise(final long ballot, final long slot) {
        throw new UnsupportedOperationException("a benchmark of many decrees has no promise for one slot");
    }

    @Override
    public void accept(
            final long ballot,
            final long slot,
            final long chosen,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (end + length > values.capacity()) {
            end = 0;
        }
        final int i = (int) slot & slotMask;
        values.putBytes(end, value, offset, length);
        slots[i] = slot;
        ballots[i] = ballot;
        offsets[i] = end;
        lengths[i] = length;
        end += BitUtil.align(length, BitUtil.SIZE_OF_LONG);
        lastSlot = Math.max(lastSlot, slot);
        chosenThrough = Math.max(chosenThrough, chosen);
        appended++;
    }

    @Override
    public long appendedPosition() {
        return appended;
    }

    @Override
    public long durablePosition() {
        return durable;
    }

    @Override
    public int sync() {
        final int work = (int) (appended - durable);
        durable = appended;
        return work;
    }

    /** Nothing to do: the durable position never moves by itself. */
    @Override
    public void onDurable(final Runnable wakeup) {}

    @Override
    public int valueLengthMax() {
        return valueLengthMax;
    }

    @Override
    public String durability() {
        return "none";
    }

    @Override
    public void close() {}
}
