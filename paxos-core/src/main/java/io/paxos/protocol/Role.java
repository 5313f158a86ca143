package io.paxos.protocol;

/** The role of a replica. */
public enum Role {
    /** Accepts values, and follows a leader or waits for one. */
    FOLLOWER,
    /** Has asked for promises to a ballot of its own. */
    CANDIDATE,
    /** Proposes values. A quorum has promised its ballot. */
    LEADER
}
