package io.paxos.protocol;

/**
 * Notices that a candidate or leader achieves nothing although a quorum answers its heartbeats, and waits longer where
 * that has helped before.
 *
 * <p>Its proposals, or the answers to them, are lost then, while heartbeats arrive; another member may do better. Or a
 * quorum has slow disks. Those cannot be told apart, so the limit is learned as in {@link DiskPatience}. It begins at
 * the setting for a disk that hangs. It doubles when it was reached, up to 32 times the setting. When something that
 * took long succeeds after all, it becomes twice that time. It shrinks by an eighth in each round with progress.
 *
 * <p>Example with a setting of 2 s: all accepts of leader 1 are lost. It gives way after 2 s and lets the others go
 * first. If instead the disks of both others take 5 s, leadership moves after 2 s, and each of the three gives way at
 * most once after 2 and once after 4 s. The next limit is 8 s, and something is chosen after 5 s.
 *
 * <p>Time in which no quorum answers does not count.
 */
final class ProgressPatience {
    private static final int DECAY = 8; // a round with progress takes off this fraction of the limit
    private static final int LIMITS_MAX = 32; // the limit is never more than this many times the setting

    private final long stallNs;
    private final long limitMaxNs;
    private long limitNs; // stallNs..limitMaxNs
    private long waitedNs; // without progress while a quorum answered; 0 unless something waits
    private long lookedNs; // when the last look was; counts once hasLooked
    private boolean hasLooked;
    private long achieved; // at the last look; never falls

    ProgressPatience(final long stallNs) {
        this.stallNs = stallNs;
        limitMaxNs = stallNs > Long.MAX_VALUE / (2 * LIMITS_MAX) ? stallNs : LIMITS_MAX * stallNs;
        limitNs = stallNs;
    }

    /**
     * Looks once per round. Returns whether to give way now.
     *
     * @param isWaiting a candidate waits for promises, or a leader for votes
     * @param hasQuorum members that are enough for the role answer, and follow no higher ballot
     * @param nowAchieved grows with each promise, report and chosen slot
     * @param leastNs the limit is at least this long
     * @param moreNs what the way of the messages adds to it
     */
    boolean isOver(
            final long nowNs,
            final boolean isWaiting,
            final boolean hasQuorum,
            final long nowAchieved,
            final long leastNs,
            final long moreNs) {
        final long passedNs = hasLooked && hasQuorum ? nowNs - lookedNs : 0;
        lookedNs = nowNs;
        hasLooked = true;
        if (nowAchieved != achieved || !isWaiting) {
            if (nowAchieved != achieved && isWaiting) {
                adapt(waitedNs + passedNs);
            }
            achieved = nowAchieved;
            waitedNs = 0;
            return false;
        }
        waitedNs += passedNs;
        if (waitedNs <= Math.max(limitNs, leastNs) + moreNs) {
            return false;
        }
        waitedNs = 0;
        limitNs = Math.min(2 * limitNs, limitMaxNs);
        return true;
    }

    private void adapt(final long tookNs) {
        limitNs = Math.max(limitNs - limitNs / DECAY, Math.min(2 * tookNs, limitMaxNs));
        limitNs = Math.max(limitNs, stallNs);
    }
}
