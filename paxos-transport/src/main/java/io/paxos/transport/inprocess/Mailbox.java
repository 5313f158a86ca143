package io.paxos.transport.inprocess;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * The frames that wait for one replica, and the sleep of that replica until there are any. Many writers, one reader.
 */
final class Mailbox {
    private final ManyToOneRingBuffer ring;
    private final AtomicBoolean woken = new AtomicBoolean(); // a wake-up is pending

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

    boolean isClosed() {
        return memory == null;
    }

    /** The memory is freed when no writer has a view of it any more: a writer may be writing now. */
    void close() {
        memory = null;
        wakeup();
    }
}
