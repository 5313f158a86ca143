package io.paxos.transport.tcp;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.paxos.transport.wire.Checksum;
import io.paxos.transport.wire.FrameLayout;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The only {@link #LENGTH} bytes that are sent back on a connection: whether the side that opened it is admitted.
 *
 * <pre>
 *  0 magic long | 8 admission byte | 9 format byte | 10 sender u16 | 12 valueLengthMax int
 * 16 crc32c int, over all before
 * </pre>
 *
 * @param sender the replica id of the side that accepted the connection
 * @param valueLengthMax the longest value that it takes, in bytes; a longer one need not be sent
 */
record HandshakeReply(Admission admission, int format, int sender, int valueLengthMax) {
    static final int LENGTH = 20;

    private static final int CRC_OFFSET = 16;

    static HandshakeReply of(final Admission admission, final int self, final int valueLengthMax) {
        return new HandshakeReply(admission, FrameLayout.FORMAT, self, valueLengthMax);
    }

    byte[] bytes() {
        final byte[] bytes = new byte[LENGTH];
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        buffer.putLong(0, Hello.MAGIC, LITTLE_ENDIAN);
        buffer.putByte(8, (byte) admission.code());
        buffer.putByte(9, (byte) format);
        buffer.putShort(10, (short) sender, LITTLE_ENDIAN);
        buffer.putInt(12, valueLengthMax, LITTLE_ENDIAN);
        buffer.putInt(CRC_OFFSET, new Checksum().of(buffer, 0, CRC_OFFSET), LITTLE_ENDIAN);
        return bytes;
    }

    /** Reads the {@link #LENGTH} bytes that came back on a connection to {@code peer}. */
    static HandshakeReply read(final byte[] bytes, final int peer) {
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        final int crc = buffer.getInt(CRC_OFFSET, LITTLE_ENDIAN);
        final int sender = buffer.getShort(10, LITTLE_ENDIAN) & 0xFFFF;
        final int format = buffer.getByte(9);
        final int valueLengthMax = buffer.getInt(12, LITTLE_ENDIAN);
        Admission admission = Admission.of(buffer.getByte(8));
        if (buffer.getLong(0, LITTLE_ENDIAN) != Hello.MAGIC || crc != new Checksum().of(buffer, 0, CRC_OFFSET)) {
            admission = Admission.NOT_PAXOS;
        } else if (admission == Admission.WELCOME && sender != peer) {
            admission = Admission.WRONG_RECEIVER;
        } else if (admission == Admission.WELCOME && format != FrameLayout.FORMAT) {
            admission = Admission.NO_COMMON_FORMAT;
        } else if (admission == Admission.WELCOME && valueLengthMax < 0) {
            admission = Admission.NOT_PAXOS;
        }
        return new HandshakeReply(admission, format, sender, valueLengthMax);
    }
}
