package io.paxos.testkit.trace;

/** What an {@link Event} is. */
public enum Kind {
    /** A message leaves; see {@link Message}. */
    SEND,
    /** A message is received; see {@link Message}. */
    RECEIVE,
    /** A promise was written; it is not durable yet. */
    PROMISED,
    /** An accepted value was written; it is not durable yet. */
    ACCEPTED,
    /** A force has ended: what was written before it is durable. */
    SYNCED,
    /** A quorum holds a value durably, known or not. This process completed the quorum. */
    CHOSEN,
    /** The process knows a slot chosen that it did not know chosen. */
    LEARNED,
    /** The state machine has executed what was chosen. */
    APPLIED,
    /** The role, the leader that is followed, or the ballot has changed. */
    ROLE,
    /** The process begins a life. */
    STARTED,
    /** The process dies. */
    CRASHED,
    /** Stopped by a signal: receives nothing and does nothing. */
    PAUSED,
    /** Goes on after a pause. */
    RESUMED,
    /** Stopped for good, its data kept: disk failure or broken rule. */
    STOPPED,
    /** A client submits a command or a read, or gets its outcome. */
    CLIENT,
    /** What was done to the cluster from outside. It belongs to no process, and nothing follows from it. */
    NOTE
}
