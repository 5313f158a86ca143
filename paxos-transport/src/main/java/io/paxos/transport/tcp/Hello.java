package io.paxos.transport.tcp;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.paxos.spi.Handshake;
import io.paxos.transport.wire.Checksum;
import io.paxos.transport.wire.FrameIdentity;
import java.util.Collection;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The first bytes on a connection, from the side that opened it: its identity, the replica it expects, and its card.
 *
 * <pre>
 *  0 magic long | 8 formatMin byte | 9 formatMax byte | 10 receiver u16 | 12 sender u16 | 14 zero u16
 * 16 cluster long | 24 group int | 28 epoch int | 32 crc32c int, over all before
 * 36 card length u16 | 38 card | then crc32c int, over all before
 * </pre>
 *
 * <p>A hello of format 1 ends at 36. A build of that time reads the first 36 bytes of this one and replies that no
 * format is common.
 *
 * @param formatMin the lowest format of the handshake that the sender knows; not the format of its frames
 * @param formatMax the highest one
 * @param card what the replica of the sender says of itself; empty if it says nothing
 */
record Hello(int formatMin, int formatMax, int receiver, FrameIdentity sender, DirectBuffer card) {
    static final long MAGIC = 0x3153_4F58_4150_4F49L; // "IOPAXOS1" in the order of the bytes

    /** The format of the handshake. It changes apart from that of the frames, which is 1 after this handshake. */
    static final int FORMAT = 2;

    static final int HEAD_LENGTH = 36;
    static final int LENGTH_MAX = HEAD_LENGTH + Short.BYTES + Handshake.CARD_LENGTH_MAX + Integer.BYTES;

    /** The bytes are no hello, whatever follows. */
    static final int INVALID = -1;

    private static final int HEAD_CRC_OFFSET = 32;
    private static final int CARD_OFFSET = HEAD_LENGTH + Short.BYTES;

    static Hello to(final int receiver, final FrameIdentity self, final DirectBuffer card) {
        return new Hello(FORMAT, FORMAT, receiver, self, card);
    }

    byte[] bytes() {
        final byte[] bytes = new byte[CARD_OFFSET + card.capacity() + Integer.BYTES];
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        buffer.putLong(0, MAGIC, LITTLE_ENDIAN);
        buffer.putByte(8, (byte) formatMin);
        buffer.putByte(9, (byte) formatMax);
        buffer.putShort(10, (short) receiver, LITTLE_ENDIAN);
        buffer.putShort(12, (short) sender.self(), LITTLE_ENDIAN);
        buffer.putLong(16, sender.clusterId(), LITTLE_ENDIAN);
        buffer.putInt(24, sender.groupId(), LITTLE_ENDIAN);
        buffer.putInt(28, sender.epoch(), LITTLE_ENDIAN);
        buffer.putInt(HEAD_CRC_OFFSET, new Checksum().of(buffer, 0, HEAD_CRC_OFFSET), LITTLE_ENDIAN);
        buffer.putShort(HEAD_LENGTH, (short) card.capacity(), LITTLE_ENDIAN);
        buffer.putBytes(CARD_OFFSET, card, 0, card.capacity());
        final int crcOffset = CARD_OFFSET + card.capacity();
        buffer.putInt(crcOffset, new Checksum().of(buffer, 0, crcOffset), LITTLE_ENDIAN);
        return bytes;
    }

    /**
     * How long the hello at {@code offset} is, as far as the first {@code available} bytes tell: more than those if
     * more must arrive before it can be read; {@link #INVALID} if it can never be. Never more than {@link #LENGTH_MAX}.
     */
    static int lengthOf(final DirectBuffer buffer, final int offset, final int available) {
        if (available < HEAD_LENGTH) {
            return HEAD_LENGTH;
        }
        if (!isHead(buffer, offset)) {
            return INVALID;
        }
        if (!isCommon(buffer.getByte(offset + 8), buffer.getByte(offset + 9))) {
            return HEAD_LENGTH; // where a card would be is not known
        }
        if (available < CARD_OFFSET) {
            return CARD_OFFSET;
        }
        final int cardLength = buffer.getShort(offset + HEAD_LENGTH, LITTLE_ENDIAN) & 0xFFFF;
        return cardLength > Handshake.CARD_LENGTH_MAX ? INVALID : CARD_OFFSET + cardLength + Integer.BYTES;
    }

