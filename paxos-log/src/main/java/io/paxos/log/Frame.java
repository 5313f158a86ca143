package io.paxos.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The layout of one record, which is the payload of one Chronicle document. In the byte order of the machine, as
 * all that Chronicle writes, and a multiple of 4 bytes long.
 *
 * <pre>
 *  0 crc32c          int   of everything behind it, xor the salt of this log
 *  4 magic           int
 *  8 frameLength     int   header and padding included
 * 12 type            byte  OPENED, PROMISE, PROMISE_SLOT or ACCEPT
 * 13 format          byte
 * 14 0               short
 * 16 incarnation     int   of the opening that wrote it
 * 20 valueLength     int
 * 24 sequence        long  1, 2, 3, ... without a gap, over all incarnations
 * 32 durableSequence long  what was known to be on disk when this was written: every record through this one
 * 40 ballot          long
 * 48 slot            long
 * 56 chosenThrough   long
 * 64 value, then up to 3 zeros
 * </pre>
 *
 * <p>The salt comes from the storage id, which clients never see: a value that holds the image of a record, be it the copy
 * of a log, is therefore not mistaken for one when the record around it is damaged.
 */
final class Frame {
    static final int HEADER_BYTES = 64;

    /** The first record of every segment: whose log this is, and with {@link #BALLOT} what was promised by then. */
    static final byte OPENED = 1;

    static final byte PROMISE = 2;
    static final byte PROMISE_SLOT = 3;
    static final byte ACCEPT = 4;

    static final int OPENED_VALUE_BYTES = 24;

    private static final int MAGIC = 0x314C_5850; // "PXL1"
    private static final byte FORMAT = 1;

    private static final int CRC = 0;
    private static final int MAGIC_AT = 4;
    private static final int FRAME_LENGTH = 8;
    private static final int TYPE = 12;
    private static final int FORMAT_AT = 13;
    private static final int RESERVED = 14;
    private static final int INCARNATION = 16;
    private static final int VALUE_LENGTH = 20;
    private static final int SEQUENCE = 24;
    private static final int DURABLE_SEQUENCE = 32;
    private static final int BALLOT = 40;
    private static final int SLOT = 48;
    private static final int CHOSEN_THROUGH = 56;

    private final CRC32C crc32c = new CRC32C();
    private final int salt;

    /** Reads and seals the frames of one log. One thread. */
    Frame(final long storageId) {
        salt = (int) (storageId ^ storageId >>> 32);
    }

    static int frameLength(final int valueLength) {
        return (HEADER_BYTES + valueLength + 3) & ~3;
    }

    /** Writes all of the frame at {@code at} but its value and its seal; returns its length. */
    static int header(
            final MutableDirectBuffer buffer,
            final int at,
            final byte type,
            final int incarnation,
            final long sequence,
            final long durableSequence,
            final long ballot,
            final long slot,
            final long chosenThrough,
            final int valueLength) {
        final int frameLength = frameLength(valueLength);
        buffer.putInt(at + frameLength - 4, 0); // the padding; the value covers the rest of this word
        buffer.putInt(at + MAGIC_AT, MAGIC);
        buffer.putInt(at + FRAME_LENGTH, frameLength);
        buffer.putByte(at + TYPE, type);
        buffer.putByte(at + FORMAT_AT, FORMAT);
        buffer.putShort(at + RESERVED, (short) 0);
        buffer.putInt(at + INCARNATION, incarnation);
        buffer.putInt(at + VALUE_LENGTH, valueLength);
        buffer.putLong(at + SEQUENCE, sequence);
        buffer.putLong(at + DURABLE_SEQUENCE, durableSequence);
        buffer.putLong(at + BALLOT, ballot);
        buffer.putLong(at + SLOT, slot);
        buffer.putLong(at + CHOSEN_THROUGH, chosenThrough);
        return frameLength;
    }

    /** Seals the frame at {@code at}; {@code buffer} views all of {@code bytes}. */
    void seal(final MutableDirectBuffer buffer, final ByteBuffer bytes, final int at) {
        buffer.putInt(at + CRC, crc(bytes, at, buffer.getInt(at + FRAME_LENGTH)));
    }

    /** Whether a frame could begin here, by its magic alone. */
    static boolean begins(final DirectBuffer buffer, final int at) {
        return buffer.getInt(at + MAGIC_AT) == MAGIC;
    }

    /**
     * The length of the frame whose header is at {@code at}, or 0 if this cannot be a header. Says nothing about its CRC.
     *
     * <p>At least {@link #HEADER_BYTES} can be read; {@code lengthMax} bounds the answer.
     */
    static int plausibleLength(final DirectBuffer buffer, final int at, final long lengthMax) {
        if (!begins(buffer, at) || buffer.getByte(at + FORMAT_AT) != FORMAT) {
            return 0;
        }
        final int valueLength = buffer.getInt(at + VALUE_LENGTH);
        if (valueLength < 0 || valueLength > lengthMax - HEADER_BYTES) {
            return 0;
        }
        final int length = buffer.getInt(at + FRAME_LENGTH);
        final byte type = buffer.getByte(at + TYPE);
        return length == frameLength(valueLength) && length <= lengthMax && type >= OPENED && type <= ACCEPT
                ? length
                : 0;
    }

    /** Whether the frame at {@code at} is what was sealed; {@code buffer} views all of {@code bytes}. */
    boolean sound(final DirectBuffer buffer, final ByteBuffer bytes, final int at, final int frameLength) {
        return buffer.getInt(at + CRC) == crc(bytes, at, frameLength);
    }

    static byte type(final DirectBuffer buffer, final int at) {
        return buffer.getByte(at + TYPE);
    }

    static int incarnation(final DirectBuffer buffer, final int at) {
        return buffer.getInt(at + INCARNATION);
    }

    static int valueLength(final DirectBuffer buffer, final int at) {
        return buffer.getInt(at + VALUE_LENGTH);
    }

    static long sequence(final DirectBuffer buffer, final int at) {
        return buffer.getLong(at + SEQUENCE);
    }

    static long durableSequence(final DirectBuffer buffer, final int at) {
        return buffer.getLong(at + DURABLE_SEQUENCE);
    }

    static long ballot(final DirectBuffer buffer, final int at) {
        return buffer.getLong(at + BALLOT);
    }

    static long slot(final DirectBuffer buffer, final int at) {
        return buffer.getLong(at + SLOT);
    }

    static long chosenThrough(final DirectBuffer buffer, final int at) {
        return buffer.getLong(at + CHOSEN_THROUGH);
    }

    /** The value of an OPENED record: cluster id, storage id, replica id. */
    static void openedValue(final MutableDirectBuffer buffer, final int at, final Identity identity) {
        buffer.putLong(at, identity.clusterId());
        buffer.putLong(at + 8, identity.storageId());
        buffer.putInt(at + 16, identity.replicaId());
        buffer.putInt(at + 20, 0);
    }

    static Identity identity(final DirectBuffer buffer, final int at) {
        final int value = at + HEADER_BYTES;
        return new Identity(buffer.getLong(value), buffer.getInt(value + 16), buffer.getLong(value + 8));
    }

    private int crc(final ByteBuffer bytes, final int at, final int frameLength) {
        bytes.limit(at + frameLength).position(at + MAGIC_AT);
        crc32c.reset();
        crc32c.update(bytes);
        bytes.clear();
        return (int) crc32c.getValue() ^ salt;
    }
}
