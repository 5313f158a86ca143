package io.paxos.examples.kv;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.redis.ArrayHeaderRedisMessage;
import io.netty.handler.codec.redis.BulkStringHeaderRedisMessage;
import io.netty.handler.codec.redis.BulkStringRedisContent;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.InlineCommandRedisMessage;
import io.netty.handler.codec.redis.LastBulkStringRedisContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts the pieces that {@code RedisDecoder} delivers together to requests.
 *
 * <p>In place of Netty's two aggregators, because they refuse a value only after having collected it, and know no limit
 * for a request. Here the limits are checked on the announced sizes: what is too large is let pass by without keeping
 * it.
 */
final class RequestDecoder extends ChannelInboundHandlerAdapter {
    /** What a word takes beside its bytes, at most; so a million empty words are not free. */
    private static final int OVERHEAD_BYTES = 5;

    private List<byte[]> words = List.of();

    /** Words that the current request still lacks; 0 between requests. */
    private int missing;

    private int bytes;

    /** The word that is being received, null if it is too large to keep, and how much of it is here. */
    private byte[] word;

    private int received;

    /** What is wrong with the current request although it is well-formed, or null. */
    private String excess;

    private boolean broken;

    @Override
    public void channelRead(final ChannelHandlerContext ctx, final Object message) {
        try {
            if (!broken) {
                piece(ctx, message);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause) {
        if (!(cause instanceof DecoderException)) {
            ctx.fireExceptionCaught(cause);
        } else if (!broken) {
            fail(ctx, "invalid request: " + cause.getMessage());
        }
    }

    private void piece(final ChannelHandlerContext ctx, final Object message) {
        if (message instanceof ArrayHeaderRedisMessage array && missing == 0) {
            begin(ctx, array.length());
        } else if (message instanceof InlineCommandRedisMessage inline && missing == 0) {
            inline(ctx, inline.content());
        } else if (message instanceof FullBulkStringRedisMessage whole && missing > 0) {
            nilOrEmpty(ctx, whole);
        } else if (message instanceof BulkStringHeaderRedisMessage bulk && missing > 0) {
            header(bulk.bulkStringLength());
        } else if (message instanceof BulkStringRedisContent content && missing > 0) {
            content(ctx, content);
        } else {
            fail(ctx, missing > 0 ? "expected '$'" : "expected '*'");
        }
    }

    private void begin(final ChannelHandlerContext ctx, final long length) {
        if (length > KvLimits.ARGUMENTS_MAX) {
            fail(ctx, "invalid multibulk length: " + length + ", at most " + KvLimits.ARGUMENTS_MAX);
        } else if (length > 0) {
            words = new ArrayList<>(Math.min((int) length, 16));
            missing = (int) length;
            bytes = 0;
            excess = null;
        }
    }

    private void nilOrEmpty(final ChannelHandlerContext ctx, final FullBulkStringRedisMessage whole) {
        if (whole.isNull()) {
            fail(ctx, "invalid bulk length");
        } else {
            header(0);
            wordDone(ctx);
        }
    }

    private void header(final int length) {
        received = 0;
        if (length > KvLimits.ARGUMENT_BYTES_MAX) {
            excess = "an argument of " + length + " bytes is too large: at most " + KvLimits.ARGUMENT_BYTES_MAX;
        } else if (bytes + length + OVERHEAD_BYTES > KvLimits.REQUEST_BYTES_MAX && excess == null) {
            excess = "the request is too large: at most " + KvLimits.REQUEST_BYTES_MAX + " bytes of arguments";
        }
        if (excess == null) {
            bytes += length + OVERHEAD_BYTES;
            word = new byte[length];
        } else {
            word = null;
            words = List.of();
        }
    }

    private void content(final ChannelHandlerContext ctx, final BulkStringRedisContent content) {
        final int length = content.content().readableBytes();
        if (word != null) {
            content.content().readBytes(word, received, length);
            received += length;
        }
        if (content instanceof LastBulkStringRedisContent) {
            wordDone(ctx);
        }
    }

    private void wordDone(final ChannelHandlerContext ctx) {
        if (word != null) {
            words.add(word);
            word = null;
        }
        missing--;
        if (missing == 0) {
            final Request request =
                    excess == null ? new Request.Call(words, bytes) : new Request.Refused("ERR " + excess);
            words = List.of();
            ctx.fireChannelRead(request);
        }
    }

    private void inline(final ChannelHandlerContext ctx, final String line) {
        final List<byte[]> split = InlineCommand.split(line);
        if (split == null) {
            fail(ctx, "unbalanced quotes in request");
        } else if (!split.isEmpty()) {
            ctx.fireChannelRead(new Request.Call(split, line.length()));
        }
    }

    private void fail(final ChannelHandlerContext ctx, final String reason) {
        broken = true;
        words = List.of();
        word = null;
        ctx.fireChannelRead(new Request.Broken("ERR Protocol error: " + Answers.oneLine(reason)));
    }
}
