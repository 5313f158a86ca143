package io.paxos.testkit.contract.machine;

/** What {@link StateMachineContract} requires of a state machine, in the text that a failure shows. */
final class MachinePromises {
    static final String NEVER_THROWS = "no bytes make it throw: a bad command is refused with a reply";
    static final String SAME_REPLIES = "the same commands give the same replies in each instance";
    static final String SAME_ANSWERS = "after the same commands each instance answers the same queries alike";
    static final String NO_WALL_CLOCK = "no clock but the command's is read";
    static final String HASHES =
            "nothing depends on the hash seeds of a JVM (identity hashes, order of Set.of and Map.of)";
    static final String LOCALE = "nothing depends on the default locale of a JVM";
    static final String ZONE = "nothing depends on the default time zone of a JVM";
    static final String ENCODING = "nothing depends on the default charset or the line separator of a JVM";
    static final String OTHER_JVM = "the same commands give the same replies in each JVM";
    static final String QUERIES_CHANGE_NOTHING = "a query changes nothing";
    static final String BYTES_ALONE =
            "of the buffer only the bytes of the command count, only during the call, and they are not written to";
    static final String REPLY_BUFFER =
            "a reply is written in full, within what was reserved, and not after the call; the old bytes of the buffer"
                    + " do not matter";
    static final String NO_CLUSTER_TIME =
            "the time of a command does not matter (if it is meant to, override usesClusterTime())";
    static final String SNAPSHOT_WHOLE =
            "a state machine that has read a snapshot goes on exactly as the one that wrote it";
    static final String SNAPSHOT_MOMENT =
            "a snapshot holds the state when it began; commands between its slices are not in it, and are executed as"
                    + " without it";
    static final String SNAPSHOT_AGAIN =
            "a snapshot is whole too after another one that was written, given up or read by the same instance";
    static final String SNAPSHOT_REPLACES = "reading a snapshot replaces the whole state";
    static final String SNAPSHOT_DAMAGED = "an IllegalStateException of the source of a snapshot passes";

    private MachinePromises() {}
}
