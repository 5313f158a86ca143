package io.paxos.replica;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices on a thread of its own that a turn of a replica, or a call of the user's code, does not end. Says so once
 * when it has taken longer than a limit, each time when it has taken twice as long as told, and once when it has ended.
 *
 * <p>A machine or a JVM that pauses holds up this thread too. Then it begins to measure anew.
 *
 * <p>Example: the limit is 300 ms, and a state machine sleeps for one second. This is told after 300 ms and after 600
 * ms, with what the thread does at that time, and that the turn has ended after 1,000 ms.
 */
final class TurnWatch {
    /** Told on the thread of the watch. */
    interface Listener {
        /** {@code what} holds up the replica or its callers; null: nothing does any more. */
        void heldUp(String what, long durationNs);
    }

    private static final Logger LOGGER = LoggerFactory.getLogger(TurnWatch.class);
    private static final int LOOKS = 4; // in one limit
    private static final int FRAMES_MAX = 8; // of a stack, in a message

    /** One thing that must go on. */
    private static final class Watched {
        private final String name;
        private final LongSupplier progress; // odd: it is at work
        private final Supplier<Thread> thread;
        private long seen = -1; // the progress at the last look
        private long sinceNs; // when it was first seen there
        private long tellAfterNs; // how long it may stay there before the next message
        private boolean isTold;

        Watched(final String name, final LongSupplier progress, final Supplier<Thread> thread) {
            this.name = name;
            this.progress = progress;
            this.thread = thread;
        }
    }

    private final String owner;
    private final long limitNs;
    private final Listener listener;
    private final Watched[] watched;
    private final Thread watcher;
    private volatile boolean isClosing; // never false again

    TurnWatch(
            final String owner,
            final long limitNs,
            final Runner runner,
            final Callbacks callbacks,
            final Listener listener) {
        this.owner = owner;
        this.limitNs = limitNs;
        this.listener = listener;
        watched = new Watched[] {
            new Watched("a turn", runner::turns, runner::thread),
            new Watched("a callback", callbacks::progress, callbacks::calling)
        };
        watcher = new Thread(this::run, owner + "-watch");
        watcher.setDaemon(true);
    }

    void start() {
        watcher.start();
    }

    void close() {
        isClosing = true;
        LockSupport.unpark(watcher);
    }

    /** After {@link #close}: waits until the thread of the watch has ended. Not within a call of the listener. */
    void awaitEnd(final long timeoutNs) {
        if (Thread.currentThread() != watcher) {
            Uninterruptibly.join(watcher, timeoutNs);
        }
    }

    private void run() {
        final long intervalNs = limitNs / LOOKS;
        long lookedNs = System.nanoTime();
        while (!isClosing) {
            LockSupport.parkNanos(this, intervalNs);
            final long nowNs = System.nanoTime();
            final boolean hasPaused = nowNs - lookedNs > 2 * intervalNs;
            lookedNs = nowNs;
            for (final Watched one : watched) {
                look(one, nowNs, hasPaused);
            }
        }
    }

    private void look(final Watched one, final long nowNs, final boolean hasPaused) {
        final long progress = one.progress.getAsLong();
        if (progress != one.seen || progress % 2 == 0) {
            if (one.isTold) {
                one.isTold = false;
                LOGGER.info("{}: {} has ended after {} ms", owner, one.name, millis(nowNs - one.sinceNs));
                tell(null, nowNs - one.sinceNs);
            }
            one.seen = progress;
            one.sinceNs = nowNs;
            one.tellAfterNs = limitNs;
        } else if (hasPaused && !one.isTold) {
            one.sinceNs = nowNs;
        } else if (nowNs - one.sinceNs >= one.tellAfterNs) {
            final Thread thread = one.thread.get();
            final StackTraceElement[] stack = thread == null ? new StackTraceElement[0] : thread.getStackTrace();
            if (one.progress.getAsLong() == progress) { // the stack is that of this turn or call
                one.isTold = true;
                one.tellAfterNs = 2 * (nowNs - one.sinceNs);
                tell(one, nowNs - one.sinceNs, stack);
            }
        }
    }

    private void tell(final Watched one, final long durationNs, final StackTraceElement[] stack) {
        final StringBuilder text = new StringBuilder();
        text.append(one.name)
                .append(" has not ended for ")
                .append(millis(durationNs))
                .append(" ms; its thread is at ");
        for (int i = 0; i < Math.min(stack.length, FRAMES_MAX); i++) {
            text.append(i == 0 ? "" : ", called by ").append(stack[i]);
        }
        LOGGER.warn("{}: {}", owner, text);
        tell(text.toString(), durationNs);
    }

    private void tell(final String what, final long durationNs) {
        try {
            listener.heldUp(what, durationNs);
        } catch (final RuntimeException e) {
            LOGGER.error("the listener of {} has thrown", owner, e);
        }
    }

    private static long millis(final long durationNs) {
        return TimeUnit.NANOSECONDS.toMillis(durationNs);
    }
}
