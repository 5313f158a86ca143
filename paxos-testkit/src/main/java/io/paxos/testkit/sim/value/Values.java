package io.paxos.testkit.sim.value;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Gives each distinct value a small number, so that a value is copied once and compared as an {@code int}. */
public final class Values {
    /** The number of the empty value, the no-op. */
    public static final int NO_OP = 0;

    private static final UnsafeBuffer EMPTY = new UnsafeBuffer(new byte[0]);

    private final List<DirectBuffer> values = new ArrayList<>(); // by number, distinct
    private int[] table = new int[256]; // number + 1, by hash; 0 is free

    public Values() {
        number(EMPTY, 0, 0);
    }

    /** The number of these bytes. The first call with them copies them. */
    public int number(final DirectBuffer buffer, final int offset, final int length) {
        int at = (int) hash(buffer, offset, length) & table.length - 1;
        while (table[at] != 0) {
            if (isSame(values.get(table[at] - 1), buffer, offset, length)) {
                return table[at] - 1;
            }
            at = at + 1 & table.length - 1;
        }
        final byte[] copy = new byte[length];
        buffer.getBytes(offset, copy);
        values.add(new UnsafeBuffer(copy));
        table[at] = values.size();
        if (values.size() * 2 > table.length) {
            grow();
        }
        return values.size() - 1;
    }

    /** The bytes of a number: the whole buffer. The caller must not change it. */
    public DirectBuffer bytes(final int number) {
        return values.get(number);
    }

    public String text(final int number) {
        final DirectBuffer value = values.get(number);
        return number == NO_OP ? "no-op" : SimCommands.text(value, 0, value.capacity(), Integer.MAX_VALUE);
    }

    public static long hash(final DirectBuffer buffer, final int offset, final int length) {
        long hash = length;
        int at = offset;
        final int end = offset + length;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            hash = (hash ^ buffer.getLong(at)) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 32;
        }
        for (; at < end; at++) {
            hash = (hash ^ buffer.getByte(at)) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 32;
        }
        return hash;
    }

    private void grow() {
        table = new int[table.length * 2];
        Arrays.fill(table, 0);
        for (int number = 0; number < values.size(); number++) {
            final DirectBuffer value = values.get(number);
            int at = (int) hash(value, 0, value.capacity()) & table.length - 1;
            while (table[at] != 0) {
                at = at + 1 & table.length - 1;
            }
            table[at] = number + 1;
        }
    }

    private static boolean isSame(
            final DirectBuffer value, final DirectBuffer buffer, final int offset, final int length) {
        if (value.capacity() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (value.getByte(i) != buffer.getByte(offset + i)) {
                return false;
            }
        }
        return true;
    }
}
