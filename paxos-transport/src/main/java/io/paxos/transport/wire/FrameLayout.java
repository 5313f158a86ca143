package io.paxos.transport.wire;

/**
 * Where things are in a frame. Little endian, unaligned, one message per frame:
 *
 * <pre>
 *  0  length      int    the whole frame, this field included
 *  4  crc32c      int    over bytes 8..length
 *  8  format      byte   {@link #FORMAT}
 *  9  type        byte   which message
 * 10  sender      u16    replica id, 1..65535
 * 12  cluster     long
 * 20  group       int
 * 24  epoch       int
 * 28  Lamport     long   > 0
 * 36  fields      the longs of the message, in the order of its parameters without {@code from}; a boolean is one byte
 *     payload     to the end; only report, accept, learn and forward have one
 * </pre>
 */
public final class FrameLayout {
    /** The format that this code writes, and the only one that it reads. */
    public static final byte FORMAT = 1;

    /** Bytes before the fields of the message. */
    public static final int HEADER_LENGTH = 36;

    static final int LENGTH_OFFSET = 0;
    static final int CRC_OFFSET = 4;
    static final int FORMAT_OFFSET = 8;
    static final int TYPE_OFFSET = 9;
    static final int SENDER_OFFSET = 10;
    static final int CLUSTER_OFFSET = 12;
    static final int GROUP_OFFSET = 20;
    static final int EPOCH_OFFSET = 24;
    static final int LAMPORT_OFFSET = 28;

    // 0 is no message, so that a frame of zeros is not one. A number, once used, keeps its meaning for ever.
    static final byte PREPARE = 1;
    static final byte PROMISE = 2;
    static final byte REPORT = 3;
    static final byte ACCEPT = 4;
    static final byte ACCEPTED = 5;
    static final byte REJECT = 6;
    static final byte CHOSEN = 7;
    static final byte FETCH = 8;
    static final byte LEARN = 9;
    static final byte PING = 10;
    static final byte PONG = 11;
    static final byte FORWARD = 12;
    static final byte ASK_READ = 13;
    static final byte CONFIRM = 14;
    static final byte CONFIRMED = 15;
    static final byte READ_AT = 16;
    static final int TYPES = 17;

    private static final int[] FIELDS_LENGTH = {0, 16, 24, 24, 24, 24, 16, 16, 16, 16, 8, 25, 0, 8, 16, 16, 24};
    private static final int FIELDS_LENGTH_MAX = 25;
    private static final int WITH_PAYLOAD = 1 << REPORT | 1 << ACCEPT | 1 << LEARN | 1 << FORWARD;

    private FrameLayout() {}

    /** The length in bytes of the longest frame, if no value is longer than {@code valueLengthMax} bytes. */
    public static int frameLengthMax(final int valueLengthMax) {
        return Math.addExact(HEADER_LENGTH + FIELDS_LENGTH_MAX, valueLengthMax);
    }

    static int fieldsLength(final int type) {
        return FIELDS_LENGTH[type];
    }

    static boolean hasPayload(final int type) {
        return (WITH_PAYLOAD & 1 << type) != 0;
    }
}
