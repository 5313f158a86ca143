package io.paxos.replica;

import io.paxos.Reason;
import io.paxos.ReplyHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jctools.queues.atomic.SpscAtomicArrayQueue;
import org.jctools.queues.atomic.SpscUnboundedAtomicArrayQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls code of the user: completes futures, calls the {@link ReplyHandler}, tells news.
 *
 * <p>The replica's thread gives the calls. An executor makes them, in the order in which they were given, one at a
 * time. So a call that takes long holds up later calls, but not the replica. Without an executor the replica's thread
 * makes each call at once.
 *
 * <p>The calls that wait are bounded: {@link #hasRoom} says no when there are too many, and then no command and no read
 * is taken. Each of those taken before has its place. What the user's code throws ends no call but its own. It is
 * logged. An {@link Error} stops the replica as well: see {@link #requireSound}.
 *
 * <p>Example: room for 2 calls. The outcomes of commands 1, 2 and 3, which were taken before, are given and wait. There
 * is no room, so command 4 waits in the inbox. The executor calls with 1 and 2. There is room again.
 */
final class Callbacks {
    private static final Logger LOGGER = LoggerFactory.getLogger(Callbacks.class);
    private static final int CHUNK = 1024;
    private static final long AWAIT_NS = 50_000;
    private static final int SPARE_CALLS_MAX = 4096;
    private static final int KEPT_BYTES_MAX = 4096; // a spare call keeps no longer buffer

    private enum Kind {
        CHOSEN,
        NOT_CHOSEN,
        UNKNOWN,
        COMPLETE,
        FAIL,
        TELL
    }

    /** A call that waits. It is used again. */
    private static final class Call {
        private Kind kind;
        private long correlationId;
        private long slot;
        private byte[] bytes = new byte[64]; // of a reply, from index 0
        private int length; // of the reply, or of what the result holds
        private CompletableFuture<Object> future;
        private Object result; // of a future: its value, or why it fails; of a command that was not chosen: the reason
        private Runnable news;
    }

    private final String owner; // for messages
    private final Executor executor; // null: the replica's thread makes the calls
    private final CallbackThread thread; // null: it has none of its own
    private final ReplyHandler handler; // null if there is none
    private final int callsMax;
    private final long bytesMax;
    private final SpscUnboundedAtomicArrayQueue<Call> calls = new SpscUnboundedAtomicArrayQueue<>(CHUNK);
    private final SpscAtomicArrayQueue<Call> spares = new SpscAtomicArrayQueue<>(SPARE_CALLS_MAX);
    private final AtomicBoolean isScheduled = new AtomicBoolean(); // whether a drain runs or will run
    private final UnsafeBuffer reply = new UnsafeBuffer(0, 0);
    private final Runnable drain = this::drain;
    private final Runnable wakeup;

    // The replica's thread writes these.
    private long given; // calls that were ever to wait
    private long givenBytes;
    private boolean isRejected; // whether the executor has ever refused; then it is not asked again

    // Whoever makes the calls writes these.
    private volatile long made; // at most given
    private volatile long madeBytes;
    private volatile Thread calling; // the thread that makes calls now; null if none does
    private volatile Throwable error; // the first Error of a call; null if there was none
    private long thrown; // how many calls threw

    private volatile boolean isAwaited; // whether the replica's thread is to be woken when no call waits

    private volatile Thread working; // the thread in whose turn the replica is; null between turns of a host

    /**
     * The calls of a replica.
     *
     * @param owner the replica's name, for messages
     * @param executor makes the calls; {@link ReplicaEngine#ON_REPLICA_THREAD} if the replica's thread does; null for a
     *     thread of its own if {@code hasThread}, and otherwise for the replica's thread
     * @param hasThread whether the replica has a thread of its own, and no host
     * @param callsMax how many calls may wait before {@link #hasRoom} says no
     * @param bytesMax how many bytes of replies may wait before it says no
     * @param wakeup wakes the replica's thread, if it was told that there is no room
     */
    Callbacks(
            final String owner,
            final Executor executor,
            final boolean hasThread,
            final ReplyHandler handler,
            final int callsMax,
            final long bytesMax,
            final Runnable wakeup) {
        this.wakeup = wakeup;
        this.owner = owner;
        thread = executor == null && hasThread ? new CallbackThread(owner + "-callbacks") : null;
        this.executor = executor == ReplicaEngine.ON_REPLICA_THREAD || executor == null ? thread : executor;
        this.handler = handler;
        this.callsMax = callsMax;
        this.bytesMax = bytesMax;
    }

    void start() {
        if (thread != null) {
            thread.start();
        }
    }

    // Any thread.

    /** A future that the threads of this replica may not wait for, because they would wait for themselves. */
    <T> CompletableFuture<T> newFuture() {
        return new GuardedFuture<>(this);
    }

    /** Throws if this thread would have to complete what it is about to wait for. */
    void requireMayWait() {
        final Thread here = Thread.currentThread();
        if (here == working || here == calling) {
            throw new IllegalStateException("this thread makes the calls of " + owner
                    + ", so it would wait for itself: go on in thenAccept or whenComplete, or wait on another thread");
        }
    }

    /** Whether this thread makes a call now, so that it must not wait until all calls are made. */
    boolean isCalling() {
        return Thread.currentThread() == calling;
    }

    /** Changes with each call. Odd while one is made. */
    long progress() {
        return calling == null ? 0 : 2 * made + 1;
    }

    /** The thread that makes calls now; null if there is none. */
    Thread calling() {
        return calling;
    }

    /**
     * Waits until all calls are made and the own thread has ended. Returns false if that took too long. An interrupt
     * does not end the wait. Does not wait for an executor of the user, which may have this very thread.
     */
    boolean awaitAll(final long timeoutNs) {
        if (thread == null) {
            return true;
        }
        final long untilNs = System.nanoTime() + timeoutNs;
        boolean areMade = false;
        while (!areMade && System.nanoTime() - untilNs < 0) {
            areMade = calls.isEmpty() && !isScheduled.get();
            if (!areMade) {
                LockSupport.parkNanos(AWAIT_NS); // returns at once if this thread was interrupted
            }
        }
        return areMade && thread.awaitEnd(timeoutNs);
    }

    // The replica's thread.

    /** The turn of this thread begins; null: it has ended. */
    void working(final Thread thread) {
        working = thread;
    }

    /** Whether so few calls wait that a command or a read may be taken. */
    boolean hasRoom() {
        if (executor == null || (given - made < callsMax && givenBytes - madeBytes < bytesMax)) {
            return true;
        }
        isAwaited = true;
        return given == made; // made since; then nobody wakes this thread
    }

    /** Throws the first Error of the user's code. */
    void requireSound() {
        if (error != null) {
            throw new IllegalStateException("code that " + owner + " called has thrown an Error: " + error, error);
        }
    }

    void chosen(
            final long correlationId, final long slot, final DirectBuffer buffer, final int offset, final int length) {
        if (executor == null) {
            try {
                handler.onChosen(correlationId, slot, buffer, offset, length);
            } catch (final Throwable e) {
                threw(e);
            }
            return;
        }
        final Call call = newCall(Kind.CHOSEN, correlationId);
        call.slot = slot;
        if (call.bytes.length < length) {
            call.bytes = new byte[length];
        }
        buffer.getBytes(offset, call.bytes, 0, length);
        give(call, length);
    }

    void notChosen(final long correlationId, final Reason reason) {
        handle(Kind.NOT_CHOSEN, correlationId, reason);
    }

    void unknown(final long correlationId) {
        handle(Kind.UNKNOWN, correlationId, null);
    }

    /** Completes a future. {@code length}: about how many bytes the value holds. */
    <T> void complete(final CompletableFuture<T> future, final T value, final int length) {
        if (executor == null) {
            future.complete(value);
        } else {
            future(Kind.COMPLETE, future, value, length);
        }
    }

    void fail(final CompletableFuture<?> future, final Throwable cause) {
        if (executor == null) {
            future.completeExceptionally(cause);
        } else {
            future(Kind.FAIL, future, cause, 0);
        }
    }

    void tell(final Runnable news) {
        final Call call = newCall(Kind.TELL, 0);
        call.news = news;
        giveOrMake(call);
    }

    /** No call is given any more. Those that wait are still made. */
    void close() {
        flush();
        if (thread != null) {
            thread.close();
        }
    }

    /** Has the calls made that were given since the last time. */
    void flush() {
        if (executor != null && !calls.isEmpty() && isScheduled.compareAndSet(false, true)) {
            schedule();
        }
    }

    // Inside.

    private void handle(final Kind kind, final long correlationId, final Reason reason) {
        final Call call = newCall(kind, correlationId);
        call.result = reason;
        giveOrMake(call);
    }

    @SuppressWarnings("unchecked") // the kind of the result is that of the future
    private void future(final Kind kind, final CompletableFuture<?> future, final Object result, final int length) {
        final Call call = newCall(kind, 0);
        call.future = (CompletableFuture<Object>) future;
        call.result = result;
        give(call, length);
    }

    private Call newCall(final Kind kind, final long correlationId) {
        final Call spare = spares.poll();
        final Call call = spare != null ? spare : new Call();
        call.kind = kind;
        call.correlationId = correlationId;
        return call;
    }

    private void giveOrMake(final Call call) {
        if (executor == null) {
            make(call);
            recycle(call);
        } else {
            give(call, 0);
        }
    }

    private void give(final Call call, final int length) {
        call.length = length;
        given++;
        givenBytes += length;
        calls.offer(call);
    }

    private void schedule() {
        if (!isRejected) {
            try {
                executor.execute(drain);
                return;
            } catch (final RejectedExecutionException e) {
                isRejected = true;
                LOGGER.warn("the executor for the calls of {} takes no more: a thread of its own makes them", owner, e);
            }
        }
        final Thread other = new Thread(drain, owner + "-callbacks");
        other.setDaemon(true);
        other.start();
    }

    /** Makes all calls that wait. One thread at a time: that which has set {@link #isScheduled}. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time
    private void drain() {
        do {
            calling = Thread.currentThread();
            Call call;
            while ((call = calls.poll()) != null) {
                final int length = call.length;
                make(call);
                recycle(call);
                madeBytes += length;
                made++;
            }
            calling = null;
            if (isAwaited) {
                isAwaited = false;
                wakeup.run();
            }
            isScheduled.set(false);
        } while (!calls.isEmpty() && isScheduled.compareAndSet(false, true));
    }

    private void make(final Call call) {
        try {
            switch (call.kind) {
                case CHOSEN -> {
                    reply.wrap(call.bytes);
                    handler.onChosen(call.correlationId, call.slot, reply, 0, call.length);
                }
                case NOT_CHOSEN -> handler.onNotChosen(call.correlationId, (Reason) call.result);
                case UNKNOWN -> handler.onUnknown(call.correlationId);
                case COMPLETE -> call.future.complete(call.result);
                case FAIL -> call.future.completeExceptionally((Throwable) call.result);
                case TELL -> call.news.run();
            }
        } catch (final Throwable e) {
            threw(e);
        }
    }

    private void recycle(final Call call) {
        call.future = null;
        call.result = null;
        call.news = null;
        if (call.bytes.length <= KEPT_BYTES_MAX) {
            spares.offer(call);
        }
    }

    /** Logs the first, the second, the fourth, the eighth, ... */
    private void threw(final Throwable e) {
        thrown++;
        if (Long.bitCount(thrown) == 1) {
            LOGGER.error("code that {} called has thrown, {} times in all", owner, thrown, e);
        }
        if (e instanceof Error && error == null) {
            error = e;
        }
    }
}
