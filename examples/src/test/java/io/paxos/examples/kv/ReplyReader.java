package io.paxos.examples.kv;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.redis.ArrayRedisMessage;
import io.netty.handler.codec.redis.ErrorRedisMessage;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.IntegerRedisMessage;
import io.netty.handler.codec.redis.RedisMessage;
import io.netty.handler.codec.redis.SimpleStringRedisMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The replies of a batch, as {@link ReplyWriter} wrote them, as messages to a client. */
final class ReplyReader {
    private final ByteBuffer bytes;

    ReplyReader(final byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes).order(ReplyWriter.ORDER);
    }

    /** The next reply; one that is cut off or unknown is an error to the client, not to us. */
    RedisMessage next() {
        if (!bytes.hasRemaining()) {
            return new ErrorRedisMessage(KvError.MALFORMED.text());
        }
        return switch (bytes.get()) {
            case ReplyWriter.NIL -> FullBulkStringRedisMessage.NULL_INSTANCE;
            case ReplyWriter.OK -> new SimpleStringRedisMessage("OK");
            case ReplyWriter.INTEGER -> new IntegerRedisMessage(bytes.getLong());
            case ReplyWriter.BYTES -> bulk();
            case ReplyWriter.ARRAY -> array();
            case ReplyWriter.ERROR ->
                new ErrorRedisMessage(KvError.of(bytes.get()).text());
            default -> new ErrorRedisMessage(KvError.MALFORMED.text());
        };
    }

    private RedisMessage bulk() {
        final int length = bytes.getInt();
        final RedisMessage message =
                new FullBulkStringRedisMessage(Unpooled.wrappedBuffer(bytes.array(), bytes.position(), length));
        bytes.position(bytes.position() + length);
        return message;
    }

    private RedisMessage array() {
        final int count = bytes.getInt();
        final List<RedisMessage> children = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            children.add(next());
        }
        return new ArrayRedisMessage(children);
    }
}
