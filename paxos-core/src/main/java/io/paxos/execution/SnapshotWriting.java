package io.paxos.execution;

import io.paxos.spi.SnapshotStore;
import io.paxos.statemachine.SnapshotSink;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Takes the bytes of one snapshot from a state machine. */
final class SnapshotWriting implements SnapshotSink {
    private final SnapshotStore.Output output;
    private final UnsafeBuffer number = new UnsafeBuffer(new byte[Long.BYTES]);
    private long length; // of all bytes so far

    SnapshotWriting(final SnapshotStore.Output output) {
        this.output = output;
    }

    @Override
    public void write(final DirectBuffer buffer, final int offset, final int count) {
        buffer.boundsCheck(offset, count);
        output.write(buffer, offset, count);
        length += count;
    }

    @Override
    public void writeInt(final int value) {
        number.putInt(0, value, ByteOrder.LITTLE_ENDIAN);
        write(number, 0, Integer.BYTES);
    }

    @Override
    public void writeLong(final long value) {
        number.putLong(0, value, ByteOrder.LITTLE_ENDIAN);
        write(number, 0, Long.BYTES);
    }

    long length() {
        return length;
    }
}
