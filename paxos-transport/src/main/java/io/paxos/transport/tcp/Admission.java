package io.paxos.transport.tcp;

/** The result of a handshake. Its code is on the wire: a code that was used once keeps its meaning. */
enum Admission {
    /** Frames are accepted. */
    WELCOME(0, "is welcome"),
    /** The hello is meant for another replica. */
    WRONG_RECEIVER(1, "another replica listens at its address; correct the addresses"),
    /** The sender of the hello is not among the addresses of the receiver. */
    NOT_A_MEMBER(2, "it does not know this replica; add this replica to its addresses"),
    /** Another cluster id. */
    FOREIGN_CLUSTER(3, "it belongs to another cluster; correct the cluster id or the address"),
    /** Another group id. */
    FOREIGN_GROUP(4, "it belongs to another group of the cluster; correct the group id or the address"),
    /** Another epoch. */
    WRONG_EPOCH(5, "it is in another epoch; restart the one whose configuration is older"),
    /** No frame format that both have. */
    NO_COMMON_FORMAT(6, "no frame format is common to both; upgrade the older one"),
    /** The reply is not one of ours. Never sent. */
    NOT_PAXOS(7, "a program that is not a replica listens there; correct the address"),
    /** The replica does not admit the peer; see {@link io.paxos.spi.Handshake#admit}. */
    REFUSED(8, "it does not admit this replica; its log says why"),
    /** Another process is connected under the id of the sender, and sends. */
    ALREADY_CONNECTED(9, "another process is connected to it under this id; stop the one that should not run");

    private static final Admission[] VALUES = values();

    private final int code;
    private final String advice;

    Admission(final int code, final String advice) {
        this.code = code;
        this.advice = advice;
    }

    /** What is wrong and what to do, for a replica that was refused without a text. */
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
