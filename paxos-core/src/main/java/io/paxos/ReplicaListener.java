package io.paxos;

/**
 * News of one replica, told in order by its callback executor, see {@link Replica.Builder#callbackExecutor}. What a
 * method throws is logged. An {@link Error} stops the replica.
 */
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

    /**
     * This replica has become ready to serve, or is not ready any more: see {@link Status#isReady}. It is not ready
     * before the first call.
     *
     * @param reason why not, in one line, see {@link Status#notReady}; null if it is ready
     */
    default void onReady(final boolean isReady, final String reason) {}

    /**
     * A turn of the replica's thread, or a callback, has not ended for {@link Replica.Builder#stallNs}. Others take the
     * replica for gone meanwhile, if it is a turn. Told again each time when the duration has doubled, and once with
     * null when it has ended. Told on a thread of its own, because the others may
     * be held up. Not told of a replica that is driven by its host.
     *
     * @param what is held up, and where its thread is; null if it has ended
     * @param durationNs for how long
     */
    default void onHeldUp(final String what, final long durationNs) {}

    /** This replica has stopped for good, its data kept: the disk failed, a rule was broken, or {@code apply} threw. */
    default void onFault(final Throwable cause) {}

    /** Ignores everything. */
    ReplicaListener NONE = new ReplicaListener() {};
}
