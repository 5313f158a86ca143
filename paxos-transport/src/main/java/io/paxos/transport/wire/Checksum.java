package io.paxos.transport.wire;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/**
 * CRC32C of a part of a buffer, by the intrinsic of the JVM and without allocation. One thread.
 *
 * <p>Moves position and limit of the {@link ByteBuffer} under the buffer; making a duplicate per call would be garbage.
 */
public final class Checksum {
    private final CRC32C crc = new CRC32C();

    /** The checksum of {@code length} bytes at {@code offset}. */
    public int of(final DirectBuffer buffer, final int offset, final int length) {
        crc.reset();
        final int start = buffer.wrapAdjustment() + offset;
        final ByteBuffer bytes = buffer.byteBuffer();
        if (bytes == null) {
            crc.update(buffer.byteArray(), start, length);
        } else {
            bytes.limit(start + length).position(start);
            crc.update(bytes);
        }
        return (int) crc.getValue();
    }
}
