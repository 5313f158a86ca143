package io.paxos.replica;

import io.paxos.execution.ExecutedCommands;
import io.paxos.identity.Pace;
import io.paxos.protocol.Configuration;
import io.paxos.protocol.ProtocolSettings;
import io.paxos.value.ValueCodec;
import org.agrona.BitUtil;

/**
 * How a replica is set. Checked in the constructor, so that no user of it has to check again.
 *
 * @param configuration who takes part, and as whom
 * @param clusterId the cluster that this replica belongs to; 0 if it is not given
 * @param isBootstrap whether the log is said to be new
 * @param protocol window, heartbeats and patience
 * @param timeoutNs by when each command and each read gets its outcome
 * @param followerLingerNs by how much later than a quorum the other followers may be sent proposals; 0 for not at all
 * @param commandLingerNs for how long commands may wait at the leader while a value is under way; 0 for not at all
 * @param batchBytesMax how many bytes of waiting commands become one value at most
 * @param pendingBytes room for commands that wait for their outcome; a power of two
 * @param pendingCommands how many commands, and how many reads, may wait for their outcome; a power of two
 * @param comparesReplies whether members compare the replies of their state machines
 * @param clockAheadMaxMs by how much the wall clock may be ahead of those of the others
 * @param snapshotBytes how many bytes of values are executed between two snapshots at least; 0 for none by itself
 * @param transferBytesPerSecond how fast a snapshot of another replica is received at most
 * @param logTailBytes how many bytes of the log stay behind a snapshot, for members that are a little behind
 * @param maxLogBytes how many bytes the log may have; 0 for as many as the disk takes
 */
public record ReplicaSettings(
        Configuration configuration,
        long clusterId,
        boolean isBootstrap,
        ProtocolSettings protocol,
        long timeoutNs,
        long followerLingerNs,
        long commandLingerNs,
        int batchBytesMax,
        int pendingBytes,
        int pendingCommands,
        boolean comparesReplies,
        long clockAheadMaxMs,
        long snapshotBytes,
        long transferBytesPerSecond,
        long logTailBytes,
        long maxLogBytes) {
    private static final int PIECES_MIN = 3;
    private static final int PENDING_BYTES_MIN = 4096;
    private static final long CLOCK_AHEAD_MS_MAX = 24 * 3600 * 1000; // a day: more is no fence
    private static final int BATCH_BYTES_MIN = ValueCodec.HEADER_LENGTH + ValueCodec.COMMAND_HEADER_LENGTH;

    public ReplicaSettings {
        require(
                clockAheadMaxMs > 0 && clockAheadMaxMs <= CLOCK_AHEAD_MS_MAX,
                "clockAheadMaxMs must be 1.." + CLOCK_AHEAD_MS_MAX + ": " + clockAheadMaxMs);
        require(snapshotBytes >= 0, "snapshotBytes must not be negative: " + snapshotBytes);
        require(transferBytesPerSecond > 0, "transferBytesPerSecond must be positive: " + transferBytesPerSecond);
        require(logTailBytes >= 0, "logTailBytes must not be negative: " + logTailBytes);
        require(maxLogBytes >= 0, "maxLogBytes must not be negative: " + maxLogBytes);
        require(
                maxLogBytes == 0 || maxLogBytes / 2 >= logTailBytes,
                "maxLogBytes must be at least twice logTailBytes, " + logTailBytes + ": " + maxLogBytes);
        require(timeoutNs > 0, "timeoutNs must be positive: " + timeoutNs);
        requireLinger("commandLingerNs", commandLingerNs, "heartbeatIntervalNs", protocol.heartbeatIntervalNs());
        requireLinger("commandLingerNs", commandLingerNs, "timeoutNs", timeoutNs);
        requireLinger("followerLingerNs", followerLingerNs, "heartbeatIntervalNs", protocol.heartbeatIntervalNs());
        require(
                BitUtil.isPowerOfTwo(pendingBytes) && pendingBytes >= PENDING_BYTES_MIN,
                "pendingBytes must be a power of two, at least " + PENDING_BYTES_MIN + ": " + pendingBytes);
        require(
                BitUtil.isPowerOfTwo(pendingCommands) && pendingCommands <= ExecutedCommands.WINDOW,
                "pendingCommands must be a power of two, at most " + ExecutedCommands.WINDOW + ": " + pendingCommands);
    }

    int self() {
        return configuration.self();
    }

    Pace pace() {
        return new Pace(
                protocol.heartbeatIntervalNs(), protocol.patienceRounds(), protocol.windowSlots(), pendingBytes);
    }

    /** Whether a value of {@link #batchBytesMax} fits where values must pass. */
    void requireBatchFits(final int valueLengthMax) {
        require(
                batchBytesMax >= BATCH_BYTES_MIN && batchBytesMax <= valueLengthMax,
                "batchBytesMax must be " + BATCH_BYTES_MIN + ".." + valueLengthMax
                        + ", the longest value that log, transport and pendingBytes / 8 allow: " + batchBytesMax);
    }

    /** Whether the log can stay within its budget. */
    void requireBudgetFits(final long pieceBytes) {
        require(
                maxLogBytes == 0 || maxLogBytes >= PIECES_MIN * pieceBytes,
                "maxLogBytes must be at least " + PIECES_MIN + " times " + pieceBytes
                        + ", the pieces in which the log gives space back: " + maxLogBytes);
    }

    private static void requireLinger(final String name, final long value, final String limitName, final long limit) {
        require(
                value == 0 || (value > 0 && value < limit),
                name + " must be from 0 to less than " + limitName + ", " + limit + ": " + value);
    }

    private static void require(final boolean holds, final String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
