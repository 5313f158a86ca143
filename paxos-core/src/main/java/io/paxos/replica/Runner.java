package io.paxos.replica;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Clock;
import io.paxos.spi.Transport;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a duty cycle on a thread of its own: yields a few times when idle, then parks in the transport. */
final class Runner {
    private static final Logger LOGGER = LoggerFactory.getLogger(Runner.class);
    private static final long CLOSE_TIMEOUT_MS = 10_000;

    private final DutyCycle cycle;
    private final AcceptorLog log;
    private final Transport transport;
    private final Clock clock;
    private final Thread thread; // null if driven by its host
    private final AtomicBoolean hasEnded = new AtomicBoolean();
    private volatile boolean isBusy; // a host's turn is under way
    private volatile boolean isClosing;

    private Runner(
            final DutyCycle cycle,
            final AcceptorLog log,
            final Transport transport,
            final Clock clock,
            final String threadName) {
        this.cycle = cycle;
        this.log = log;
        this.transport = transport;
        this.clock = clock;
        thread = threadName == null ? null : transport.newThread(this::run, threadName);
        log.onDurable(transport::wakeup);
    }

    static Runner start(
            final DutyCycle cycle,
            final AcceptorLog log,
            final Transport transport,
            final Clock clock,
            final String threadName) {
        final Runner runner = new Runner(cycle, log, transport, clock, threadName);
        runner.thread.setDaemon(true);
        runner.thread.start();
        return runner;
    }

    static Runner hosted(final DutyCycle cycle, final AcceptorLog log, final Transport transport, final Clock clock) {
        return new Runner(cycle, log, transport, clock, null);
    }

    /** One turn, for a host. */
    int doWork() {
        if (thread != null) {
            throw new IllegalStateException("this replica has a thread of its own; build it with host() to drive it");
        }
        isBusy = true;
        try {
            return isClosing ? 0 : cycle.doWork();
        } finally {
            isBusy = false;
            if (isClosing) {
                end();
            }
        }
    }

    /**
     * Stops the work, then closes the log. From within a turn, by a callback or another thread, it only asks for that.
     */
    void close() {
        isClosing = true;
        if (thread == null) {
            if (!isBusy) {
                end();
            }
        } else if (Thread.currentThread() != thread) {
            transport.wakeup();
            joinThread();
        }
    }

    private void joinThread() {
        try {
            thread.join(CLOSE_TIMEOUT_MS);
            if (thread.isAlive()) {
                throw new IllegalStateException("the replica's thread did not stop; is the state machine stuck?");
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the replica was closing", e);
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // a yield costs less than the wake-up that it often saves
    private void run() {
        final IdleYields yields = new IdleYields();
        try {
            while (!isClosing && !cycle.isStopped()) {
                if (cycle.doWork() > 0) {
                    yields.found();
                } else if (yields.next(cycle.awaitsDisk())) {
                    Thread.yield();
                } else {
                    park();
                }
            }
        } finally {
            if (cycle.fault() != null) {
                LOGGER.error("{} has stopped, its data is kept", thread.getName(), cycle.fault());
            }
            end();
        }
    }

    private void end() {
        if (hasEnded.compareAndSet(false, true)) {
            try {
                cycle.stop();
            } finally {
                closeLog();
            }
        }
    }

    /** Until the log is closed it is in use: a replica that is built meanwhile is refused in one line. */
    private void closeLog() {
        try {
            log.close();
        } finally {
            InUse.release(log, transport);
        }
    }

    private void park() {
        final long waitNs = cycle.nextWorkNs() - clock.nanoTime();
        if (waitNs > 0) {
            transport.await(waitNs);
        }
    }
}
