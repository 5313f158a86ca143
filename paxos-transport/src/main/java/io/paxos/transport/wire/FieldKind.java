package io.paxos.transport.wire;

/** What a field of a message holds, and how many bytes it takes in a frame. */
public enum FieldKind {
    /** {@code round << 16 | replica id}; 0 means none. */
    BALLOT(Long.BYTES),
    /** The number of a slot, from 1 on; 0 means none. */
    SLOT(Long.BYTES),
    /** The number of a question. Its upper half may hold the incarnation of the sender. */
    ROUND(Long.BYTES),
    /** A checksum, a time, a random id, a length or a position: any number. */
    NUMBER(Long.BYTES),
    /** A boolean: one byte, 0 or 1. */
    FLAG(1),
    /** Bytes of any length, after all other fields and up to the end of the frame. */
    PAYLOAD(0);

    private final int length;

    FieldKind(final int length) {
        this.length = length;
    }

    /** The length in bytes; 0 for a payload, whose length is different in each message. */
    public int length() {
        return length;
    }
}
