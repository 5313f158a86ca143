package io.paxos.statemachine;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Takes the bytes of a snapshot, in order. Little endian. */
public interface SnapshotSink {
    /** About how many bytes one slice should have. */
    int SLICE_BYTES = 64 << 10;

    /** Appends bytes, which are copied. */
    void write(DirectBuffer buffer, int offset, int length);

    void writeInt(int value);

    void writeLong(long value);

    /** Appends a length and that many bytes. */
    default void writeBytes(final byte[] bytes) {
        writeInt(bytes.length);
        write(new UnsafeBuffer(bytes), 0, bytes.length);
    }
}
