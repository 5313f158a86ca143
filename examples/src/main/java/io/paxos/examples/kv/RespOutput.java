package io.paxos.examples.kv;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.redis.RedisMessage;

/** What a client is being sent: an answer whose pieces go into the short buffer of the socket as it has room. */
final class RespOutput {
    private final ClientMemory memory;
    private ReplyPieces sending; // null if no answer has begun
    private long bytes; // of the clients' memory, by that answer

    RespOutput(final ClientMemory memory) {
        this.memory = memory;
    }

    /** An answer has begun and has not ended. */
    boolean isSending() {
        return sending != null;
    }

    /** Begins an answer for which so many bytes of memory were taken. */
    void begin(final ReplyPieces answer, final long taken) {
        assert sending == null : "one answer at a time";
        sending = answer;
        bytes = taken;
    }

    /** Writes the next piece. */
    void writePiece(final ChannelHandlerContext ctx) {
        write(ctx, sending.next());
        if (!sending.hasNext()) {
            close();
        }
    }

    /** A failure is told to the pipeline. */
    @SuppressWarnings("FutureReturnValueIgnored") // there is none
    static void write(final ChannelHandlerContext ctx, final RedisMessage message) {
        ctx.write(message, ctx.voidPromise());
    }

    /** How much of the clients' memory the answer takes. */
    long taken() {
        return bytes;
    }

    /** Gives the memory back. */
    void close() {
        memory.give(bytes);
        bytes = 0;
        sending = null;
    }
}
