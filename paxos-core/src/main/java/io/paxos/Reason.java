package io.paxos;

/** Why a command was not chosen, or a read has failed: for programs. The text beside it is for people. */
public enum Reason {
    /** Enough members answer, but none of them led by the deadline. Elections take less than a second: try again. */
    NO_LEADER,
    /** Too few members answer, and none of them knows a leader. Another replica may be better connected. */
    NO_QUORUM,
    /** Too much is waiting, here or at the leader: try again later, with fewer requests at once. */
    BUSY,
    /** The log of this replica, or of the leader, is at its budget, or its disk is full: nothing new is taken. */
    FULL,
    /** This replica does not take part yet: its first start waits for the other members. */
    WAITING,
    /** The state machine has thrown when it was asked; only reads. Another replica is likely to throw as well. */
    FAILED_QUERY,
    /** This replica was closed. */
    CLOSED,
    /** This replica was stopped by a fault, see {@link Status#fault}. Another replica may do better. */
    FAULTED
}
