package io.paxos.replica;

import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The bytes of a value: a header, then commands one behind the other. A value of no bytes is a no-op.
 *
 * <p>Header: kind (int), reserved (int), time in ms (long). A command: length (int), origin replica (int), sequence (long),
 * incarnation of the origin (int), reserved (int), then its bytes, padded to 8. Little endian, as the machine has it
 * (checked when a frame or a record is read). (origin, incarnation, sequence) names a command for all time.
 */
final class Batch {
    static final int HEADER_LENGTH = 16;
    static final int COMMAND_HEADER_LENGTH = 24;

    private static final int KIND_COMMANDS = 1;
    private static final int TIME_OFFSET = 8;
    private static final int ORIGIN_OFFSET = 4;
    private static final int SEQUENCE_OFFSET = 8;
    private static final int INCARNATION_OFFSET = 16;

    private Batch() {}

    static void putHeader(final MutableDirectBuffer buffer, final long timeMs) {
        buffer.putInt(0, KIND_COMMANDS);
        buffer.putInt(4, 0);
        buffer.putLong(TIME_OFFSET, timeMs);
    }

    static long timeMs(final DirectBuffer value, final int offset) {
        return value.getLong(offset + TIME_OFFSET);
    }

    /** How much room a command of this many bytes takes in a value. */
    static int commandLength(final int length) {
        return BitUtil.align(COMMAND_HEADER_LENGTH + length, BitUtil.SIZE_OF_LONG);
    }

    static void putCommand(
            final MutableDirectBuffer buffer,
            final int at,
            final int origin,
            final int incarnation,
            final long sequence,
            final DirectBuffer command,
            final int offset,
            final int length) {
        buffer.putInt(at, length);
        buffer.putInt(at + ORIGIN_OFFSET, origin);
        buffer.putLong(at + SEQUENCE_OFFSET, sequence);
        buffer.putInt(at + INCARNATION_OFFSET, incarnation);
        buffer.putInt(at + INCARNATION_OFFSET + 4, 0);
        buffer.putBytes(at + COMMAND_HEADER_LENGTH, command, offset, length);
        final int end = at + COMMAND_HEADER_LENGTH + length;
        final int paddedEnd = at + commandLength(length);
        if (end < paddedEnd) {
            buffer.setMemory(end, paddedEnd - end, (byte) 0); // the same command is the same bytes wherever it travels
        }
    }

    static int length(final DirectBuffer value, final int at) {
        return value.getInt(at);
    }

    static int origin(final DirectBuffer value, final int at) {
        return value.getInt(at + ORIGIN_OFFSET);
    }

    static long sequence(final DirectBuffer value, final int at) {
        return value.getLong(at + SEQUENCE_OFFSET);
    }

    static int incarnation(final DirectBuffer value, final int at) {
        return value.getInt(at + INCARNATION_OFFSET);
    }

    /** Whether these bytes are whole commands, one behind the other, and nothing else. */
    static boolean isCommands(final DirectBuffer buffer, final int offset, final int length) {
        int at = offset;
        final int end = offset + length;
        while (at < end && isCommand(buffer, at, end)) {
            at += commandLength(length(buffer, at));
        }
        return at == end && length > 0;
    }

    /** Whether a whole command lies here and ends at or before {@code end}. */
    static boolean isCommand(final DirectBuffer buffer, final int at, final int end) {
        final int room = end - at - COMMAND_HEADER_LENGTH;
        if (room < 0) {
            return false;
        }
        final int length = length(buffer, at);
        return length >= 0 && length <= room && commandLength(length) <= end - at;
    }

    /** Whether a value that is no no-op begins as one that this version understands; its commands are yet to be looked at. */
    static boolean hasHeader(final DirectBuffer buffer, final int offset, final int length) {
        return length > HEADER_LENGTH && buffer.getInt(offset) == KIND_COMMANDS;
    }
}
