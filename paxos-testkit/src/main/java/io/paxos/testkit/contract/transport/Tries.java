package io.paxos.testkit.contract.transport;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The tries of one property, one at a time. jqwik shrinks on another thread and leaves that thread alone after 10 s, so
 * shrinking has to end earlier by itself.
 */
final class Tries {
    private static final long PATIENCE_SHRINKING_NS = 300_000_000;
    private static final long SHRINKING_NS_MAX = 8_000_000_000L;

    private final ReentrantLock lock = new ReentrantLock(true); // held during a try
    private boolean isOver; // the property has ended: no further try begins; guarded by the lock
    private volatile boolean hasFailed; // the tries from then on shrink
    private volatile long failedNs; // when it failed first; meaningful once hasFailed

    /** How long to wait in the next try: once the property has failed, shrinking it need not wait as long. */
    long patienceNs(final long patienceNs) {
        return hasFailed ? Math.min(PATIENCE_SHRINKING_NS, patienceNs) : patienceNs;
    }

    /**
     * Runs one try. If the property has ended, or is shrunk for longer than the patience or 8 s, the try passes without
     * being run, and jqwik soon has nothing left to shrink.
     */
    void run(final long patienceNs, final Runnable body) {
        lock.lock();
        try {
            if (!isOver && !isShrunkEnough(patienceNs)) {
                body.run();
            }
        } catch (final AssertionError e) {
            failedNs = hasFailed ? failedNs : System.nanoTime();
            hasFailed = true;
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the try that still runs, if there is one, and lets no other begin. */
    void end() {
        lock.lock();
        try {
            isOver = true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isShrunkEnough(final long patienceNs) {
        return hasFailed && System.nanoTime() - failedNs > Math.min(SHRINKING_NS_MAX, patienceNs);
    }
}
