package io.paxos.transport.tcp;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.paxos.transport.wire.Checksum;
import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.FrameLayout;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The first {@link #LENGTH} bytes on a connection, from the side that opened it: its identity, and the replica it
 * expects.
 *
 * <pre>
 *  0 magic long | 8 formatMin byte | 9 formatMax byte | 10 receiver u16 | 12 sender u16 | 14 zero u16
 * 16 cluster long | 24 group int | 28 epoch int | 32 crc32c int, over all before
 * </pre>
 */
record Hello(int formatMin, int formatMax, int receiver, FrameIdentity sender) {
    static final long MAGIC = 0x3153_4F58_4150_4F49L; // "IOPAXOS1" in the order of the bytes
    static final int LENGTH = 36;

    private static final int CRC_OFFSET = 32;

    static Hello to(final int receiver, final FrameIdentity self) {
        return new Hello(FrameLayout.FORMAT, FrameLayout.FORMAT, receiver, self);
    }

    byte[] bytes() {
        final byte[] bytes = new byte[LENGTH];
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        buffer.putLong(0, MAGIC, LITTLE_ENDIAN);
        buffer.putByte(8, (byte) formatMin);
        buffer.putByte(9, (byte) formatMax);
        buffer.putShort(10, (short) receiver, LITTLE_ENDIAN);
        buffer.putShort(12, (short) sender.self(), LITTLE_ENDIAN);
        buffer.putLong(16, sender.clusterId(), LITTLE_ENDIAN);
        buffer.putInt(24, sender.groupId(), LITTLE_ENDIAN);
        buffer.putInt(28, sender.epoch(), LITTLE_ENDIAN);
        buffer.putInt(CRC_OFFSET, new Checksum().of(buffer, 0, CRC_OFFSET), LITTLE_ENDIAN);
        return bytes;
    }

    /** Reads the {@link #LENGTH} bytes at {@code offset}; null if they are no hello. */
    static Hello read(final DirectBuffer buffer, final int offset) {
        final int crc = buffer.getInt(offset + CRC_OFFSET, LITTLE_ENDIAN);
        final int sender = buffer.getShort(offset + 12, LITTLE_ENDIAN) & 0xFFFF;
        if (buffer.getLong(offset, LITTLE_ENDIAN) != MAGIC
                || crc != new Checksum().of(buffer, offset, CRC_OFFSET)
                || sender == 0) {
            return null;
        }
        final FrameIdentity identity = new FrameIdentity(
                buffer.getLong(offset + 16, LITTLE_ENDIAN),
                buffer.getInt(offset + 24, LITTLE_ENDIAN),
                buffer.getInt(offset + 28, LITTLE_ENDIAN),
                sender);
        final int receiver = buffer.getShort(offset + 10, LITTLE_ENDIAN) & 0xFFFF;
        return new Hello(buffer.getByte(offset + 8), buffer.getByte(offset + 9), receiver, identity);
    }

    /** Whether {@code self} admits the sender. {@code isMember}: the sender is among the addresses of {@code self}. */
    Admission admit(final FrameIdentity self, final boolean isMember) {
        if (sender.clusterId() != self.clusterId()) {
            return Admission.FOREIGN_CLUSTER;
        }
        if (receiver != self.self()) {
            return Admission.WRONG_RECEIVER;
        }
        if (!isMember) {
            return Admission.NOT_A_MEMBER;
        }
        if (sender.groupId() != self.groupId()) {
            return Admission.FOREIGN_GROUP;
        }
        if (sender.epoch() != self.epoch()) {
            return Admission.WRONG_EPOCH;
        }
        if (formatMin > FrameLayout.FORMAT || formatMax < FrameLayout.FORMAT) {
            return Admission.NO_COMMON_FORMAT;
        }
        return Admission.WELCOME;
    }
}
