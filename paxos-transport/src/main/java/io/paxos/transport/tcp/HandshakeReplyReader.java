package io.paxos.transport.tcp;

import io.netty.buffer.ByteBuf;
import org.agrona.concurrent.UnsafeBuffer;

/** Puts a reply together from the pieces in which it arrives. Bounded: longer than every reply, however it goes on. */
final class HandshakeReplyReader {
    private final byte[] bytes = new byte[HandshakeReply.LENGTH_MAX]; // the first length bytes have arrived
    private final UnsafeBuffer view = new UnsafeBuffer(bytes);
    private final int peer;
    private int length; // 0..bytes.length

    HandshakeReplyReader(final int peer) {
        this.peer = peer;
    }

    /** A new connection: what has arrived of another reply is forgotten. */
    void reset() {
        length = 0;
    }

    /** Takes what it needs of what has arrived. Returns the reply once it is whole, and begins the next; else null. */
    HandshakeReply append(final ByteBuf arrived) {
        int needed = HandshakeReply.lengthOf(view, length);
        while (length < needed && arrived.isReadable()) {
            final int count = Math.min(arrived.readableBytes(), needed - length);
            arrived.readBytes(bytes, length, count);
            length += count;
            needed = HandshakeReply.lengthOf(view, length);
        }
        if (length < needed) {
            return null;
        }
        final int whole = length;
        length = 0;
        return HandshakeReply.read(view, whole, peer);
    }
}
