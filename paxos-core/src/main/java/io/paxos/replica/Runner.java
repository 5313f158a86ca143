package io.paxos.replica;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Clock;
import io.paxos.spi.Transport;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a duty cycle on a thread of its own: yields a few times when idle, then parks in the transport. */
final class Runner {
    private static final Logger LOGGER = LoggerFactory.getLogger(Runner.class);
    private static final long CLOSE_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

    private final DutyCycle cycle;
    private final AcceptorLog log;
    private final Transport transport;
    private final Clock clock;
    private final Callbacks callbacks;
    private final Thread thread; // null if driven by its host
    private TurnWatch watch; // null if driven by its host
    private final AtomicLong turns = new AtomicLong(); // odd within a turn; this thread alone writes it
    private final AtomicBoolean hasEnded = new AtomicBoolean();
    private volatile boolean isBusy; // a host's turn is under way
    private volatile boolean isClosing;

    private Runner(
            final DutyCycle cycle,
            final AcceptorLog log,
            final Transport transport,
            final Clock clock,
            final Callbacks callbacks,
            final String threadName) {
        this.cycle = cycle;
        this.log = log;
        this.transport = transport;
        this.clock = clock;
        this.callbacks = callbacks;
        thread = threadName == null ? null : transport.newThread(this::run, threadName);
        log.onDurable(transport::wakeup);
    }

    static Runner start(
            final DutyCycle cycle,
            final AcceptorLog log,
            final Transport transport,
            final Clock clock,
            final Callbacks callbacks,
            final long turnLimitNs,
            final String threadName) {
        final Runner runner = new Runner(cycle, log, transport, clock, callbacks, threadName);
        runner.thread.setDaemon(true);
        runner.watch = new TurnWatch(threadName, turnLimitNs, runner, callbacks, cycle::heldUp);
        callbacks.start();
        runner.watch.start();
        runner.thread.start();
        return runner;
    }

    static Runner hosted(
            final DutyCycle cycle,
            final AcceptorLog log,
            final Transport transport,
            final Clock clock,
            final Callbacks callbacks) {
        return new Runner(cycle, log, transport, clock, callbacks, null);
    }

    /** Its own thread; null if a host drives it. */
    Thread thread() {
        return thread;
    }

    /** Changes with each turn. Odd within one. Any thread. */
    long turns() {
        return turns.get();
    }

    /** One turn, for a host. */
    int doWork() {
        if (thread != null) {
            throw new IllegalStateException("this replica has a thread of its own; build it with host() to drive it");
        }
        isBusy = true;
        callbacks.working(Thread.currentThread());
        try {
            return isClosing ? 0 : cycle.doWork();
        } finally {
            callbacks.working(null);
            isBusy = false;
            if (isClosing) {
                end();
            }
        }
    }

    /**
     * Stops the work, then closes the log, and returns when all outcomes were told. From within a turn, by a callback
     * or another thread, it only asks for that. An interrupt does not end it.
     *
     * @throws IllegalStateException if a turn or a callback does not end within 10 s; what it holds is released when it
     *     does
     */
    void close() {
        isClosing = true;
        final Thread here = Thread.currentThread();
        if (here == thread) {
            return;
        }
        if (thread != null) {
            transport.wakeup();
            if (!Uninterruptibly.join(thread, CLOSE_TIMEOUT_NS)) {
                throw stuck("a turn of " + thread.getName(), thread, "files and sockets are released when it ends");
            }
            watch.awaitEnd(CLOSE_TIMEOUT_NS);
        } else if (isBusy) {
            return;
        } else {
            end();
        }
        if (!callbacks.isCalling() && !callbacks.awaitAll(CLOSE_TIMEOUT_NS)) {
            throw stuck("a callback", callbacks.calling(), "all else is released");
        }
    }

    private static IllegalStateException stuck(final String what, final Thread where, final String consequence) {
        final IllegalStateException stuck = new IllegalStateException(what + " has not ended within "
                + TimeUnit.NANOSECONDS.toSeconds(CLOSE_TIMEOUT_NS) + " s of closing: " + consequence);
        if (where != null) {
            final Throwable at = new Throwable("what it does");
            at.setStackTrace(where.getStackTrace());
            stuck.initCause(at);
        }
        return stuck;
    }

    @SuppressWarnings("ThreadPriorityCheck") // a yield costs less than the wake-up that it often saves
    private void run() {
        final IdleYields yields = new IdleYields();
        callbacks.working(thread);
        try {
            while (!isClosing && !cycle.isStopped()) {
                if (turn() > 0) {
                    yields.found();
                } else if (yields.next(cycle.awaitsDisk())) {
                    Thread.yield();
                } else {
                    park();
                }
            }
        } catch (final Throwable e) { // of waiting: a turn keeps its own
            cycle.fail(e);
        } finally {
            if (cycle.fault() != null) {
                LOGGER.error("{} has stopped, its data is kept", thread.getName(), cycle.fault());
            }
            end();
        }
    }

    /** A turn, and the interrupt that the user's code may have left is gone: it would close the files of the log. */
    private int turn() {
        turns.lazySet(turns.getPlain() + 1);
        try {
            return cycle.doWork();
        } finally {
            turns.lazySet(turns.getPlain() + 1);
            Thread.interrupted();
        }
    }

    private void end() {
        if (hasEnded.compareAndSet(false, true)) {
            Uninterruptibly.run(() -> {
                try {
                    cycle.stop();
                } finally {
                    closeLog();
                }
            });
        }
    }

    /** Until the log is closed it is in use: a replica that is built meanwhile is refused in one line. */
    private void closeLog() {
        try {
            log.close();
        } finally {
            InUse.release(log, transport);
            callbacks.close();
            if (watch != null) {
                watch.close();
            }
        }
    }

    private void park() {
        final long waitNs = cycle.nextWorkNs() - clock.nanoTime();
        if (waitNs > 0) {
            transport.await(waitNs);
        }
    }
}
