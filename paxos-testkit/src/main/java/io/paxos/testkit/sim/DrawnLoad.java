package io.paxos.testkit.sim;

import io.paxos.testkit.sim.schedule.SimRandom;

/**
 * What the code of users costs in one seed, drawn apart from all else: a seed without such costs runs as it would
 * without this class.
 */
final class DrawnLoad {
    private static final long SALT = 0x10AD;
    private static final int COSTLY_ONE_IN = 8; // seeds
    private static final int COMMAND_PART = 4; // of a heartbeat: what a command takes on average, at most
    private static final int OTHER_PART = 16; // what a query or a callback takes

    private DrawnLoad() {}

    static void draw(final Setup setup, final long seed) {
        final SimRandom random = new SimRandom(seed ^ SALT);
        if (random.below(COSTLY_ONE_IN) == 0) {
            setup.applyMeanNs(random.below(4) == 0 ? 0 : random.between(0, setup.heartbeatIntervalNs / COMMAND_PART))
                    .queryMeanNs(random.below(2) == 0 ? 0 : random.between(0, setup.heartbeatIntervalNs / OTHER_PART))
                    .callbackMeanNs(
                            random.below(2) == 0 ? 0 : random.between(0, setup.heartbeatIntervalNs / OTHER_PART));
        }
    }
}
