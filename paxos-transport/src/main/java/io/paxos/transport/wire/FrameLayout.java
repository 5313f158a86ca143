package io.paxos.transport.wire;

import java.util.stream.Stream;

/**
 * The layout of a frame: one message, little endian, not aligned. Offsets and sizes are in bytes.
 *
 * <table>
 * <caption>One frame</caption>
 * <tr><th>offset</th><th>size</th><th>type</th><th>field</th><th>meaning</th></tr>
 * <tr><td>0</td><td>4</td><td>int</td><td>length</td><td>of the whole frame, this field included</td></tr>
 * <tr><td>4</td><td>4</td><td>int</td><td>checksum</td><td>CRC32C of the bytes from 8 to the end</td></tr>
 * <tr><td>8</td><td>1</td><td>byte</td><td>format</td><td>{@link #FORMAT}</td></tr>
 * <tr><td>9</td><td>1</td><td>byte</td><td>type</td><td>{@link MessageType#code}</td></tr>
 * <tr><td>10</td><td>2</td><td>unsigned short</td><td>sender</td><td>replica id, 1..65535</td></tr>
 * <tr><td>12</td><td>8</td><td>long</td><td>cluster</td><td>{@link FrameIdentity#clusterId}</td></tr>
 * <tr><td>20</td><td>4</td><td>int</td><td>group</td><td>{@link FrameIdentity#groupId}</td></tr>
 * <tr><td>24</td><td>4</td><td>int</td><td>epoch</td><td>{@link FrameIdentity#epoch}</td></tr>
 * <tr><td>28</td><td>8</td><td>long</td><td>Lamport time</td><td>{@link LamportClock}, &gt; 0</td></tr>
 * <tr><td>36</td><td>0..25</td><td>long or byte</td><td>fields</td><td>those of
 * {@link MessageType}, in order: 8 bytes each, a flag 1 byte</td></tr>
 * <tr><td>36 + fields</td><td>any</td><td>bytes</td><td>payload</td><td>to the end, if
 * {@link MessageType#hasPayload}</td></tr>
 * </table>
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

    /** The length in bytes of the longest frame whose payload has at most {@code valueLengthMax} bytes. */
    public static int frameLengthMax(final int valueLengthMax) {
        return Math.addExact(HEADER_LENGTH + FIELDS_LENGTH_MAX, valueLengthMax);
    }
}
