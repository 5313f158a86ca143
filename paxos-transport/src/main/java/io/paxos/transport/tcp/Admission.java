package io.paxos.transport.tcp;

/** The answer to a handshake. The ordinal is on the wire: new ones go to the end. */
enum Admission {
    /** Speak. */
    WELCOME("is welcome"),
    /** The dialler wanted somebody else. */
    WRONG_RECEIVER("another replica answers at its address; correct the addresses"),
    /** The dialler is not among the addresses of the one who answers. */
    NOT_A_MEMBER("it does not know this replica; add this replica to its addresses"),
    /** Another cluster id. */
    FOREIGN_CLUSTER("it belongs to another cluster; correct the cluster id or the address"),
    /** Another group id. */
    FOREIGN_GROUP("it belongs to another group of the cluster; correct the group id or the address"),
    /** Another epoch. */
    WRONG_EPOCH("it lives in another epoch; restart the one whose configuration is older"),
    /** No format that both speak. */
    NO_COMMON_FORMAT("no frame format is common to both; upgrade the older one"),
    /** Not an answer of ours at all. Never sent. */
    NOT_PAXOS("what answers there is not a replica; correct the address");

    private static final Admission[] VALUES = values();

    private final String advice;

    Admission(final String advice) {
        this.advice = advice;
    }

    /** What is wrong and what to do, for a dialler to print. */
    String advice() {
        return advice;
    }

    static Admission of(final int code) {
        return code < 0 || code >= VALUES.length ? NOT_PAXOS : VALUES[code];
    }
}
