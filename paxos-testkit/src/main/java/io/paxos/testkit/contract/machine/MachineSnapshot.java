package io.paxos.testkit.contract.machine;

import io.paxos.statemachine.SnapshotSink;
import io.paxos.statemachine.SnapshotSource;
import io.paxos.statemachine.SnapshotWriter;
import io.paxos.statemachine.Snapshotting;
import io.paxos.statemachine.StateMachine;
import io.paxos.testkit.contract.BrokenPromise;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;

/** One snapshot in memory: begins it, takes its slices, and lets other state machines read it. */
final class MachineSnapshot {
    private static final int SLICES_MAX = 100_000;
    private static final String WRITES = "while it writes its snapshot";

    private final String promise; // broken by an exception
    private final SnapshotWriter writer;
    private final WrittenBytes bytes = new WrittenBytes();
    private boolean hasMore = true;
    private int slices;

    private MachineSnapshot(final String promise, final SnapshotWriter writer) {
        this.promise = promise;
        this.writer = writer;
    }

    /** Begins one. The machine breaks {@code promise} if this or a later call throws. */
    static MachineSnapshot begin(final StateMachine machine, final String promise) {
        try {
            return new MachineSnapshot(promise, ((Snapshotting) machine).writeSnapshot());
        } catch (final RuntimeException | Error e) {
            throw broken(promise, "when it begins a snapshot", e);
        }
    }

    /** One that is written without a pause. */
    static MachineSnapshot of(final StateMachine machine, final String promise) {
        final MachineSnapshot snapshot = begin(machine, promise);
        snapshot.finish();
        return snapshot;
    }

    /** Takes the next slice, if there is one. */
    void slice() {
        if (!hasMore) {
            return;
        }
        try {
            hasMore = writer.writeSlice(bytes);
        } catch (final RuntimeException | Error e) {
            throw broken(promise, WRITES, e);
        }
        if (++slices > SLICES_MAX) {
            throw new BrokenPromise(promise, "after " + SLICES_MAX + " slices there is more to be written");
        }
    }

    /** Takes all other slices. */
    void finish() {
        while (hasMore) {
            slice();
        }
        close();
    }

    void close() {
        try {
            writer.close();
        } catch (final RuntimeException | Error e) {
            throw broken(promise, WRITES, e);
        }
    }

    /** Replaces the machine's state by this. Returns how many bytes it read. */
    int readBy(final StateMachine machine) {
        final CutSource source = new CutSource(bytes.buffer, bytes.length);
        try {
            ((Snapshotting) machine).readSnapshot(source);
        } catch (final RuntimeException | Error e) {
            throw broken(promise, "when another instance reads the snapshot", e);
        }
        return source.position;
    }

    /** Lets the machine read the first bytes alone, fewer than it needs. It must not take them for a snapshot. */
    void cutReadBy(final StateMachine machine, final int length) {
        try {
            ((Snapshotting) machine).readSnapshot(new CutSource(bytes.buffer, length));
        } catch (final IllegalArgumentException | IllegalStateException e) {
            return;
        } catch (final RuntimeException | Error e) {
            throw broken(MachinePromises.SNAPSHOT_DAMAGED, "when the source of a snapshot throws", e);
        }
        throw new BrokenPromise(
                MachinePromises.SNAPSHOT_DAMAGED,
                "it takes the first " + length + " of " + bytes.length + " bytes for the whole snapshot");
    }

    private static BrokenPromise broken(final String promise, final String when, final Throwable e) {
        final BrokenPromise broken = new BrokenPromise(promise, "the state machine throws " + e + " " + when);
        broken.initCause(e);
        return broken;
    }

    private static final class WrittenBytes implements SnapshotSink {
        private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
        private int length;

        @Override
        public void write(final DirectBuffer source, final int offset, final int count) {
            buffer.putBytes(length, source, offset, count);
            length += count;
        }

        @Override
        public void writeInt(final int value) {
            buffer.putInt(length, value);
            length += Integer.BYTES;
        }

        @Override
        public void writeLong(final long value) {
            buffer.putLong(length, value);
            length += Long.BYTES;
        }
    }

    private static final class CutSource implements SnapshotSource {
        private final DirectBuffer buffer;
        private final int length;
        private int position;

        CutSource(final DirectBuffer buffer, final int length) {
            this.buffer = buffer;
            this.length = length;
        }

        @Override
        public void read(final MutableDirectBuffer target, final int offset, final int count) {
            target.putBytes(offset, buffer, next(count), count);
        }

        @Override
        public int readInt() {
            return buffer.getInt(next(Integer.BYTES));
        }

        @Override
        public long readLong() {
            return buffer.getLong(next(Long.BYTES));
        }

        @Override
        public byte[] readBytes() {
            final int count = readInt();
            final int from = next(count);
            final byte[] read = new byte[count];
            buffer.getBytes(from, read);
            return read;
        }

        /** Where the next bytes are. */
        private int next(final int count) {
            if (count < 0 || count > length - position) {
                throw new IllegalStateException("the snapshot ends after " + length + " bytes, and " + count
                        + " are asked for at byte " + position);
            }
            position += count;
            return position - count;
        }
    }
}
