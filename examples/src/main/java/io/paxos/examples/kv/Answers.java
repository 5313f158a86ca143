package io.paxos.examples.kv;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.redis.ArrayRedisMessage;
import io.netty.handler.codec.redis.ErrorRedisMessage;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.IntegerRedisMessage;
import io.netty.handler.codec.redis.RedisMessage;
import io.netty.handler.codec.redis.SimpleStringRedisMessage;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Messages to a client. */
final class Answers {
    private static final int ERROR_CHARS_MAX = 300;

    private Answers() {}

    static RedisMessage ok() {
        return new SimpleStringRedisMessage("OK");
    }

    static RedisMessage simple(final String text) {
        return new SimpleStringRedisMessage(text);
    }

    static RedisMessage integer(final long value) {
        return new IntegerRedisMessage(value);
    }

    static RedisMessage bulk(final String text) {
        return bulk(text.getBytes(StandardCharsets.UTF_8));
    }

    static RedisMessage bulk(final byte[] bytes) {
        return new FullBulkStringRedisMessage(Unpooled.wrappedBuffer(bytes));
    }

    static RedisMessage nil() {
        return FullBulkStringRedisMessage.NULL_INSTANCE;
    }

    static RedisMessage array(final List<RedisMessage> children) {
        return new ArrayRedisMessage(children);
    }

    static RedisMessage array(final RedisMessage... children) {
        return new ArrayRedisMessage(List.of(children));
    }

    /** An error that begins with its kind, in one line: the protocol allows no more. */
    static RedisMessage error(final String text) {
        return new ErrorRedisMessage(oneLine(text));
    }

    /** The text without control characters, cut where it gets too long. */
    static String oneLine(final String text) {
        final String line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= ERROR_CHARS_MAX ? line : line.substring(0, ERROR_CHARS_MAX) + "...";
    }
}
