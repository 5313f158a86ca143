package io.paxos;

/** News of one replica, told on the replica's thread. Be quick, and do not throw: an exception stops the replica. */
public interface ReplicaListener {
    /** The role of this replica, the leader that it follows (0 if none) or the ballot changed. */
    default void onRole(final Status.Role role, final int leaderId, final long ballot) {}

    /**
     * This replica replays its log after a start: it executes the slots that it knew to be chosen, from its snapshot or
     * from slot 1 on. Meanwhile it votes and answers. Told at the begin with 0 {@code slots}, then about once a second,
     * and at the end, when {@code slots} is {@code ofSlots}. Never told if there is nothing to replay.
     *
     * @param slots how many have been executed, or replaced by a snapshot of another replica
     * @param ofSlots how many there are to execute
     * @param durationNs since the begin
     */
    default void onReplay(final long slots, final long ofSlots, final long durationNs) {}

    /** This replica has stopped for good, its data kept: the disk failed, a rule was broken, or {@code apply} threw. */
    default void onFault(final Throwable cause) {}

    /** Ignores everything. */
    ReplicaListener NONE = new ReplicaListener() {};
}
