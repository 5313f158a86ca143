package io.paxos.log.segment;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The bytes of one record, which is the payload of one Chronicle document. All numbers are in the byte order of the
 * machine, as everything that Chronicle writes. A frame is a multiple of 4 bytes long, and its longs are aligned within
 * it to 8 bytes.
 *
 * <pre>
 *  0 crc32c          int   of everything behind it, xor the salt of this log
 *  4 magic           int
 *  8 epoch           int   of the configuration in which the record was made
 * 12 type            byte  OPENED, PROMISE, PROMISE_SLOT or ACCEPT
 * 13 format          byte  see LogFormat
 * 14 lengthCheck     short a checksum of valueLength, so that a damaged length is not believed
 * 16 incarnation     int   of the opening that wrote it
 * 20 valueLength     int
 * 24 sequence        long  1, 2, 3, ... without a gap, over all incarnations
 * 32 durableSequence long  every record through this one was known to be on disk when this one was written
 * 40 ballot          long
 * 48 slot            long  in an OPENED record: REUSED if the file was a segment before, otherwise 0
 * 56 chosenThrough   long
 * 64 value, then up to 3 zeros
 * </pre>
 *
 * <p>A build must be able to recognize the frames of every format, so that it can say which one it found. So crc32c,
 * magic, type, format, incarnation and valueLength keep their places, and {@link #OPENED} its number, in all formats.
 *
 * <p>A value may contain the image of a record, for example the copy of a log. The scan of a damaged segment must not
 * take it for a record. So the CRC is mixed with a salt that is made from the storage id, which clients never see.
 */
final class Frame {
    static final int HEADER_BYTES = 64;

    /** The first record of every segment: whose log it is, and in the ballot what was promised by then. */
    static final byte OPENED = 1;

    static final byte PROMISE = 2;
    static final byte PROMISE_SLOT = 3;
    static final byte ACCEPT = 4;

    static final int OPENED_VALUE_BYTES = 24;

    /** The slot of an OPENED record of which the file has old bytes behind the new ones. */
    static final long REUSED = 1;

    private static final int MAGIC = 0x314C_5850; // "PXL1"

    private static final int CRC = 0;
    private static final int MAGIC_AT = 4;
    private static final int EPOCH = 8;
    private static final int TYPE = 12;
    private static final int FORMAT = 13;
    private static final int LENGTH_CHECK = 14;
    private static final int INCARNATION = 16;
    private static final int VALUE_LENGTH = 20;
    private static final int SEQUENCE = 24;
    private static final int DURABLE_SEQUENCE = 32;
    private static final int BALLOT = 40;
    private static final int SLOT = 48;
    private static final int CHOSEN_THROUGH = 56;

    private static final int FEATURE_LEVEL = 20; // within the value of an OPENED record

    private final CRC32C crc32c = new CRC32C();

    /** Both halves of the storage id, so that two logs differ in it. */
    private final int salt;

    /** Checks and seals the frames of the log with this storage id. One thread. */
    Frame(final long storageId) {
        salt = (int) (storageId ^ storageId >>> 32);
    }

    static int frameLength(final int valueLength) {
        return (HEADER_BYTES + valueLength + 3) & ~3;
    }

    /** Writes the frame at {@code at} without its value and its CRC; returns its length. */
    static int header(
            final MutableDirectBuffer buffer,
            final int at,
            final byte type,
            final int epoch,
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
        buffer.putInt(at + EPOCH, epoch);
        buffer.putByte(at + TYPE, type);
        buffer.putByte(at + FORMAT, (byte) LogFormat.VERSION);
        buffer.putShort(at + LENGTH_CHECK, lengthCheck(valueLength));
        buffer.putInt(at + INCARNATION, incarnation);
        buffer.putInt(at + VALUE_LENGTH, valueLength);
        buffer.putLong(at + SEQUENCE, sequence);
        buffer.putLong(at + DURABLE_SEQUENCE, durableSequence);
        buffer.putLong(at + BALLOT, ballot);
        buffer.putLong(at + SLOT, slot);
        buffer.putLong(at + CHOSEN_THROUGH, chosenThrough);
        return frameLength;
    }

    /** Writes the CRC of the complete frame at {@code at}; {@code buffer} views all of {@code bytes}. */
    void seal(final MutableDirectBuffer buffer, final ByteBuffer bytes, final int at) {
        buffer.putInt(at + CRC, crc(bytes, at, frameLength(buffer.getInt(at + VALUE_LENGTH))));
    }

    /** Whether a frame could begin here, judged by its magic alone. */
    static boolean hasMagic(final DirectBuffer buffer, final int at) {
        return buffer.getInt(at + MAGIC_AT) == MAGIC;
    }

    /**
     * The length of the frame whose header is at {@code at}, or 0 if this cannot be a header. Says nothing about the
     * CRC.
     *
     * <p>At least {@link #HEADER_BYTES} can be read; {@code lengthMax} bounds the answer.
     */
    static int plausibleLength(final DirectBuffer buffer, final int at, final long lengthMax) {
        if (!hasMagic(buffer, at)) {
            return 0;
        }
        final int valueLength = buffer.getInt(at + VALUE_LENGTH);
        if (valueLength < 0 || valueLength > lengthMax - HEADER_BYTES) {
            return 0;
        }
        if (format(buffer, at) == LogFormat.VERSION && buffer.getShort(at + LENGTH_CHECK) != lengthCheck(valueLength)) {
            return 0;
        }
        final byte type = buffer.getByte(at + TYPE);
        final int length = frameLength(valueLength);
        return length > 0 && length <= lengthMax && type >= OPENED && type <= ACCEPT ? length : 0;
    }

    /** Whether the frame at {@code at} is as it was sealed; {@code buffer} views all of {@code bytes}. */
    boolean isSound(final DirectBuffer buffer, final ByteBuffer bytes, final int at, final int frameLength) {
        return buffer.getInt(at + CRC) == crc(bytes, at, frameLength);
    }

    static int epoch(final DirectBuffer buffer, final int at) {
        return buffer.getInt(at + EPOCH);
    }

    static int format(final DirectBuffer buffer, final int at) {
        return buffer.getByte(at + FORMAT);
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

    /** The value of an OPENED record: cluster id, storage id, replica id, feature level. */
    static void openedValue(final MutableDirectBuffer buffer, final int at, final Identity identity) {
        buffer.putLong(at, identity.clusterId());
        buffer.putLong(at + 8, identity.storageId());
        buffer.putInt(at + 16, identity.replicaId());
        buffer.putInt(at + FEATURE_LEVEL, LogFormat.FEATURE_LEVEL);
    }

    /** The feature level that the OPENED record at {@code at} tells of its segment. */
    static int featureLevel(final DirectBuffer buffer, final int at) {
        return buffer.getInt(at + HEADER_BYTES + FEATURE_LEVEL);
    }

    static Identity identity(final DirectBuffer buffer, final int at) {
        final int value = at + HEADER_BYTES;
        return new Identity(buffer.getLong(value), buffer.getInt(value + 16), buffer.getLong(value + 8));
    }

    private static short lengthCheck(final int valueLength) {
        return (short) ~(valueLength ^ valueLength >>> 16);
    }

    private int crc(final ByteBuffer bytes, final int at, final int frameLength) {
        bytes.limit(at + frameLength).position(at + MAGIC_AT);
        crc32c.reset();
        crc32c.update(bytes);
        bytes.clear();
        return (int) crc32c.getValue() ^ salt;
    }
}
