package io.paxos.benchmarks.load;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.agrona.BitUtil;

/**
 * Numbers other than 0, from many threads to one, without allocation. Never full: its user sees to it that no more are
 * under way than it has room for.
 */
final class LongRing {
    private final AtomicLongArray places;
    private final AtomicLong tail = new AtomicLong();
    private final int mask;
    private long head; // the reader's

    LongRing(final int capacity) {
        places = new AtomicLongArray(BitUtil.findNextPositivePowerOfTwo(capacity));
        mask = places.length() - 1;
    }

    /** Any thread. */
    void put(final long number) {
        places.set((int) tail.getAndIncrement() & mask, number);
    }

    /** The reader: the next number, or 0 if it is not there yet. */
    long take() {
        final int place = (int) head & mask;
        final long number = places.getAcquire(place);
        if (number != 0) {
            places.setOpaque(place, 0);
            head++;
        }
        return number;
    }

    /** The reader. */
    boolean isEmpty() {
        return places.get((int) head & mask) == 0;
    }
}
