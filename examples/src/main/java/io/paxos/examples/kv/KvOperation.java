package io.paxos.examples.kv;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One operation on the store. Its constructor checks it, so it can be executed without further checks.
 *
 * @param op what to do
 * @param arguments as {@link Op} lists them; numbers are 8 bytes, big endian
 */
record KvOperation(Op op, List<byte[]> arguments) {
    KvOperation {
        final String flaw = flaw(op, arguments);
        if (flaw != null) {
            throw new IllegalArgumentException(flaw);
        }
        arguments = List.copyOf(arguments);
    }

    static KvOperation of(final Op op, final byte[]... arguments) {
        return new KvOperation(op, List.of(arguments));
    }

    /** Why these arguments do not fit the operation, or null if they do. */
    static String flaw(final Op op, final List<byte[]> arguments) {
        if (!op.takes(arguments.size())) {
            return op + " with " + arguments.size() + " arguments";
        }
        return switch (op) {
            case SET -> flawOfSet(arguments);
            case INCRBY -> arguments.get(1).length == Long.BYTES ? null : "a delta that is not 8 bytes";
            case MSET -> arguments.size() % 2 == 0 ? null : "a key without a value";
            case SCAN -> flawOfScan(arguments);
            default -> null;
        };
    }

    private static String flawOfSet(final List<byte[]> arguments) {
        if (arguments.get(2).length != 1) {
            return "SET without one byte of flags";
        }
        final int flags = arguments.get(2)[0];
        final int expected = SetFlags.has(flags, SetFlags.IFEQ) ? 4 : 3;
        return SetFlags.valid(flags) && arguments.size() == expected ? null : "SET with flags " + flags;
    }

    private static String flawOfScan(final List<byte[]> arguments) {
        if (arguments.get(0).length != Long.BYTES || arguments.get(2).length != Long.BYTES) {
            return "a cursor or count that is not 8 bytes";
        }
        if (arguments.get(1).length > KvLimits.PATTERN_BYTES_MAX) {
            return "a pattern of " + arguments.get(1).length + " bytes";
        }
        return number(arguments.get(0)) >= 0 && number(arguments.get(2)) >= 1 ? null : "a cursor or count below zero";
    }

    byte[] argument(final int index) {
        return arguments.get(index);
    }

    long numberAt(final int index) {
        return number(arguments.get(index));
    }

    static byte[] bytes(final long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    private static long number(final byte[] bytes) {
        return ByteBuffer.wrap(bytes).getLong();
    }
}
