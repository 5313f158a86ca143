package io.paxos.testkit.contract.transport;

/**
 * How long to wait for what must happen. It ends when the time is over and there were enough looks. So a busy machine,
 * which lets the test look seldom, makes no transport late.
 */
final class Patience {
    private static final long NS_PER_LOOK = 20_000_000; // of the looks that it waits for at the least

    private final long deadlineNs;
    private final long looksMin; // at least 1
    private long looks; // so far

    Patience(final long patienceNs) {
        deadlineNs = System.nanoTime() + patienceNs;
        looksMin = 1 + patienceNs / NS_PER_LOOK;
    }

    /** Counts a look that was in vain. Returns whether it was the last one. */
    boolean isOver() {
        return ++looks > looksMin && System.nanoTime() - deadlineNs > 0;
    }
}
