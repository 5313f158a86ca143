package io.paxos;

/** News of one replica, told on the replica's thread. Be quick, and do not throw: an exception stops the replica. */
public interface ReplicaListener {
    /** The role of this replica, the leader that it follows (0 if none) or the ballot changed. */
    default void onRole(final Status.Role role, final int leaderId, final long ballot) {}

    /** This replica has stopped for good, its data kept: the disk failed, a rule was broken, or {@code apply} threw. */
    default void onFault(final Throwable cause) {}

    /** Ignores everything. */
    ReplicaListener NONE = new ReplicaListener() {};
}
