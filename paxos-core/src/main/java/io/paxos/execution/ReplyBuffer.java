package io.paxos.execution;

import io.paxos.statemachine.Reply;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;

/** The buffer into which a state machine writes its replies. Grows to the longest and keeps that size. One thread. */
public final class ReplyBuffer implements Reply {
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
    private int length; // of the present reply: bytes from index 0

    @Override
    public MutableDirectBuffer reserve(final int reservedLength) {
        buffer.checkLimit(reservedLength);
        length = reservedLength;
        return buffer;
    }

    /** Makes the reply empty, before the next command or query. */
    public void reset() {
        length = 0;
    }

    public MutableDirectBuffer buffer() {
        return buffer;
    }

    public int length() {
        return length;
    }

    /** The reply as an array of the caller's own. */
    public byte[] copy() {
        final byte[] copy = new byte[length];
        buffer.getBytes(0, copy);
        return copy;
    }
}
