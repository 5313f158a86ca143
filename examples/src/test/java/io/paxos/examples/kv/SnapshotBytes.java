package io.paxos.examples.kv;

import io.paxos.statemachine.SnapshotSink;
import io.paxos.statemachine.SnapshotSource;
import io.paxos.statemachine.SnapshotWriter;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** A snapshot in memory. */
final class SnapshotBytes implements SnapshotSink {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int sliceBytes;

    /** Writes a slice. Returns whether more is to be written. */
    boolean writeSlice(final SnapshotWriter writer) {
        final int before = bytes.size();
        final boolean hasMore = writer.writeSlice(this);
        sliceBytes = bytes.size() - before;
        return hasMore;
    }

    /** Writes all that is left, and closes the writer. */
    byte[] finish(final SnapshotWriter writer) {
        while (writeSlice(writer)) {}
        writer.close();
        return bytes.toByteArray();
    }

    /** How long the slice was that was written last. */
    int sliceBytes() {
        return sliceBytes;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    @Override
    public void write(final DirectBuffer buffer, final int offset, final int length) {
        final byte[] copy = new byte[length];
        buffer.getBytes(offset, copy);
        bytes.writeBytes(copy);
    }

    @Override
    public void writeInt(final int value) {
        bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }

    @Override
    public void writeLong(final long value) {
        bytes.writeBytes(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
    }

    static SnapshotSource source(final byte[] bytes) {
        return new Source(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    private record Source(ByteBuffer bytes) implements SnapshotSource {
        @Override
        public void read(final MutableDirectBuffer buffer, final int offset, final int length) {
            requireLeft(length);
            buffer.putBytes(offset, bytes, length);
        }

        @Override
        public int readInt() {
            requireLeft(Integer.BYTES);
            return bytes.getInt();
        }

        @Override
        public long readLong() {
            requireLeft(Long.BYTES);
            return bytes.getLong();
        }

        @Override
        public byte[] readBytes() {
            final int length = readInt();
            requireLeft(length);
            final byte[] read = new byte[length];
            bytes.get(read);
            return read;
        }

        private void requireLeft(final int length) {
            if (length < 0 || length > bytes.remaining()) {
                throw new IllegalStateException("the snapshot ends too early");
            }
        }
    }
}
