package io.paxos.replica;

import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The decided decrees that this member has learned since it started, up to so many bytes. When they are full the ones
 * learned first are forgotten.
 *
 * <p>Each decree takes the bytes of its value and 128 more. A value that alone exceeds the bound is not kept.
 */
final class KnownDecrees {
    private static final int OVERHEAD_BYTES = 128; // of the entries in both collections, about

    /** Written by the replica's thread alone; a value is never changed or replaced. */
    private final ConcurrentHashMap<Long, byte[]> values = new ConcurrentHashMap<>();

    private final ArrayDeque<Long> order = new ArrayDeque<>(); // the keys of values, the first learned first
    private final long bytesMax;
    private long bytes; // of all values and their overhead; 0..bytesMax

    KnownDecrees(final long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** The value of a decree; null if it is not known here. Not to be changed. Any thread. */
    byte[] value(final long decree) {
        return values.get(decree);
    }

    /** How many are known. Any thread. */
    int size() {
        return values.size();
    }

    /** Remembers a value that is not known yet, and keeps the array. The replica's thread. */
    void add(final long decree, final byte[] value) {
        assert value(decree) == null : "decree=" + decree;
        final long length = OVERHEAD_BYTES + (long) value.length;
        if (length > bytesMax) {
            return;
        }
        while (bytes + length > bytesMax) {
            bytes -= OVERHEAD_BYTES + values.remove(order.remove()).length;
        }
        values.put(decree, value);
        order.add(decree);
        bytes += length;
        assert bytes <= bytesMax && order.size() == values.size() : "bytes=" + bytes + " decrees=" + order.size();
    }
}
