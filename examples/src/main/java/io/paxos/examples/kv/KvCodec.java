package io.paxos.examples.kv;

import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Commands and queries as bytes: {@code format, count, operation...}; an operation is {@code code, count,
 * argument...}; an argument is {@code length, byte...}. Format and code are one byte, counts and lengths 1..5 bytes, 7
 * bits in each.
 *
 * <p>A command is a batch: its operations are executed in their order with nothing in between.
 */
final class KvCodec {
    private static final byte FORMAT = 1;
    private static final int VARINT_BYTES_MAX = 5;
    private static final int VARINT_BITS = 7;

    private KvCodec() {}

    static byte[] encode(final List<KvOperation> operations) {
        final EncodedBytes out = new EncodedBytes(size(operations));
        out.write(FORMAT);
        putVarint(out, operations.size());
        for (final KvOperation operation : operations) {
            out.write(operation.op().code());
            putVarint(out, operation.arguments().size());
            for (final byte[] argument : operation.arguments()) {
                putVarint(out, argument.length);
                out.write(argument);
            }
        }
        return out.bytes();
    }

    /** The encoded size. */
    static int size(final KvOperation operation) {
        int size = 1 + varintBytes(operation.arguments().size());
        for (final byte[] argument : operation.arguments()) {
            size += varintBytes(argument.length) + argument.length;
        }
        return size;
    }

    private static int size(final List<KvOperation> operations) {
        int size = 1 + varintBytes(operations.size());
        for (final KvOperation operation : operations) {
            size += size(operation);
        }
        return size;
    }

    private static int varintBytes(final int value) {
        return (Integer.SIZE - Integer.numberOfLeadingZeros(value | 1) + VARINT_BITS - 1) / VARINT_BITS;
    }

    private static void putVarint(final EncodedBytes out, final int value) {
        int rest = value;
        while (rest >= 0x80) {
            out.write((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    /** The operations, copied out of the buffer; empty if these are not the bytes of at least one whole operation. */
    static List<KvOperation> decode(final DirectBuffer buffer, final int offset, final int length) {
        final Reader reader = new Reader(buffer, offset, length);
        if (reader.next() != FORMAT) {
            return List.of();
        }
        final int count = reader.count();
        final List<KvOperation> operations = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            final KvOperation operation = reader.operation();
            if (operation == null) {
                return List.of();
            }
            operations.add(operation);
        }
        return reader.atEnd() ? operations : List.of();
    }

    /** Bytes of a known size. */
    private static final class EncodedBytes {
        private final byte[] bytes;
        private int length;

        EncodedBytes(final int size) {
            bytes = new byte[size];
        }

        void write(final int b) {
            bytes[length++] = (byte) b;
        }

        void write(final byte[] more) {
            System.arraycopy(more, 0, bytes, length, more.length);
            length += more.length;
        }

        byte[] bytes() {
            assert length == bytes.length : "length=" + length + " size=" + bytes.length;
            return bytes;
        }
    }

    /** Reads within its bounds and answers -1 or null for what is not there. */
    private static final class Reader {
        private final DirectBuffer buffer;
        private final int limit;
        private int position;

        Reader(final DirectBuffer buffer, final int offset, final int length) {
            this.buffer = buffer;
            this.position = offset;
            this.limit = offset + length;
        }

        boolean atEnd() {
            return position == limit;
        }

        int next() {
            return position < limit ? buffer.getByte(position++) & 0xFF : -1;
        }

        /** A count of things that take a byte each at least, so never more than what is left; -1 if it is not one. */
        int count() {
            long value = 0;
            for (int i = 0; i < VARINT_BYTES_MAX; i++) {
                final int b = next();
                if (b < 0) {
                    return -1;
                }
                value |= (b & 0x7FL) << (7 * i);
                if (b < 0x80) {
                    return value <= limit - position ? (int) value : -1;
                }
            }
            return -1;
        }

        KvOperation operation() {
            final Op op = Op.of((byte) next());
            final int count = count();
            if (op == null || count < 0) {
                return null;
            }
            final List<byte[]> arguments = new ArrayList<>(Math.min(count, 16));
            for (int i = 0; i < count; i++) {
                final int length = count();
                if (length < 0) {
                    return null;
                }
                final byte[] argument = new byte[length];
                buffer.getBytes(position, argument);
                position += length;
                arguments.add(argument);
            }
            return KvOperation.flaw(op, arguments) == null ? new KvOperation(op, arguments) : null;
        }
    }
}
