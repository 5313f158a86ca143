package io.paxos.testkit.contract;

/** What {@link StateMachineContract} holds a state machine to, as people are told of it. */
final class MachinePromises {
    static final String SAME_REPLIES = "the same commands give the same replies in each instance";
    static final String SAME_ANSWERS = "after the same commands each instance answers the same queries alike";
    static final String QUERIES_CHANGE_NOTHING = "a query changes nothing";
    static final String NEVER_THROWS = "no bytes make it throw: a bad command is refused with a reply";
    static final String BYTES_ALONE =
            "of the buffer only the bytes of the command count, during the call alone, and they are not written to";
    static final String REPLY_BUFFER =
            "a reply is written in full, within what was claimed, and not after the call, whatever the buffer held before";
    static final String NO_WALL_CLOCK = "no clock but the command's is looked at";
    static final String NO_CLUSTER_TIME =
            "the time of a command does not matter (if it is meant to, override usesClusterTime())";

    private MachinePromises() {}
}
