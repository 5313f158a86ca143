package io.paxos.replica;

import io.paxos.statemachine.Reply;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;

/** The one buffer into which a state machine writes its answers; grows to the longest and stays there. */
final class ReplyBuffer implements Reply {
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
    private int length;

    @Override
    public MutableDirectBuffer reserve(final int reservedLength) {
        buffer.checkLimit(reservedLength);
        length = reservedLength;
        return buffer;
    }

    void reset() {
        length = 0;
    }

    MutableDirectBuffer buffer() {
        return buffer;
    }

    int length() {
        return length;
    }

    byte[] copy() {
        final byte[] copy = new byte[length];
        buffer.getBytes(0, copy);
        return copy;
    }
}
