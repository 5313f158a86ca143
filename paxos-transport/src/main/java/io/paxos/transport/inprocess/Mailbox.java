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

/** What waits for one replica, and the replica itself when it waits for that. Many writers, one reader. */
final class Mailbox {
    private final ManyToOneRingBuffer ring;
    private final AtomicBoolean woken = new AtomicBoolean();

    private volatile ByteBuffer memory;
    private volatile Thread parked;

    /** An empty mailbox for {@code capacity} bytes of frames, a power of two. */
    Mailbox(final int capacity) {
        memory = BufferUtil.allocateDirectAligned(
                capacity + RingBufferDescriptor.TRAILER_LENGTH, BitUtil.CACHE_LINE_LENGTH);
        ring = view();
    }

    /** A way to write, for one thread: a view of its own, because the writer moves the position beneath. */
    ManyToOneRingBuffer view() {
        final ByteBuffer shared = memory;
        return shared == null ? null : new ManyToOneRingBuffer(new UnsafeBuffer(shared.duplicate()));
    }

    int read(final MessageHandler handler, final int limit) {
        final int count = ring.read(handler, limit);
        // A read ends where the ring does, even if that is only padding: what follows is at its beginning.
        final boolean isAtBeginning = (ring.consumerPosition() & ring.capacity() - 1) == 0;
        return isAtBeginning && count < limit ? count + ring.read(handler, limit - count) : count;
    }

    void await(final long timeoutNs) {
        if (woken.getAndSet(false) || timeoutNs <= 0) {
            return;
        }
        parked = Thread.currentThread(); // volatile, so before the look at the ring; see arrived()
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

    /** A writer is done for now. The fence keeps its frame from being published after the look for a sleeper. */
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

    /** The memory goes when the last writer has let go of its view: freeing it here could be under a writer's hands. */
    void close() {
        memory = null;
        wakeup();
    }
}
