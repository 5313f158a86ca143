package io.paxos.replica;

import io.paxos.protocol.Configuration;

/**
 * How a member of single-decree Paxos is set.
 *
 * @param configuration who takes part, and as whom
 * @param timeoutNs by when each proposal is answered
 * @param tickIntervalNs how long to wait before a message is sent again
 * @param decreesMax how many decrees may be proposed here at a time
 * @param stagedBytes room for answers that wait for the disk; a power of two
 */
public record SynodSettings(
        Configuration configuration, long timeoutNs, long tickIntervalNs, int decreesMax, int stagedBytes) {
    private static final int STAGED_BYTES_MIN = 4096;

    public SynodSettings {
        require(timeoutNs > 0, "timeoutNs must be positive: " + timeoutNs);
        require(tickIntervalNs > 0, "tickIntervalNs must be positive: " + tickIntervalNs);
        require(decreesMax > 0, "decreesMax must be positive: " + decreesMax);
        require(
                Integer.bitCount(stagedBytes) == 1 && stagedBytes >= STAGED_BYTES_MIN,
                "stagedBytes must be a power of two, at least " + STAGED_BYTES_MIN + ": " + stagedBytes);
    }

    private static void require(final boolean holds, final String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
