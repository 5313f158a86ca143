package io.paxos.examples.kv;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.redis.ArrayRedisMessage;
import io.netty.handler.codec.redis.ErrorRedisMessage;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.IntegerRedisMessage;
import io.netty.handler.codec.redis.RedisMessage;
import io.netty.handler.codec.redis.SimpleStringRedisMessage;
import io.paxos.Outcome;
import io.paxos.ReadFailedException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Messages to a client. */
final class Answers {
    /** The beginning of a refusal for want of memory, as of redis-server. */
    static final String NO_MEMORY = "OOM ";

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

    /** What a client is told of a failure: never the name of a class. */
    static String reason(final Throwable failure) {
        final boolean isMeantForReaders = failure instanceof ReadFailedException
                || failure instanceof IllegalStateException
                || failure instanceof IllegalArgumentException;
        return isMeantForReaders && failure.getMessage() != null ? failure.getMessage() : "an internal error";
    }

    /** What a client is told of a command that is not known to be executed. */
    static String notExecuted(final Outcome outcome, final Throwable failure) {
        if (outcome instanceof Outcome.NotChosen not) {
            return "CLUSTERDOWN not executed: " + not.text();
        }
        if (failure instanceof IllegalArgumentException) {
            return "CLUSTERDOWN not executed: " + failure.getMessage(); // refused before it was taken
        }
        return "UNKNOWN may have been executed: "
                + (outcome instanceof Outcome.Unknown unknown ? unknown.text() : reason(failure));
    }

    /** The text without control characters, cut where it gets too long. */
    static String oneLine(final String text) {
        final String line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= ERROR_CHARS_MAX ? line : line.substring(0, ERROR_CHARS_MAX) + "...";
    }
}
