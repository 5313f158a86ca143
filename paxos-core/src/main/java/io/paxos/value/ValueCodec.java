package io.paxos.value;

import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The layout of a value: a header, then commands, one behind the other. A value without bytes is a no-op.
 *
 * <pre>
 * header, 16 bytes         0  kind          int, see ValueKind
 *                          4  reserved      int, 0
 *                          8  time          long, ms since 1970 at the leader that proposed it
 * each command, 24 + n     0  length n      int, bytes of the command alone
 *                          4  origin        int, the replica that took the command from its caller
 *                          8  sequence      long, counts the commands of this origin and incarnation from 1
 *                         16  incarnation   int, of the origin's log
 *                         20  order         int: d > 0 if it is executed only after the command of this origin and
 *                                           incarnation with the sequence minus d; -1 if after none; 0 in any order
 *                         24  the command   n bytes, then zeros up to a multiple of 8
 * </pre>
 *
 * <p>Little endian, the byte order of the machine (frames and records check it). Example: a value with a command of 8
 * bytes and one of 3 has 16 + 32 + 32 = 80 bytes.
 *
 * <p>Methods with {@code is} in their name, and {@link #kind}, may be asked about any bytes and read none outside of
 * the given range; the others expect what those have approved. No allocation.
 */
public final class ValueCodec {
    /** Bytes before the first command of a value. */
    public static final int HEADER_LENGTH = 16;

    /** Bytes before the command's own. */
    public static final int COMMAND_HEADER_LENGTH = 24;

    private static final int TIME_OFFSET = 8;
    private static final int ORIGIN_OFFSET = 4;
    private static final int SEQUENCE_OFFSET = 8;
    private static final int INCARNATION_OFFSET = 16;
    private static final int ORDER_OFFSET = 20;

    /** The order of a command that is executed after no other one that still has to come. */
    public static final int FIRST = -1;

    private ValueCodec() {}

    /** Writes the header of a value of commands at index 0. */
    public static void putHeader(final MutableDirectBuffer buffer, final long timeMs) {
        buffer.putInt(0, ValueKind.COMMANDS.code());
        buffer.putInt(4, 0);
        buffer.putLong(TIME_OFFSET, timeMs);
    }

    /** The code of a value's kind: 0 without bytes, -1 if the value is too short to have a header. */
    public static int kind(final DirectBuffer value, final int offset, final int length) {
        if (length == 0) {
            return ValueKind.NOOP.code();
        }
        return length < HEADER_LENGTH ? -1 : value.getInt(offset);
    }

    /** The time in the header, ms since 1970. */
    public static long timeMs(final DirectBuffer value, final int offset) {
        return value.getLong(offset + TIME_OFFSET);
    }

    /** How many bytes a command of {@code length} bytes takes in a value. */
    public static int commandLength(final int length) {
        return BitUtil.align(COMMAND_HEADER_LENGTH + length, BitUtil.SIZE_OF_LONG);
    }

    /** Writes a command with its header and padding at {@code at}: {@link #commandLength} bytes. */
    public static void putCommand(
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
        buffer.putInt(at + ORDER_OFFSET, 0);
        buffer.putBytes(at + COMMAND_HEADER_LENGTH, command, offset, length);
        final int end = at + COMMAND_HEADER_LENGTH + length;
        final int paddedEnd = at + commandLength(length);
        if (end < paddedEnd) {
            buffer.setMemory(end, paddedEnd - end, (byte) 0); // no byte is left to chance
        }
    }

    /** The length of the command at {@code at}, without header and padding. */
    public static int length(final DirectBuffer value, final int at) {
        return value.getInt(at);
    }

    /** The replica that took the command at {@code at} from its caller. */
    public static int origin(final DirectBuffer value, final int at) {
        return value.getInt(at + ORIGIN_OFFSET);
    }

    /** The sequence number of the command at {@code at}. */
    public static long sequence(final DirectBuffer value, final int at) {
        return value.getLong(at + SEQUENCE_OFFSET);
    }

    /** The incarnation of the origin of the command at {@code at}. */
    public static int incarnation(final DirectBuffer value, final int at) {
        return value.getInt(at + INCARNATION_OFFSET);
    }

    /** By how much the sequence of the command before is lower, {@link #FIRST}, or 0 for any order. */
    public static int order(final DirectBuffer value, final int at) {
        return value.getInt(at + ORDER_OFFSET);
    }

    /** Sets the {@link #order} of the command at {@code at}. */
    public static void putOrder(final MutableDirectBuffer value, final int at, final int order) {
        value.putInt(at + ORDER_OFFSET, order);
    }

    /** Whether these bytes are one or more whole commands, one behind the other, and nothing else. */
    public static boolean isCommands(final DirectBuffer buffer, final int offset, final int length) {
        int at = offset;
        final int end = offset + length;
        while (at < end && isCommand(buffer, at, end)) {
            at += commandLength(length(buffer, at));
        }
        return at == end && length > 0;
    }

    /** Whether a whole command begins at {@code at} and ends at or before {@code end}. */
    public static boolean isCommand(final DirectBuffer buffer, final int at, final int end) {
        final int room = end - at - COMMAND_HEADER_LENGTH;
        if (room < 0) {
            return false;
        }
        final int length = length(buffer, at);
        return length >= 0 && length <= room && commandLength(length) <= end - at;
    }
}
