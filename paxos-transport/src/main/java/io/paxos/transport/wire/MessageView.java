package io.paxos.transport.wire;

import static io.paxos.transport.wire.FrameLayout.HEADER_LENGTH;
import static io.paxos.transport.wire.FrameLayout.SENDER_OFFSET;
import static io.paxos.transport.wire.FrameLayout.TYPE_OFFSET;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.paxos.spi.Messages;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One message in the bytes of one frame: its type, its fields by name, its payload, and the call that it was.
 *
 * <p>For tests, simulators, traces and tools, which treat all messages alike. A view checks nothing; what comes from a
 * network is checked by {@link FrameReader}. It is valid as long as the bytes under it are; {@link #copy} makes one
 * that stays. One thread.
 *
 * <pre>{@code
 * MessageCapture capture = new MessageCapture(message -> sent.add(message.copy()));
 * capture.sender().accept(1, ballot, slot, chosenThrough, value, 0, value.capacity());
 * MessageView accept = sent.get(0);
 * accept.type();           // MessageType.ACCEPT
 * accept.field("slot");    // slot
 * accept.deliver(replica); // the same call once more
 * }</pre>
 */
public final class MessageView {
    private static final int TEXT_BYTES_MAX = 8;

    private final UnsafeBuffer frame = new UnsafeBuffer(); // exactly one frame
    private MessageType type; // of the frame; null before the first wrap

    /** A view of nothing. {@link #wrap} comes first. */
    public MessageView() {}

    /**
     * A message that is made from its parts, in memory of its own.
     *
     * @param fields in the order of {@link MessageType#fields}; a flag is 0 or 1
     * @param payload is copied; empty for a type without payload
     */
    public static MessageView of(final MessageType type, final int from, final long[] fields, final byte[] payload) {
        if (fields.length != type.fields().size()) {
            throw new IllegalArgumentException(
                    type + " has " + type.fields().size() + " fields, given are " + fields.length);
        }
        if (payload.length > 0 && !type.hasPayload()) {
            throw new IllegalArgumentException(type + " has no payload, given are " + payload.length + " bytes");
        }
        final MessageView message = new MessageView();
        message.type = type;
        message.frame.wrap(new byte[HEADER_LENGTH + type.fieldsLength() + payload.length]);
        message.frame.putInt(FrameLayout.LENGTH_OFFSET, message.frame.capacity(), LITTLE_ENDIAN);
        message.frame.putByte(FrameLayout.FORMAT_OFFSET, FrameLayout.FORMAT);
        message.frame.putByte(TYPE_OFFSET, type.code());
        message.frame.putShort(SENDER_OFFSET, (short) from, LITTLE_ENDIAN);
        for (int i = 0; i < fields.length; i++) {
            type.putField(message.frame, HEADER_LENGTH, i, fields[i]);
        }
        message.frame.putBytes(message.payloadOffset(), payload);
        return message;
    }

    /**
     * Looks at another frame: the {@code length} bytes at {@code offset}, as a {@link FrameWriter} wrote them.
     *
     * @throws IllegalArgumentException if these bytes are too short for the message that they name, or name none
     */
    public MessageView wrap(final DirectBuffer buffer, final int offset, final int length) {
        frame.wrap(buffer, offset, length);
        type = length < HEADER_LENGTH ? null : MessageType.ofCode(frame.getByte(TYPE_OFFSET));
        if (type == null || length < payloadOffset()) {
            throw new IllegalArgumentException("no frame with a message: " + length + " bytes, type " + type);
        }
        return this;
    }

    /** The same message in memory of its own. */
    public MessageView copy() {
        final byte[] bytes = new byte[frame.capacity()];
        frame.getBytes(0, bytes);
        return new MessageView().wrap(new UnsafeBuffer(bytes), 0, bytes.length);
    }

    /** Which message it is. */
    public MessageType type() {
        return type;
    }

    /** The replica id of the sender. */
    public int from() {
        return frame.getShort(SENDER_OFFSET, LITTLE_ENDIAN) & 0xFFFF;
    }

    /** The field at this place of {@link MessageType#fields}; a flag is 0 or 1. */
    public long field(final int index) {
        return type.field(frame, HEADER_LENGTH, index);
    }

    /** The field of this name; 0 if this message has no such field. A flag is 0 or 1. */
    public long field(final String name) {
        final int index = type.indexOf(name);
        return index < 0 ? 0 : field(index);
    }

    /** The bytes that {@link #payloadOffset} and {@link #payloadLength} are about: the whole frame, from index 0 on. */
    public DirectBuffer buffer() {
        return frame;
    }

    /** Where the payload begins in {@link #buffer}. */
    public int payloadOffset() {
        return HEADER_LENGTH + type.fieldsLength();
    }

    /** The length of the payload in bytes; 0 if there is none. */
    public int payloadLength() {
        return frame.capacity() - payloadOffset();
    }

    /** Calls the method that this message is. The payload is a view of the bytes under this one. */
    public void deliver(final Messages receiver) {
        type.deliver(from(), frame, HEADER_LENGTH, payloadOffset(), payloadLength(), receiver);
    }

    /** Whether type, sender, fields and payload are the same. Cluster, epoch and Lamport time do not count. */
    public boolean isSameAs(final MessageView other) {
        if (type != other.type || from() != other.from() || frame.capacity() != other.frame.capacity()) {
            return false;
        }
        for (int i = HEADER_LENGTH; i < frame.capacity(); i++) {
            if (frame.getByte(i) != other.frame.getByte(i)) {
                return false;
            }
        }
        return true;
    }

    /** For people: {@code accept(from=1, ballot=1.1, slot=7, chosenThrough=6, value=3 bytes 616263)}. */
    @Override
    public String toString() {
        if (type == null) {
            return "no message";
        }
        final StringBuilder text =
                new StringBuilder(type.methodName()).append("(from=").append(from());
        for (int i = 0; i < type.fields().size(); i++) {
            final MessageField field = type.fields().get(i);
            text.append(", ").append(field.name()).append('=').append(text(field.kind(), field(i)));
        }
        if (type.hasPayload()) {
            final int shown = Math.min(payloadLength(), TEXT_BYTES_MAX);
            final byte[] first = new byte[shown];
            frame.getBytes(payloadOffset(), first);
            text.append(", ").append(type.payloadName()).append('=');
            text.append(payloadLength()).append(" bytes ").append(BitUtil.toHex(first));
            text.append(shown < payloadLength() ? "..." : "");
        }
        return text.append(')').toString();
    }

    private static String text(final FieldKind kind, final long field) {
        return switch (kind) {
            case BALLOT -> (field >>> Short.SIZE) + "." + (field & 0xFFFF);
            case ROUND -> (field >>> Integer.SIZE) + ":" + Integer.toUnsignedString((int) field);
            case FLAG -> field == 0 ? "false" : "true";
            case SLOT, NUMBER, PAYLOAD -> Long.toString(field);
        };
    }
}
