package io.paxos.transport.wire;

import org.agrona.MutableDirectBuffer;

/** Hands out the room into which frames are written, one at a time: {@code reserve}, write, {@code commit}. One thread. */
public interface FrameSink {
    /**
     * Room for one frame of {@code length} bytes, at {@link #offset}; or null, and the message is dropped and counted.
     *
     * <p>If the buffer lies over a {@link java.nio.ByteBuffer}, then the position and limit of that one are the writer's
     * to change (it computes the checksum through it), so it must not be shared with another thread.
     */
    MutableDirectBuffer reserve(int length);

    /** Where in the claimed buffer the frame begins. */
    int offset();

    /** The claimed frame is complete. */
    void commit();

    /** The claimed frame is complete, and is one that may be held back for a while if that has been allowed. */
    default void commitProposal() {
        commit();
    }
}
