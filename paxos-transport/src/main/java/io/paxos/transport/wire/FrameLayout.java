package io.paxos.transport.wire;

import java.util.stream.Stream;

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

    private static final int FIELDS_LENGTH_MAX = Stream.of(MessageType.values())
            .mapToInt(MessageType::fieldsLength)
            .max()
            .orElseThrow();

    private FrameLayout() {}

    /** The length in bytes of the longest frame, if no value is longer than {@code valueLengthMax} bytes. */
    public static int frameLengthMax(final int valueLengthMax) {
        return Math.addExact(HEADER_LENGTH + FIELDS_LENGTH_MAX, valueLengthMax);
    }
}
