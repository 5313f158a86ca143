package io.paxos.statemachine;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Where a state machine writes its answer to one command or query. Empty unless written; the last writer wins. */
public interface Reply {
    /**
     * Makes the reply {@code length} bytes long and hands out the buffer to fill from index 0; valid during the call.
     */
    MutableDirectBuffer reserve(int length);

    /** Copies the reply from a buffer. */
    default void put(final DirectBuffer source, final int offset, final int length) {
        reserve(length).putBytes(0, source, offset, length);
    }

    /** Copies the reply from an array. */
    default void put(final byte[] source) {
        reserve(source.length).putBytes(0, source);
    }
}
