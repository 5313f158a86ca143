package io.paxos.testkit.sim;

import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.value.ValueCodec;

/**
 * How heavy the load of one seed is: what the code of users costs and how it misbehaves, wide windows, long commands.
 *
 * <p>Drawn apart from all else, so a seed with nothing of it runs as it would without this class.
 */
final class DrawnLoad {
    private static final long SALT = 0x10AD;
    private static final int COSTLY_ONE_IN = 8; // seeds
    private static final int MISBEHAVING_ONE_IN = 8; // seeds
    private static final int WIDE_ONE_IN = 8;
    private static final int LONG_ONE_IN = 16;
    private static final int QUEUE_MIN = 64; // packets
    private static final int BATCH_OF_ONE = 96; // bytes
    private static final int PENDING_BYTES = 1 << 16;
    private static final int COMMAND_PART = 4; // of a heartbeat: what a command takes on average, at most
    private static final int OTHER_PART = 16; // what a query or a callback takes

    private DrawnLoad() {}

    static void draw(final Setup setup, final long seed) {
        final SimRandom random = new SimRandom(seed ^ SALT);
        if (random.below(MISBEHAVING_ONE_IN) == 0) {
            setup.clientFaultOneIn((int) random.between(10, 200));
        }
        if (random.below(WIDE_ONE_IN) == 0 && !setup.unequalPace) { // there, windows differ by up to 16 times
            setup.queueMax(Math.max(setup.queueMax, QUEUE_MIN)) // repeats through 8 places take a heartbeat for each 7
                    .windowSlots(1 << random.between(6, 10))
                    .batchBytesMax(random.below(2) == 0 ? BATCH_OF_ONE : setup.batchBytesMax)
                    .pendingCommands(1_024)
                    .pendingBytes(PENDING_BYTES)
                    .burstFactor(8);
        }
        if (random.below(LONG_ONE_IN) == 0 && setup.maxLogBytes == 0) {
            final int headers = ValueCodec.HEADER_LENGTH + ValueCodec.commandLength(0) + Long.BYTES;
            setup.pendingBytes(PENDING_BYTES)
                    .batchBytesMax(setup.valueLengthMax)
                    .commandLengthMax(setup.valueLengthMax - headers);
        }
        if (random.below(COSTLY_ONE_IN) == 0) {
            setup.applyMeanNs(random.below(4) == 0 ? 0 : random.between(0, setup.heartbeatIntervalNs / COMMAND_PART))
                    .queryMeanNs(random.below(2) == 0 ? 0 : random.between(0, setup.heartbeatIntervalNs / OTHER_PART))
                    .callbackMeanNs(
                            random.below(2) == 0 ? 0 : random.between(0, setup.heartbeatIntervalNs / OTHER_PART));
        }
    }
}
