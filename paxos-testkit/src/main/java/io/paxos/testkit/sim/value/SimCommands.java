package io.paxos.testkit.sim.value;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The commands of the simulator: a mark of 8 bytes, a unique number of 8 bytes, and padding.
 *
 * <p>The mark finds the commands in any value, independent of the layout of a batch.
 */
public final class SimCommands {
    public static final int LENGTH_MIN = 16;

    private static final long MARK = 0xC0DE_5EED_FACE_0FF5L;

    /** Receives the numbers of the commands in a value, in order. */
    @FunctionalInterface
    public interface Reader {
        void command(long number);
    }

    private SimCommands() {}

    public static void write(final MutableDirectBuffer buffer, final long number, final int length) {
        buffer.putLong(0, MARK);
        buffer.putLong(Long.BYTES, number);
        for (int i = LENGTH_MIN; i < length; i++) {
            buffer.putByte(i, (byte) (number + i));
        }
    }

    /** The number of the command in these bytes; 0 if they are no command. */
    public static long number(final DirectBuffer buffer, final int offset, final int length) {
        return length >= LENGTH_MIN && buffer.getLong(offset) == MARK ? buffer.getLong(offset + Long.BYTES) : 0;
    }

    public static void read(final DirectBuffer value, final int offset, final int length, final Reader reader) {
        int at = offset;
        while (at + LENGTH_MIN <= offset + length) {
            if (value.getLong(at) == MARK) {
                reader.command(value.getLong(at + Long.BYTES));
                at += LENGTH_MIN;
            } else {
                at++;
            }
        }
    }

    /** The first {@code limit} commands of a value, as text. */
    public static String text(final DirectBuffer value, final int offset, final int length, final int limit) {
        final StringBuilder text = new StringBuilder("{");
        final int[] count = {0};
        read(value, offset, length, number -> {
            if (count[0]++ < limit) {
                text.append(text.length() > 1 ? " " : "").append('c').append(number);
            }
        });
        return text.append(count[0] > limit ? " ...}" : "}").toString();
    }
}
