package io.paxos.examples.kv;

import io.paxos.statemachine.Reply;
import java.nio.ByteOrder;
import java.util.List;
import org.agrona.ExpandableArrayBuffer;

/**
 * The replies to a batch as bytes, one after another, each with a tag in front; {@link ReplyReader} reads them.
 *
 * <p>Knows how much still fits below {@link KvLimits#REPLY_BYTES_MAX}, so that an operation can be refused beforehand.
 */
final class ReplyWriter {
    static final byte NIL = 0;
    static final byte OK = 1;
    static final byte INTEGER = 2;
    static final byte BYTES = 3;
    static final byte ARRAY = 4;
    static final byte ERROR = 5;
    static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    /** A tag and a number: what a reply takes beside its bytes. */
    static final int HEADER_BYTES_MAX = 1 + Long.BYTES;

    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
    private int length;

    void clear() {
        length = 0;
    }

    boolean fits(final long payloadBytes) {
        return length + HEADER_BYTES_MAX + payloadBytes <= KvLimits.REPLY_BYTES_MAX;
    }

    void nil() {
        buffer.putByte(length++, NIL);
    }

    void ok() {
        buffer.putByte(length++, OK);
    }

    void integer(final long value) {
        buffer.putByte(length, INTEGER);
        buffer.putLong(length + 1, value, ORDER);
        length += 1 + Long.BYTES;
    }

    void bytes(final byte[] value) {
        buffer.putByte(length, BYTES);
        buffer.putInt(length + 1, value.length, ORDER);
        buffer.putBytes(length + 1 + Integer.BYTES, value);
        length += 1 + Integer.BYTES + value.length;
    }

    /** The value, or nil if it is null. */
    void bytesOrNil(final byte[] value) {
        if (value == null) {
            nil();
        } else {
            bytes(value);
        }
    }

    /** An array; {@code count} replies must follow. */
    void array(final int count) {
        buffer.putByte(length, ARRAY);
        buffer.putInt(length + 1, count, ORDER);
        length += 1 + Integer.BYTES;
    }

    void arrayOf(final List<byte[]> values) {
        array(values.size());
        values.forEach(this::bytesOrNil);
    }

    void error(final KvError error) {
        buffer.putByte(length, ERROR);
        buffer.putByte(length + 1, error.code());
        length += 2;
    }

    void copyTo(final Reply reply) {
        reply.put(buffer, 0, length);
    }
}
