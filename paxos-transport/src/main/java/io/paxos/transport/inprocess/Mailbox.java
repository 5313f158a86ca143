package io.paxos.transport.inprocess;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * The frames and introductions that wait for one replica, and the sleep of that replica until there are any. Many
 * writers, one reader.
 */
final class Mailbox {
    /** Nothing is read from it any more. */
    static final int CLOSED = 0;
    /** Its replica has no handshake: it reads the frames of everybody. */
    static final int OPEN = 1;
    /** Its replica reads frames only of those whose introduction it has admitted. */
    static final int JUDGED = 2;

    private final ManyToOneRingBuffer ring;
    private final ConcurrentHashMap<Integer, Introduction> introductions =
            new ConcurrentHashMap<>(); // newest by sender
    private final AtomicBoolean woken = new AtomicBoolean(); // a wake-up is pending

    private volatile int state = OPEN; // OPEN, then perhaps JUDGED, then CLOSED
    private volatile boolean hasIntroductions; // false: there are none
    private volatile ByteBuffer memory; // of the ring; null once closed
    private volatile Thread parked; // the reader while it waits, else null

    /** An empty mailbox for {@code capacity} bytes of frames, a power of two. */
    Mailbox(final int capacity) {
        memory = BufferUtil.allocateDirectAligned(
                capacity + RingBufferDescriptor.TRAILER_LENGTH, BitUtil.CACHE_LINE_LENGTH);
        ring = view();
    }

    /** A view for one writing thread: of its own, because a frame writer moves the position of the memory under it. */
    ManyToOneRingBuffer view() {
        final ByteBuffer shared = memory;
        return shared == null ? null : new ManyToOneRingBuffer(new UnsafeBuffer(shared.duplicate()));
    }

    int read(final MessageHandler handler, final int limit) {
        final int count = ring.read(handler, limit);
        // A read stops at the end of the ring, even if only padding is there; more may follow at the beginning.
        final boolean isAtBeginning = (ring.consumerPosition() & ring.capacity() - 1) == 0;
        return isAtBeginning && count < limit ? count + ring.read(handler, limit - count) : count;
    }

    void await(final long timeoutNs) {
        if (woken.getAndSet(false) || timeoutNs <= 0) {
            return;
        }
        parked = Thread.currentThread(); // volatile: written before the ring is read; see arrived()
        try {
            final long deadlineNs = System.nanoTime() + timeoutNs;
            long remainingNs = timeoutNs;
            while (remainingNs > 0 && isQuiet()) {
                LockSupport.parkNanos(this, remainingNs);
                remainingNs = deadlineNs - System.nanoTime();
            }
        } finally {
            parked = null;
            woken.set(false);
        }
    }

    private boolean isQuiet() {
        return !woken.get() && ring.size() == 0 && !Thread.currentThread().isInterrupted();
    }

    /** Any thread. */
    void wakeup() {
        woken.set(true);
        unpark();
    }

    /** A writer has written. The fence makes its frames visible before it looks for a sleeping reader. */
    void arrived() {
        VarHandle.fullFence();
        unpark();
    }

    private void unpark() {
        final Thread sleeper = parked;
        if (sleeper != null) {
            LockSupport.unpark(sleeper);
        }
    }

    /** A sender introduces itself: the reader wakes up and judges it. Replaces what the same sender said before. */
    void introduce(final Introduction introduction) {
        introductions.put(introduction.sender(), introduction);
        hasIntroductions = true; // after the put; see takeIntroductions
        wakeup();
    }

    /** Passes on the introductions since the last call. Reader only. */
    void takeIntroductions(final Consumer<Introduction> action) {
        if (!hasIntroductions) {
            return;
        }
        hasIntroductions = false; // before the map is read, so that none is left there unseen
        for (final Integer sender : introductions.keySet()) {
            final Introduction newest = introductions.remove(sender);
            if (newest != null) { // null: closed meanwhile
                action.accept(newest);
            }
        }
    }

    /** From now on the reader takes frames only of those whom it has admitted. */
    void judge() {
        if (state == OPEN) {
            state = JUDGED;
        }
    }

    /** Any thread. */
    int state() {
        return state;
    }

    boolean isClosed() {
        return state == CLOSED;
    }

    /** The memory is freed when no writer has a view of it any more: a writer may be writing now. */
    void close() {
        state = CLOSED;
        memory = null;
        introductions.clear();
        wakeup();
    }
}
