package io.paxos.examples.kv;

import io.netty.handler.codec.redis.ArrayRedisMessage;
import io.netty.handler.codec.redis.ErrorRedisMessage;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.IntegerRedisMessage;
import io.netty.handler.codec.redis.RedisMessage;
import io.netty.handler.codec.redis.SimpleStringRedisMessage;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.SnapshotWriter;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A state machine alone, driven with bytes, as a replica drives it. */
final class Machine {
    private final KvStateMachine machine;
    private long slot;

    Machine() {
        this(KvLimits.REPLY_BYTES_MAX);
    }

    Machine(final int queryReplyBytesMax) {
        machine = new KvStateMachine(queryReplyBytesMax);
    }

    byte[] apply(final byte[] command) {
        final Answer answer = new Answer();
        machine.apply(new Chosen(++slot, command), answer);
        return answer.bytes();
    }

    /** The query is in the middle of a larger buffer, as in production. */
    byte[] query(final byte[] query) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[query.length + 5]);
        buffer.putBytes(3, query);
        final Answer answer = new Answer();
        machine.query(buffer, 3, query.length, answer);
        return answer.bytes();
    }

    SnapshotWriter writeSnapshot() {
        return machine.writeSnapshot();
    }

    void readSnapshot(final byte[] bytes) {
        machine.readSnapshot(SnapshotBytes.source(bytes));
    }

    static String text(final RedisMessage message) {
        if (message instanceof SimpleStringRedisMessage simple) {
            return simple.content();
        }
        if (message instanceof ErrorRedisMessage error) {
            return "-" + error.content();
        }
        if (message instanceof IntegerRedisMessage integer) {
            return Long.toString(integer.value());
        }
        if (message instanceof ArrayRedisMessage array) {
            return array.children().stream().map(Machine::text).toList().toString();
        }
        final FullBulkStringRedisMessage bulk = (FullBulkStringRedisMessage) message;
        return bulk.isNull() ? "(nil)" : bulk.content().toString(StandardCharsets.UTF_8);
    }

    private record Chosen(long slot, DirectBuffer buffer) implements Command {
        Chosen(final long slot, final byte[] command) {
            this(slot, new UnsafeBuffer(command));
        }

        @Override
        public long timeMs() {
            return 0;
        }

        @Override
        public int offset() {
            return 0;
        }

        @Override
        public int length() {
            return buffer.capacity();
        }
    }

    private static final class Answer implements Reply {
        private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
        private int length;

        @Override
        public MutableDirectBuffer reserve(final int lengthOfReply) {
            length = lengthOfReply;
            buffer.checkLimit(length);
            return buffer;
        }

        byte[] bytes() {
            final byte[] bytes = new byte[length];
            buffer.getBytes(0, bytes);
            return bytes;
        }
    }
}
