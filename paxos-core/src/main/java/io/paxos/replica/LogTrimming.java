package io.paxos.replica;

import io.paxos.protocol.MultiPaxos;
import io.paxos.spi.AcceptorLog;

/**
 * Decides how much of the log is given up behind the newest durable snapshot.
 *
 * <p>A tail of the log stays, so that a member that was away for a short time needs no snapshot. What a member lacks,
 * by the prefix that it has named last, stays longer: until the log has {@code followerBytes}. So does what follows the
 * snapshot before the newest one, because another replica may receive it. What follows a snapshot that is being sent
 * stays until the log has twice as many, and so does what follows each one that was there at the start, for some time,
 * because it may be asked for again. Beyond that nothing stays that a snapshot holds.
 *
 * <p>Example: tail 64 MiB, followers 512 MiB, a snapshot of slot 900, slots 1 to 1000 in 200 MiB. All members have
 * named 950 or more: the log is trimmed as far as 64 MiB stay. Member 3 is away, and has named 200 last: slots from
 * 201 on stay, until the log has 512 MiB. Then member 3 will need a snapshot.
 */
final class LogTrimming {
    private static final long FOLLOWER_BYTES_MIN = 512L << 20;
    private static final int FOLLOWER_TAILS = 8;

    private final AcceptorLog log;
    private final MultiPaxos core;
    private final SnapshotTransfer transfer;
    private final long tailBytes;
    private final long followerBytes;

    /** @param maxLogBytes the budget of the log in bytes; 0 for none */
    LogTrimming(
            final AcceptorLog log,
            final MultiPaxos core,
            final SnapshotTransfer transfer,
            final long tailBytes,
            final long maxLogBytes) {
        this.log = log;
        this.core = core;
        this.transfer = transfer;
        this.tailBytes = tailBytes;
        followerBytes = maxLogBytes > 0 ? maxLogBytes / 2 : Math.max(FOLLOWER_BYTES_MIN, FOLLOWER_TAILS * tailBytes);
    }

    /**
     * Trims what is to be given up now.
     *
     * @param snapshotSlot of the newest durable snapshot, or 0
     * @param previousSlot of the one before, or 0: a member that receives it goes on from the log behind it
     */
    int run(final long snapshotSlot, final long previousSlot) {
        if (snapshotSlot < log.firstSlot()) {
            return 0;
        }
        final long tail = log.bytes() < 2 * followerBytes ? tailBytes : 0;
        final long through = log.trimPoint(Math.min(snapshotSlot, needed(previousSlot)), tail);
        if (through < log.firstSlot()) {
            return 0;
        }
        log.trim(through);
        return 1;
    }

    /** Slots above this one are needed by other members. */
    private long needed(final long previousSlot) {
        final long bytes = log.bytes();
        if (bytes >= 2 * followerBytes) {
            return Long.MAX_VALUE;
        }
        final long bySent = transfer.lowestSent(log.firstSlot() - 1); // what follows a lower one is gone already
        if (bytes >= followerBytes) {
            return bySent;
        }
        final long byPrevious = previousSlot == 0 ? Long.MAX_VALUE : previousSlot;
        return Math.min(Math.min(core.slowest(), byPrevious), bySent);
    }
}
