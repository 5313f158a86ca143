package io.paxos.transport.wire;

import static io.paxos.transport.wire.FrameLayout.*;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.paxos.spi.Messages;
import java.util.function.IntPredicate;
import org.agrona.DirectBuffer;

/**
 * Checks a frame and, if all is well, says its message to the receiver. One thread, no allocation; the payload is a view.
 *
 * <p>Whatever the bytes are, nothing is thrown but what the receiver throw, and nothing is heard that was not sent.
 */
public final class FrameReader {
    private final FrameIdentity identity;
    private final int frameLengthMax;
    private final LamportClock clock;
    private final IntPredicate senders;
    private final Checksum checksum = new Checksum();

    /**
     * A reader of frames in the conversation of {@code identity}.
     *
     * @param valueLengthMax the longest payload, in bytes
     * @param clock is moved past every frame delivered
     * @param senders who may speak here
     */
    public FrameReader(
            final FrameIdentity identity,
            final int valueLengthMax,
            final LamportClock clock,
            final IntPredicate senders) {
        this.identity = identity;
        this.frameLengthMax = frameLengthMax(valueLengthMax);
        this.clock = clock;
        this.senders = senders;
    }

    /** The length in bytes of the frame that begins at {@code offset}, as it says itself; at least 4 bytes are there. */
    public static int declaredLength(final DirectBuffer buffer, final int offset) {
        return buffer.getInt(offset + LENGTH_OFFSET, LITTLE_ENDIAN);
    }

    /**
     * Whether a frame may be as long as it declares, so that a stream can wait for its end.
     *
     * @return {@link FrameVerdict#DELIVERED} if it may, else what is wrong
     */
    public FrameVerdict checkLength(final int declaredLength) {
        if (declaredLength < HEADER_LENGTH) {
            return FrameVerdict.MALFORMED;
        }
        return declaredLength > frameLengthMax ? FrameVerdict.OVERSIZED : FrameVerdict.DELIVERED;
    }

    /**
     * Reads the frame of {@code length} bytes at {@code offset} and delivers its message on the calling thread.
     *
     * <p>Position and limit of the {@link java.nio.ByteBuffer} under the buffer are changed.
     */
    public FrameVerdict read(final DirectBuffer buffer, final int offset, final int length, final Messages receiver) {
        final FrameVerdict verdict = check(buffer, offset, length);
        if (verdict != FrameVerdict.DELIVERED) {
            return verdict;
        }
        clock.witness(buffer.getLong(offset + LAMPORT_OFFSET, LITTLE_ENDIAN));
        final int from = buffer.getShort(offset + SENDER_OFFSET, LITTLE_ENDIAN) & 0xFFFF;
        final int fields = offset + HEADER_LENGTH;
        final MessageType type = MessageType.ofCode(buffer.getByte(offset + TYPE_OFFSET));
        final int payload = fields + type.fieldsLength();
        type.deliver(from, buffer, fields, payload, offset + length - payload, receiver);
        return FrameVerdict.DELIVERED;
    }

    /** The checksum first: before it holds, no field means anything, and the reason would be misleading. */
    private FrameVerdict check(final DirectBuffer buffer, final int offset, final int length) {
        if (length < HEADER_LENGTH || declaredLength(buffer, offset) != length) {
            return FrameVerdict.MALFORMED;
        }
        if (length > frameLengthMax) {
            return FrameVerdict.OVERSIZED;
        }
        final int crc = checksum.of(buffer, offset + FORMAT_OFFSET, length - FORMAT_OFFSET);
        if (crc != buffer.getInt(offset + CRC_OFFSET, LITTLE_ENDIAN)) {
            return FrameVerdict.BAD_CRC;
        }
        if (buffer.getByte(offset + FORMAT_OFFSET) != FORMAT) {
            return FrameVerdict.UNKNOWN_FORMAT;
        }
        final FrameVerdict origin = checkOrigin(buffer, offset);
        return origin == FrameVerdict.DELIVERED ? checkShape(buffer, offset, length) : origin;
    }

    private FrameVerdict checkOrigin(final DirectBuffer buffer, final int offset) {
        if (buffer.getLong(offset + CLUSTER_OFFSET, LITTLE_ENDIAN) != identity.clusterId()) {
            return FrameVerdict.FOREIGN_CLUSTER;
        }
        if (buffer.getInt(offset + GROUP_OFFSET, LITTLE_ENDIAN) != identity.groupId()) {
            return FrameVerdict.FOREIGN_GROUP;
        }
        if (buffer.getInt(offset + EPOCH_OFFSET, LITTLE_ENDIAN) != identity.epoch()) {
            return FrameVerdict.WRONG_EPOCH;
        }
        final int sender = buffer.getShort(offset + SENDER_OFFSET, LITTLE_ENDIAN) & 0xFFFF;
        return senders.test(sender) ? FrameVerdict.DELIVERED : FrameVerdict.WRONG_SENDER;
    }

    private static FrameVerdict checkShape(final DirectBuffer buffer, final int offset, final int length) {
        final MessageType type = MessageType.ofCode(buffer.getByte(offset + TYPE_OFFSET));
        if (type == null) {
            return FrameVerdict.UNKNOWN_TYPE;
        }
        final int payloadLength = length - HEADER_LENGTH - type.fieldsLength();
        if (payloadLength < 0 || (payloadLength > 0 && !type.hasPayload())) {
            return FrameVerdict.MALFORMED;
        }
        if (buffer.getLong(offset + LAMPORT_OFFSET, LITTLE_ENDIAN) <= 0) {
            return FrameVerdict.MALFORMED;
        }
        return type.areFlagsValid(buffer, offset + HEADER_LENGTH) ? FrameVerdict.DELIVERED : FrameVerdict.MALFORMED;
    }
}
