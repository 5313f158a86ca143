package io.paxos.benchmarks.load;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.agrona.BitUtil;

/**
 * A queue of numbers other than 0, from many threads to one, without allocation. It does not check whether it is full:
 * its user never puts more numbers than the capacity before they are taken.
 */
final class LongRing {
    /** The numbers between head and tail, by {@code index & mask}; 0 in every other place. */
    private final AtomicLongArray places;

    /** The index of the next number to put. */
    private final AtomicLong tail = new AtomicLong();

    private final int mask;

    /** The index of the next number to take. Only the reader uses it. */
    private long head;

    LongRing(final int capacity) {
        places = new AtomicLongArray(BitUtil.findNextPositivePowerOfTwo(capacity));
        mask = places.length() - 1;
    }

    /** Appends a number. Any thread. */
    void put(final long number) {
        places.set((int) tail.getAndIncrement() & mask, number);
    }

    /** Takes the next number; 0 if there is none. Only the reader. */
    long take() {
        final int place = (int) head & mask;
        final long number = places.getAcquire(place);
        if (number != 0) {
            places.setOpaque(place, 0);
            head++;
        }
        return number;
    }

    /** Whether there is no number to take. Only the reader. */
    boolean isEmpty() {
        return places.get((int) head & mask) == 0;
    }
}
