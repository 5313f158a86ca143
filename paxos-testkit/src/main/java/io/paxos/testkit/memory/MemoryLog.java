package io.paxos.testkit.memory;

import io.paxos.spi.AcceptorLog;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A log on a {@link MemoryDisk}: the simplest one that keeps the contract. Positions count records. {@link #sync} makes
 * all of them durable before it returns.
 */
public final class MemoryLog implements AcceptorLog {
    private final MemoryDisk disk;
    private final int incarnation;
    private final LogState state; // after every record of the disk
    private boolean isReading; // whether a reader is being called
    private boolean isClosed; // never false again

    MemoryLog(final MemoryDisk disk, final int incarnation, final LogState state) {
        this.disk = disk;
        this.incarnation = incarnation;
        this.state = state;
    }

    @Override
    public int incarnation() {
        return incarnation;
    }

    @Override
    public long promised() {
        return state.promised();
    }

    @Override
    public long promised(final long slot) {
        return state.promised(slot);
    }

    @Override
    public long firstSlot() {
        return state.firstSlot();
    }

    @Override
    public long lastSlot() {
        return state.lastSlot();
    }

    @Override
    public long chosenThrough() {
        return state.chosenThrough();
    }

    @Override
    public long acceptedBallot(final long slot) {
        return state.acceptedBallot(slot);
    }

    @Override
    public ReadResult read(final long slot, final ValueReader reader) {
        requireOpen();
        final byte[] value = state.value(slot);
        if (value == null) {
            return slot < state.firstSlot() ? ReadResult.TRIMMED : ReadResult.ABSENT;
        }
        if (isReading) {
            throw new IllegalStateException("a reader must not read another slot: slot=" + slot);
        }
        final UnsafeBuffer view = new UnsafeBuffer(value.clone()); // a copy, so that the reader cannot change the disk
        isReading = true;
        try {
            reader.value(slot, state.acceptedBallot(slot), view, 0, value.length);
        } finally {
            isReading = false;
            view.wrap(0, 0);
        }
        return ReadResult.FOUND;
    }

    @Override
    public void trim(final long throughSlot) {
        requireOpen();
        state.trim(throughSlot);
        disk.trim(throughSlot);
    }

    /** Each slot gives back its space at once. Bytes are those of values. */
    @Override
    public long trimPoint(final long throughSlot, final long keepBytes) {
        long bytes = 0;
        for (long slot = state.lastSlot(); slot >= state.firstSlot() && bytes < keepBytes; slot--) {
            final byte[] value = state.value(slot);
            bytes += value == null ? 0 : value.length;
            if (bytes >= keepBytes) {
                return Math.max(state.firstSlot() - 1, Math.min(throughSlot, slot - 1));
            }
        }
        return keepBytes > bytes ? state.firstSlot() - 1 : Math.max(state.firstSlot() - 1, throughSlot);
    }

    @Override
    public long bytes() {
        return state.bytes();
    }

    @Override
    public void promise(final long ballot) {
        requireNoFall(ballot, state.promised());
        append(LogEntry.promise(ballot, 0));
    }

    @Override
    public void promise(final long ballot, final long slot) {
        requireSlot(slot);
        requireNoFall(ballot, state.promised(slot));
        append(LogEntry.promise(ballot, slot));
    }

    @Override
    public void accept(
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        requireSlot(slot);
        if (length > disk.valueLengthMax()) {
            throw new IllegalArgumentException(
                    "a value of " + length + " bytes exceeds valueLengthMax=" + disk.valueLengthMax());
        }
        final byte[] copy = new byte[length];
        value.getBytes(offset, copy);
        append(new LogEntry(ballot, slot, chosenThrough, copy));
    }

    @Override
    public long appendedPosition() {
        return disk.appended();
    }

    @Override
    public long durablePosition() {
        return disk.forced();
    }

    @Override
    public int sync() {
        requireOpen();
        final int work = disk.appended() - disk.forced();
        disk.force();
        return work;
    }

    /** Does nothing: the durable position moves in {@link #sync} only, on the thread of the caller. */
    @Override
    public void onDurable(final Runnable wakeup) {}

    @Override
    public int valueLengthMax() {
        return disk.valueLengthMax();
    }

    @Override
    public String durability() {
        return "replicated";
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            disk.release();
        }
    }

    private void append(final LogEntry entry) {
        requireOpen();
        disk.append(entry);
        state.take(entry);
    }

    private void requireOpen() {
        if (isClosed) {
            throw new IllegalStateException("the log is closed");
        }
    }

    private void requireSlot(final long slot) {
        if (slot < state.firstSlot()) {
            throw new IllegalArgumentException("slot=" + slot + " is below the first slot, " + state.firstSlot());
        }
    }

    private static void requireNoFall(final long ballot, final long promised) {
        if (ballot < 1 || ballot < promised) {
            throw new IllegalArgumentException("a promise never falls: promised=" + promised + " ballot=" + ballot);
        }
    }
}
