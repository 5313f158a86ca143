package io.paxos.examples.kv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.redis.ArrayHeaderRedisMessage;
import io.netty.handler.codec.redis.BulkStringHeaderRedisMessage;
import io.netty.handler.codec.redis.DefaultBulkStringRedisContent;
import io.netty.handler.codec.redis.DefaultLastBulkStringRedisContent;
import io.netty.handler.codec.redis.ErrorRedisMessage;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.IntegerRedisMessage;
import io.netty.handler.codec.redis.RedisMessage;
import io.netty.handler.codec.redis.SimpleStringRedisMessage;
import java.nio.ByteBuffer;

/**
 * The answers to a batch, as {@link ReplyWriter} wrote them, in pieces for the socket of a client.
 *
 * <p>A piece is short: an array comes as its header and its items, a long string as its header and parts. So a client
 * that does not read has one piece too many in its buffer at most, and the rest waits here.
 */
final class ReplyPieces {
    /** The longest part of a string. */
    static final int PIECE_BYTES_MAX = 16 * 1024;

    private final ByteBuffer bytes;

    /** What each answer is; null if they are in {@link #bytes}. */
    private final RedisMessage each;

    /** All bytes are one string, whose header is still to come. */
    private boolean isString;

    /** Answers and items of arrays that are still to come, one of which may have begun. */
    private int missing;

    /** Bytes that are still to come of the string that has begun; 0 if none has. */
    private int rest;

    private ReplyPieces(final byte[] bytes, final RedisMessage each, final int missing) {
        this.bytes = ByteBuffer.wrap(bytes).order(ReplyWriter.ORDER);
        this.each = each;
        this.missing = missing;
    }

    /** So many replies; one that is cut off or unknown is an error to the client, not to us. */
    static ReplyPieces of(final byte[] replies, final int count) {
        return new ReplyPieces(replies, null, count);
    }

    /** One string. */
    static ReplyPieces ofString(final byte[] string) {
        final ReplyPieces pieces = new ReplyPieces(string, null, 1);
        pieces.isString = true;
        return pieces;
    }

    /** The same error so many times. */
    static ReplyPieces errors(final String text, final int count) {
        return new ReplyPieces(new byte[0], Answers.error(text), count);
    }

    boolean hasNext() {
        return missing > 0;
    }

    RedisMessage next() {
        if (rest > 0) {
            return part();
        }
        if (each != null) {
            missing--;
            return each;
        }
        if (isString) {
            return string(bytes.remaining());
        }
        final byte tag = bytes.hasRemaining() ? bytes.get() : ReplyWriter.NONE;
        if (tag == ReplyWriter.BYTES) {
            return string(bytes.getInt());
        }
        missing--;
        return switch (tag) {
            case ReplyWriter.NIL -> FullBulkStringRedisMessage.NULL_INSTANCE;
            case ReplyWriter.OK -> new SimpleStringRedisMessage("OK");
            case ReplyWriter.INTEGER -> new IntegerRedisMessage(bytes.getLong());
            case ReplyWriter.ARRAY -> array(bytes.getInt());
            case ReplyWriter.ERROR ->
                new ErrorRedisMessage(KvError.of(bytes.get()).text());
            default -> new ErrorRedisMessage(KvError.MALFORMED.text());
        };
    }

    private RedisMessage array(final int count) {
        missing += count;
        return new ArrayHeaderRedisMessage(count);
    }

    private RedisMessage string(final int length) {
        if (length <= PIECE_BYTES_MAX) {
            missing--;
            return new FullBulkStringRedisMessage(slice(length));
        }
        rest = length;
        return new BulkStringHeaderRedisMessage(length);
    }

    private RedisMessage part() {
        final int length = Math.min(rest, PIECE_BYTES_MAX);
        rest -= length;
        if (rest > 0) {
            return new DefaultBulkStringRedisContent(slice(length));
        }
        missing--;
        return new DefaultLastBulkStringRedisContent(slice(length));
    }

    private ByteBuf slice(final int length) {
        final ByteBuf slice = Unpooled.wrappedBuffer(bytes.array(), bytes.position(), length);
        bytes.position(bytes.position() + length);
        return slice;
    }
}
