package io.paxos.examples.kv;

import static io.netty.handler.codec.ByteToMessageDecoder.MERGE_CUMULATOR;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** What a client has sent and was not taken yet: a part of a request, or all there is if too much waits. */
final class RespInput {
    private final RequestDecoder decoder;
    private ByteBuf received; // null if there are no bytes

    RespInput(final ClientMemory memory) {
        this.decoder = new RequestDecoder(memory);
    }

    /** Takes over the bytes. */
    void add(final ByteBufAllocator allocator, final ByteBuf bytes) {
        received = received == null ? bytes : MERGE_CUMULATOR.cumulate(allocator, received, bytes);
    }

    /** The next request, or null if its end is not there yet. */
    Request next(final ByteBufAllocator allocator) {
        if (received == null) {
            return null;
        }
        final Request request = decoder.next(received);
        if (!received.isReadable()) {
            drop();
        } else if (request == null && received.capacity() > 2 * received.readableBytes()) {
            shrink(allocator);
        }
        return request;
    }

    boolean isEmpty() {
        return received == null;
    }

    /** A part of a request has taken some of the clients' memory: so much. */
    int taken() {
        return decoder.taken();
    }

    /** A part of a request stays, in a buffer of its own size. */
    private void shrink(final ByteBufAllocator allocator) {
        final ByteBuf rest = allocator.buffer(received.readableBytes());
        rest.writeBytes(received);
        drop();
        received = rest;
    }

    void drop() {
        if (received != null) {
            received.release();
            received = null;
        }
    }

    /** Releases everything, and gives the memory back. */
    void close() {
        drop();
        decoder.close();
    }
}
