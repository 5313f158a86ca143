package io.paxos.examples.kv;

import io.paxos.statemachine.Reply;
import java.nio.ByteOrder;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The replies to a batch as bytes, one after another, each with a tag in front; {@link ReplyPieces} reads them.
 *
 * <p>Knows how much still fits below its limit, so that an operation can be refused beforehand. The buffer at least
 * doubles when it grows, and a large one is given up after use.
 */
final class ReplyWriter {
    /** What no reply begins with. */
    static final byte NONE = -1;

    static final byte NIL = 0;
    static final byte OK = 1;
    static final byte INTEGER = 2;
    static final byte BYTES = 3;
    static final byte ARRAY = 4;
    static final byte ERROR = 5;
    static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    /** A tag and a number: what a reply takes beside its bytes. */
    static final int HEADER_BYTES_MAX = 1 + Long.BYTES;

    /** The largest buffer that is kept. */
    private static final int KEPT_BYTES_MAX = 64 * 1024;

    private static final int BYTES_MIN = 128;

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[BYTES_MIN]);
    private int length;
    private int limit = KvLimits.REPLY_BYTES_MAX;

    /** Begins anew; all replies together may have so many bytes. */
    void begin(final int limitOfBytes) {
        length = 0;
        limit = limitOfBytes;
    }

    boolean fits(final long payloadBytes) {
        return length + HEADER_BYTES_MAX + payloadBytes <= limit;
    }

    /** Makes room for one reply. */
    private void reserve(final int payloadBytes) {
        final int needed = length + HEADER_BYTES_MAX + payloadBytes;
        if (needed > buffer.capacity()) {
            final byte[] larger = new byte[Math.max(needed, Math.min(2 * buffer.capacity(), limit))];
            buffer.getBytes(0, larger, 0, length);
            buffer.wrap(larger);
        }
    }

    void nil() {
        reserve(0);
        buffer.putByte(length++, NIL);
    }

    void ok() {
        reserve(0);
        buffer.putByte(length++, OK);
    }

    void integer(final long value) {
        reserve(0);
        buffer.putByte(length, INTEGER);
        buffer.putLong(length + 1, value, ORDER);
        length += 1 + Long.BYTES;
    }

    void bytes(final byte[] value) {
        reserve(value.length);
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
        reserve(0);
        buffer.putByte(length, ARRAY);
        buffer.putInt(length + 1, count, ORDER);
        length += 1 + Integer.BYTES;
    }

    /** The values and nils; {@code payloadBytes} is at least what they and their headers take. */
    void arrayOf(final List<byte[]> values, final int payloadBytes) {
        reserve(payloadBytes);
        array(values.size());
        values.forEach(this::bytesOrNil);
    }

    void error(final KvError error) {
        reserve(0);
        buffer.putByte(length, ERROR);
        buffer.putByte(length + 1, error.code());
        length += 2;
    }

    /** Copies all replies; nothing is kept. */
    void moveTo(final Reply reply) {
        reply.put(buffer, 0, length);
        length = 0;
        if (buffer.capacity() > KEPT_BYTES_MAX) {
            buffer.wrap(new byte[BYTES_MIN]);
        }
    }
}
