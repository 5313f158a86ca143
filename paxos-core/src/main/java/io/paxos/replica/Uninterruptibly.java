package io.paxos.replica;

import java.util.concurrent.TimeUnit;

/** Does what an interrupt must not cut off, and keeps the interrupt for the caller. */
final class Uninterruptibly {
    private Uninterruptibly() {}

    /**
     * Runs this without an interrupt: a channel that is used by an interrupted thread closes.
     *
     * @see java.nio.channels.ClosedByInterruptException
     */
    static void run(final Runnable work) {
        final boolean wasInterrupted = Thread.interrupted();
        try {
            work.run();
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits until the thread has ended. Returns false if that took longer. */
    static boolean join(final Thread thread, final long timeoutNs) {
        final long untilNs = System.nanoTime() + timeoutNs;
        boolean wasInterrupted = false;
        try {
            while (true) {
                try {
                    TimeUnit.NANOSECONDS.timedJoin(thread, untilNs - System.nanoTime());
                    return !thread.isAlive();
                } catch (final InterruptedException e) {
                    wasInterrupted = true;
                }
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
