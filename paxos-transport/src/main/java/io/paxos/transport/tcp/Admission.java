package io.paxos.transport.tcp;

/** The answer to a handshake. Its code is on the wire: a number, once used, keeps its meaning. */
enum Admission {
    /** Speak. */
    WELCOME(0, "is welcome"),
    /** The dialler wanted somebody else. */
    WRONG_RECEIVER(1, "another replica answers at its address; correct the addresses"),
    /** The dialler is not among the addresses of the one who answers. */
    NOT_A_MEMBER(2, "it does not know this replica; add this replica to its addresses"),
    /** Another cluster id. */
    FOREIGN_CLUSTER(3, "it belongs to another cluster; correct the cluster id or the address"),
    /** Another group id. */
    FOREIGN_GROUP(4, "it belongs to another group of the cluster; correct the group id or the address"),
    /** Another epoch. */
    WRONG_EPOCH(5, "it lives in another epoch; restart the one whose configuration is older"),
    /** No format that both speak. */
    NO_COMMON_FORMAT(6, "no frame format is common to both; upgrade the older one"),
    /** Not an answer of ours at all. Never sent. */
    NOT_PAXOS(7, "what answers there is not a replica; correct the address");

    private static final Admission[] VALUES = values();

    private final int code;
    private final String advice;

    Admission(final int code, final String advice) {
        this.code = code;
        this.advice = advice;
    }

    /** What is wrong and what to do, for a dialler to print. */
    String advice() {
        return advice;
    }

    int code() {
        return code;
    }

    static Admission of(final int code) {
        for (final Admission admission : VALUES) {
            if (admission.code == code) {
                return admission;
            }
        }
        return NOT_PAXOS;
    }
}
