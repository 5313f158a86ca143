package io.paxos.execution;

import io.paxos.spi.SnapshotStore;
import io.paxos.statemachine.SnapshotSource;
import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The bytes of one snapshot for a state machine. */
final class SnapshotReading implements SnapshotSource {
    private static final int BYTES_MAX = 1 << 30; // of one array: more is damage, and not to be allocated

    private final SnapshotStore.Input input;
    private final UnsafeBuffer number = new UnsafeBuffer(new byte[Long.BYTES]);

    SnapshotReading(final SnapshotStore.Input input) {
        this.input = input;
    }

    @Override
    public void read(final MutableDirectBuffer buffer, final int offset, final int length) {
        int done = 0;
        while (done < length) {
            final int read = input.read(buffer, offset + done, length - done);
            if (read < 0) {
                throw new IllegalStateException("the snapshot ends " + (length - done) + " bytes too early");
            }
            done += read;
        }
    }

    @Override
    public int readInt() {
        read(number, 0, Integer.BYTES);
        return number.getInt(0, ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public long readLong() {
        read(number, 0, Long.BYTES);
        return number.getLong(0, ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public byte[] readBytes() {
        final int length = readInt();
        if (length < 0 || length > Math.min(BYTES_MAX, input.length())) {
            throw new IllegalStateException("the snapshot tells of " + length + " bytes, it has " + input.length());
        }
        final byte[] bytes = new byte[length];
        read(new UnsafeBuffer(bytes), 0, length);
        return bytes;
    }

    /** Whether everything has been read. */
    boolean isAtEnd() {
        return input.read(number, 0, 1) < 0;
    }
}
