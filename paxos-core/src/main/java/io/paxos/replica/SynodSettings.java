package io.paxos.replica;

import io.paxos.identity.Pace;
import io.paxos.protocol.Configuration;

/**
 * How a member of single-decree Paxos is set. Checked in the constructor.
 *
 * @param configuration who takes part, and as whom
 * @param clusterId the cluster that this member belongs to; 0 if it is not given
 * @param isBootstrap whether the log is said to be new
 * @param timeoutNs by when each proposal is answered
 * @param retryIntervalNs how long to wait before a message is sent again
 * @param pendingDecrees how many proposals may wait here for their decree
 * @param pendingBytes room for answers that wait for the disk; a power of two
 * @param knownBytes room for decided values
 */
public record SynodSettings(
        Configuration configuration,
        long clusterId,
        boolean isBootstrap,
        long timeoutNs,
        long retryIntervalNs,
        int pendingDecrees,
        int pendingBytes,
        int knownBytes) {
    private static final int PENDING_BYTES_MIN = 4096;

    public SynodSettings {
        require(timeoutNs > 0, "timeoutNs must be positive: " + timeoutNs);
        require(retryIntervalNs > 0, "retryIntervalNs must be positive: " + retryIntervalNs);
        require(pendingDecrees > 0, "pendingDecrees must be positive: " + pendingDecrees);
        require(
                Integer.bitCount(pendingBytes) == 1 && pendingBytes >= PENDING_BYTES_MIN,
                "pendingBytes must be a power of two, at least " + PENDING_BYTES_MIN + ": " + pendingBytes);
        require(knownBytes >= 0, "knownBytes must not be negative: " + knownBytes);
    }

    Pace pace() {
        return new Pace(retryIntervalNs, 0, pendingDecrees, pendingBytes);
    }

    private static void require(final boolean holds, final String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
