package io.paxos.transport.wire;

import org.agrona.MutableDirectBuffer;

/**
 * Gives a {@link FrameWriter} the memory for its frames and takes the complete ones, one at a time. One thread.
 *
 * <p>For each frame the writer calls {@code reserve} or {@code reserveUrgent}, then {@code offset}, writes, and calls
 * {@code commit} or {@code commitProposal}. If the reservation returns null, it calls nothing more for this message.
 */
public interface FrameSink {
    /**
     * Memory for one frame of {@code length} bytes, at {@link #offset}. Null if there is none; the message is dropped,
     * and the sink counts it.
     *
     * <p>If a {@link java.nio.ByteBuffer} is under the buffer, the writer changes its position and limit to compute the
     * checksum. So another thread must not use the same {@code ByteBuffer}.
     *
     * @param length in bytes; {@code Integer.MAX_VALUE} for a frame that is longer than that, which no sink can take
     */
    MutableDirectBuffer reserve(int length);

    /**
     * The same for a message that is short and that others wait for: a heartbeat, a vote, a rejection, a question. A
     * sink may let it pass the proposals, values and snapshots that were committed before it.
     */
    default MutableDirectBuffer reserveUrgent(final int length) {
        return reserve(length);
    }

    /** Where the frame begins in the reserved buffer, in bytes. */
    int offset();

    /** The reserved frame is complete. */
    void commit();

    /** The reserved frame is complete. It is a proposal, which {@link io.paxos.spi.Transport#linger} may hold back. */
    default void commitProposal() {
        commit();
    }
}
