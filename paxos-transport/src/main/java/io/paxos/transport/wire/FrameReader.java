package io.paxos.transport.wire;

import static io.paxos.transport.wire.FrameLayout.*;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.paxos.spi.Messages;
import java.util.function.IntPredicate;
import org.agrona.DirectBuffer;

/**
 * Checks a frame and, if it is valid, calls the method of its message. {@link FrameLayout} shows the bytes.
 *
 * <p>One thread; no allocation. The payload is a view of the bytes that were read, valid during the call. Any bytes may
 * be read: an invalid frame is refused, and only what the receiver throws is thrown.
 *
 * <pre>{@code
 * // A transport of your own, the receiving half: one datagram per message.
 * FrameReader reader = new FrameReader(identity, valueLengthMax, clock, sender -> members.contains(sender));
 * ByteBuffer bytes = ByteBuffer.allocateDirect(65_536);
 * UnsafeBuffer buffer = new UnsafeBuffer(bytes);
 *
 * public int poll(Messages receiver, int limit) {
 *     int delivered = 0;
 *     while (delivered < limit && channel.receive(bytes.clear()) != null) {
 *         if (reader.read(buffer, 0, bytes.position(), receiver) == FrameVerdict.DELIVERED) {
 *             delivered++;
 *         }
 *     }
 *     return delivered;
 * }
 * }</pre>
 *
 * <p>A stream is cut into frames by {@link #declaredLength}, once four bytes have arrived, and {@link #checkLength}.
 */
public final class FrameReader {
    private final FrameIdentity identity;
    private final int frameLengthMax;
    private final LamportClock clock;
    private final IntPredicate senders;
    private final Checksum checksum = new Checksum();

    /**
     * A reader of the frames that other replicas send to the cluster, group and epoch of {@code identity}.
     *
     * @param valueLengthMax the longest payload, in bytes
     * @param clock is moved past every frame delivered
     * @param senders whether a replica id is allowed as the sender; for a connection with one peer, only that one
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

    /** The length in bytes that the frame at {@code offset} declares; at least its first 4 bytes must be there. */
    public static int declaredLength(final DirectBuffer buffer, final int offset) {
        return buffer.getInt(offset + LENGTH_OFFSET, LITTLE_ENDIAN);
    }

    /**
     * Whether a frame of this length can be valid, so that a stream can wait for its end.
     *
     * @return {@link FrameVerdict#DELIVERED} if it can, else the reason
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
     * <p>Changes position and limit of the {@link java.nio.ByteBuffer} under the buffer, if there is one.
     *
     * @return {@link FrameVerdict#DELIVERED}, or the reason why the receiver was not called
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

    /** The checksum comes first: if it is wrong, no field means anything, and another reason would mislead. */
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
