package io.paxos;

import java.util.List;

/**
 * The state of a replica a moment ago. The fields are read one after another, so they can be one cycle apart.
 *
 * @param id of this replica
 * @param clusterId the cluster that it belongs to; 0 while it has none
 * @param waiting why it does not take part yet, in one line: its first start waits for others; null once it does
 * @param role what it does now; a leader without a quorum is shown as a follower after a while
 * @param leaderId the leader that it follows; its own id when it leads; 0 if it knows none, or no quorum is there
 * @param ballot the highest that it has promised, {@code round << 16 | replica id}
 * @param epoch of the configuration
 * @param chosenThrough every slot through this one is known to be chosen
 * @param appliedThrough every slot through this one has been applied
 * @param replayThrough every slot through this one was known to be chosen when it started; 0 for a new log. It
 *     replays its log until {@code appliedThrough} is there
 * @param durability {@code sync} or {@code replicated}
 * @param members how many vote
 * @param connected how many of them answer, this one included; which ones is in {@code memberList}
 * @param clockAheadMs how far the own wall clock is ahead of what a majority of the members tell, in ms, at the last
 *     heartbeat; below 0 if it is behind; 0 if too few tell theirs
 * @param clockAheadMaxMs by how much it may be ahead before cluster time does not follow it
 * @param clockAlarm what is wrong with the clocks
 * @param firstSlot the first slot that was not trimmed from the log
 * @param logBytes how many bytes the log has on its disk
 * @param snapshotSlot of the newest snapshot that is durable; 0 if there is none
 * @param snapshots what happens with snapshots, in a few words
 * @param snapshotBytes how many bytes the newest snapshot has; 0 if there is none
 * @param snapshotPauseNs for how long the replica did nothing else, at most, in one slice of the last snapshot
 * @param notReady why this replica cannot serve now, in one line: it waits for members or replays, no quorum or no
 *     leader is there, it is far behind, or it has stopped; null if it is ready
 * @param memberList each member, by id, as this one sees it
 * @param roundTripAlarm that answers of a member take too long for the settings, and what to set; null if they do not
 * @param heldUp what does not end, a turn of the replica's thread or a callback, and where; null if nothing is held up
 * @param fault why it has stopped, or null
 */
public record Status(
        int id,
        long clusterId,
        String waiting,
        Role role,
        int leaderId,
        long ballot,
        int epoch,
        long chosenThrough,
        long appliedThrough,
        long replayThrough,
        String durability,
        int members,
        int connected,
        long clockAheadMs,
        long clockAheadMaxMs,
        ClockAlarm clockAlarm,
        long firstSlot,
        long logBytes,
        long snapshotSlot,
        String snapshots,
        long snapshotBytes,
        long snapshotPauseNs,
        String notReady,
        List<Member> memberList,
        String roundTripAlarm,
        String heldUp,
        Throwable fault) {

    /**
     * One member as this one sees it.
     *
     * @param id of the member
     * @param isConnected whether it answers
     * @param behindSlots how many slots that some member knows to be chosen it has not named as known to be chosen
     * @param roundTripRounds how many rounds of heartbeats its last answer took; 0 if less than one
     */
    public record Member(int id, boolean isConnected, long behindSlots, int roundTripRounds) {}

    /**
     * Whether this replica can serve now: it takes part, has executed what it knew when it started, a leader is there,
     * and it is not far behind. Commands and reads wait for a while if it is not.
     */
    public boolean isReady() {
        return notReady == null;
    }

    /** Whether this replica still executes slots that it knew to be chosen when it started. */
    public boolean isReplaying() {
        return appliedThrough < replayThrough;
    }

    /** What a replica does. */
    public enum Role {
        /** Accepts, and follows a leader or waits for one. */
        FOLLOWER,
        /** Has asked for promises to a ballot of its own. */
        CANDIDATE,
        /** Proposes: holds the promises of a quorum. */
        LEADER,
        /** Closed, or stopped by a fault. */
        STOPPED
    }
}
