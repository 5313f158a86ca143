package io.paxos.examples.kv;

import io.netty.handler.codec.redis.RedisMessage;
import io.paxos.Read;
import java.util.function.Supplier;

/** What a request asks for. */
sealed interface Action {
    /** This process alone can answer it, in the order of the connection. The answer is made when its turn comes. */
    record Answer(Supplier<RedisMessage> message) implements Action {}

    /** The answer is this word. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Echo(byte[] word) implements Action {}

    /** The last answer on this connection. */
    record ReplyAndClose(RedisMessage message) implements Action {}

    /** Needs a command, on which the replicas agree. */
    record Write(KvOperation operation) implements Action {}

    /** Needs a read by the engine, this fresh. */
    record Query(KvOperation operation, Read read) implements Action {}

    /** Needs a snapshot of this replica, written now. Later requests of the connection wait for it. */
    record TakeSnapshot() implements Action {}
}
