package io.paxos.benchmarks.load;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.SnapshotSink;
import io.paxos.statemachine.SnapshotSource;
import io.paxos.statemachine.SnapshotWriter;
import io.paxos.statemachine.Snapshotting;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The counter as a state machine of ours, with snapshots. Replies with the count and the sequence of the command, both
 * little endian; the sequence is 0 if the command is too short to have one.
 *
 * <p>Beside the counter it holds {@code stateBytes} bytes that no command changes, so that snapshots have a size. A
 * snapshot is the count, the checksum, {@code stateBytes}, and these bytes in slices of {@link
 * SnapshotSink#SLICE_BYTES}. One thread.
 */
final class CounterMachine implements Snapshotting {
    private static final int REPLY_LENGTH = 2 * Long.BYTES;
    private static final int SLICE_BYTES = SnapshotSink.SLICE_BYTES;

    private final CounterState state;
    private final UnsafeBuffer[]
            ballast; // slices of SLICE_BYTES, the last one shorter; never modified but by a snapshot
    private final long stateBytes;

    CounterMachine(final CounterState state, final long stateBytes) {
        this.state = state;
        this.stateBytes = stateBytes;
        ballast = new UnsafeBuffer[(int) ((stateBytes + SLICE_BYTES - 1) / SLICE_BYTES)];
        for (int i = 0; i < ballast.length; i++) {
            final byte[] slice = new byte[(int) Math.min(SLICE_BYTES, stateBytes - (long) i * SLICE_BYTES)];
            Arrays.fill(slice, (byte) (i + 1)); // its memory is touched
            ballast[i] = new UnsafeBuffer(slice);
        }
    }

    @Override
    public void apply(final Command command, final Reply reply) {
        final DirectBuffer buffer = command.buffer();
        final long count = state.apply(buffer, command.offset(), command.length());
        final MutableDirectBuffer answer = reply.reserve(REPLY_LENGTH);
        answer.putLong(0, count, ByteOrder.LITTLE_ENDIAN);
        final long sequence =
                command.length() < Long.BYTES ? 0 : buffer.getLong(command.offset(), ByteOrder.LITTLE_ENDIAN);
        answer.putLong(Long.BYTES, sequence, ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
        reply.reserve(Long.BYTES).putLong(0, state.count(), ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public SnapshotWriter writeSnapshot() {
        final Library.Holding then = state.holding(0);
        return new SnapshotWriter() {
            private int slice = -1; // the next one; -1 for the numbers

            @Override
            public boolean writeSlice(final SnapshotSink sink) {
                if (slice < 0) {
                    sink.writeLong(then.count());
                    sink.writeLong(then.checksum());
                    sink.writeLong(stateBytes);
                } else {
                    sink.write(ballast[slice], 0, ballast[slice].capacity());
                }
                slice++;
                return slice < ballast.length;
            }
        };
    }

    @Override
    public void readSnapshot(final SnapshotSource source) {
        final long count = source.readLong();
        final long checksum = source.readLong();
        final long itsBytes = source.readLong();
        if (itsBytes != stateBytes) {
            throw new IllegalArgumentException("a snapshot of a state with " + itsBytes + " bytes beside the counter; "
                    + "this one has " + stateBytes);
        }
        for (final UnsafeBuffer slice : ballast) {
            source.read(slice, 0, slice.capacity());
        }
        state.restore(count, checksum);
    }
}
