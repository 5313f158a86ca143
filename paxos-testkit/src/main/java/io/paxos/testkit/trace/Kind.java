package io.paxos.testkit.trace;

/** What an {@link Event} is. */
public enum Kind {
    /** A message leaves; see {@link Message}. */
    SEND,
    /** A message is heard; see {@link Message}. */
    RECEIVE,
    /** A promise was written; it is not durable yet. */
    PROMISED,
    /** An accepted value was written; it is not durable yet. */
    ACCEPTED,
    /** A force has ended: what was written before it is durable. */
    SYNCED,
    /** A quorum holds a value durably, whoever may know: this process made it full. */
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
    /** Stopped by a signal: neither hears nor works. */
    PAUSED,
    /** Goes on after a pause. */
    RESUMED,
    /** Stopped for good, its data kept: disk failure or broken rule. */
    STOPPED,
    /** A client gives a command or asks for a read, or hears what came of it. */
    CLIENT,
    /** What was done to the cluster from outside. Belongs to no process, and is in nobody's past. */
    NOTE
}