    /** Reads the hello at {@code offset}; {@code length} is that of {@link #lengthOf}. Null if it is damaged. */
    static Hello read(final DirectBuffer buffer, final int offset, final int length) {
        final int crcOffset = length - Integer.BYTES;
        if (length > HEAD_LENGTH
                && buffer.getInt(offset + crcOffset, LITTLE_ENDIAN) != new Checksum().of(buffer, offset, crcOffset)) {
            return null;
        }
        final byte[] card = new byte[Math.max(0, crcOffset - CARD_OFFSET)];
        if (card.length > 0) {
            buffer.getBytes(offset + CARD_OFFSET, card);
        }
        final FrameIdentity identity = new FrameIdentity(
                buffer.getLong(offset + 16, LITTLE_ENDIAN),
                buffer.getInt(offset + 24, LITTLE_ENDIAN),
                buffer.getInt(offset + 28, LITTLE_ENDIAN),
                buffer.getShort(offset + 12, LITTLE_ENDIAN) & 0xFFFF);
        return new Hello(
                buffer.getByte(offset + 8),
                buffer.getByte(offset + 9),
                buffer.getShort(offset + 10, LITTLE_ENDIAN) & 0xFFFF,
                identity,
                new UnsafeBuffer(card));
    }

    private static boolean isHead(final DirectBuffer buffer, final int offset) {
        return buffer.getLong(offset, LITTLE_ENDIAN) == MAGIC
                && buffer.getInt(offset + HEAD_CRC_OFFSET, LITTLE_ENDIAN)
                        == new Checksum().of(buffer, offset, HEAD_CRC_OFFSET)
                && buffer.getShort(offset + 12, LITTLE_ENDIAN) != 0;
    }

    private static boolean isCommon(final int formatMin, final int formatMax) {
        return formatMin <= FORMAT && formatMax >= FORMAT;
    }

    /**
     * Whether {@code self} admits the sender, as far as addresses and identities tell.
     *
     * @param members all replicas that {@code self} has an address of, its own included
     */
    HelloVerdict judge(final FrameIdentity self, final Collection<Integer> members) {
        final Admission admission = admission(self, members);
        return new HelloVerdict(admission, describe(admission, self, members));
    }

    private Admission admission(final FrameIdentity self, final Collection<Integer> members) {
        if (sender.clusterId() != self.clusterId()) {
            return Admission.FOREIGN_CLUSTER;
        }
        if (receiver != self.self()) {
            return Admission.WRONG_RECEIVER;
        }
        if (sender.self() == self.self() || !members.contains(sender.self())) {
            return Admission.NOT_A_MEMBER;
        }
        if (sender.groupId() != self.groupId()) {
            return Admission.FOREIGN_GROUP;
        }
        if (sender.epoch() != self.epoch()) {
            return Admission.WRONG_EPOCH;
        }
        return isCommon(formatMin, formatMax) ? Admission.WELCOME : Admission.NO_COMMON_FORMAT;
    }

    /** What differs, with the values of both and what to do, for the logs of both. */
    private String describe(final Admission admission, final FrameIdentity self, final Collection<Integer> members) {
        final String from = "replica " + sender.self();
        final String here = "replica " + self.self();
        return switch (admission) {
            case WRONG_RECEIVER ->
                from + " looks for replica " + receiver + " at an address where " + here
                        + " listens; correct the addresses of " + from;
            case NOT_A_MEMBER ->
                from.equals(here)
                        ? "there are two of " + here + "; correct the id of one, or stop it"
                        : from + " is not among the addresses of " + here + ", which are of " + sorted(members)
                                + "; add it there, or stop it";
            case FOREIGN_CLUSTER ->
                from + " is of cluster " + clusterText(sender) + ", " + here + " of cluster " + clusterText(self)
                        + "; correct the cluster id, or the address";
            case FOREIGN_GROUP ->
                from + " is of group " + sender.groupId() + ", " + here + " of group " + self.groupId()
                        + "; correct the group id, or the address";
            case WRONG_EPOCH ->
                from + " is in epoch " + sender.epoch() + ", " + here + " in epoch " + self.epoch()
                        + "; restart the one whose configuration is older";
            case NO_COMMON_FORMAT ->
                from + " has handshake formats " + formatMin + " to " + formatMax + ", " + here + " has format "
                        + FORMAT + "; upgrade the older one";
            default -> "";
        };
    }

    private static String sorted(final Collection<Integer> members) {
        return members.stream().sorted().toList().toString();
    }

    private static String clusterText(final FrameIdentity identity) {
        return identity.clusterId() == 0 ? "0 (none was given)" : Long.toString(identity.clusterId());
    }
}
