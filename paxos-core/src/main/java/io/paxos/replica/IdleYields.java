package io.paxos.replica;

/**
 * How often an idle thread yields before it parks: only as long as that lately helped. A yield costs less than the wake-up
 * that it saves, but more than nothing.
 *
 * <p>Twice as often when work came while it yielded, half as often when it had to park. Learned apart for the times when
 * something waits for the disk: a force takes longer than a yield is worth, whatever the network does.
 */
final class IdleYields {
    private static final int MIN = 1;
    private static final int MAX = 32;

    private int network = MIN; // how often where only the network, or a caller, can bring work
    private int disk = MIN; // how often where the disk can bring it too
    private int yielded; // in this idle time
    private boolean awaitedDisk; // when this thread last yielded

    /** Whether to yield once more; if not, it is time to park. */
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
