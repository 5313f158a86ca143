package io.paxos.transport.wire;

/** What became of a frame that was read. */
public enum FrameVerdict {
    /** It was whole and meant for us, and the receiver have heard it. */
    DELIVERED,
    /** A length, field or flag that no writer of ours produces. */
    MALFORMED,
    /** Longer than the longest value allows. */
    OVERSIZED,
    /** The bytes are not those that were sent. */
    BAD_CRC,
    /** A format that we do not read. */
    UNKNOWN_FORMAT,
    /** A message that we do not know. */
    UNKNOWN_TYPE,
    /** Of another cluster. */
    FOREIGN_CLUSTER,
    /** Of another group of this cluster. */
    FOREIGN_GROUP,
    /** Of another configuration of this group. */
    WRONG_EPOCH,
    /** Signed by somebody who may not speak here. */
    WRONG_SENDER
}
