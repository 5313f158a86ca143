package io.paxos.execution;

import io.paxos.statemachine.Reply;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The buffer into which a state machine writes its replies. Grows to the longest. After a reply that needed more than 1
 * MiB it is given back. One thread.
 */
public final class ReplyBuffer implements Reply {
    private static final int KEPT_BYTES_MAX = 1 << 20;

    private ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
    private int length; // of the present reply: bytes from index 0

    @Override
    public MutableDirectBuffer reserve(final int reservedLength) {
        buffer.checkLimit(reservedLength);
        length = reservedLength;
        return buffer;
    }

    /** Makes the reply empty, before the next command or query, and after one. */
    public void reset() {
        length = 0;
        if (buffer.capacity() > KEPT_BYTES_MAX) {
            buffer = new ExpandableArrayBuffer();
        }
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
