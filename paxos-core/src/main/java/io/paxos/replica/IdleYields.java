package io.paxos.replica;

/**
 * How often an idle thread yields before it parks. A yield costs less than the wake-up that it can save, but it is not
 * free. So the thread yields only as often as that helped before.
 *
 * <p>The number doubles when work came while the thread yielded, and halves when the thread had to park. There is one
 * number for times when a message waits for the disk, and one for other times: a force takes longer than a few yields.
 *
 * <p>Example: the number is 4. Work comes at the third yield: it becomes 8. Next time no work comes within 8 yields:
 * the thread parks, and the number becomes 4 again.
 */
final class IdleYields {
    private static final int MIN = 1;
    private static final int MAX = 32;

    private int network = MIN; // MIN..MAX: yields while only the network or a caller can bring work
    private int disk = MIN; // MIN..MAX: yields while the disk can bring work too
    private int yielded; // 0..MAX: in this idle time
    private boolean awaitedDisk; // whether a message waited for the disk at the last yield

    /** Whether to yield once more. If not, the thread parks. */
    boolean next(final boolean awaitsDisk) {
        if (yielded < (awaitsDisk ? disk : network)) {
            yielded++;
            awaitedDisk = awaitsDisk;
            return true;
        }
        learn(awaitsDisk, false);
        return false;
    }

    /** The turn had work to do. */
    void found() {
        if (yielded > 0) {
            learn(awaitedDisk, true);
        }
    }

    private void learn(final boolean aboutDisk, final boolean helped) {
        final int before = aboutDisk ? disk : network;
        final int after = helped ? Math.min(MAX, 2 * before) : Math.max(MIN, before / 2);
        if (aboutDisk) {
            disk = after;
        } else {
            network = after;
        }
        yielded = 0;
    }
}
