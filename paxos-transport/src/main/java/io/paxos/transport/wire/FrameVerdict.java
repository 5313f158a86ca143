package io.paxos.transport.wire;

/** The result of reading a frame: delivered, or the reason why it was refused. */
public enum FrameVerdict {
    /** It was whole and meant for this replica, and its message was delivered to the receiver. */
    DELIVERED,
    /** It has a length, field or flag that no frame writer produces. */
    MALFORMED,
    /** It is longer than a frame with the longest value. */
    OVERSIZED,
    /** The checksum is wrong: the bytes are not those that were sent. */
    BAD_CRC,
    /** It has a format that this version does not read. */
    UNKNOWN_FORMAT,
    /** It has a message type that this version does not know. */
    UNKNOWN_TYPE,
    /** It belongs to another cluster. */
    FOREIGN_CLUSTER,
    /** It belongs to another group of this cluster. */
    FOREIGN_GROUP,
    /** It belongs to another configuration of this group. */
    WRONG_EPOCH,
    /** It names a sender that is not allowed here. */
    WRONG_SENDER
}
