package io.paxos.examples.kv;

import io.netty.handler.codec.redis.RedisMessage;
import io.paxos.Read;
import java.util.function.Supplier;

/** What a request asks for. */
sealed interface Action {
    /** This process alone can answer it, in the order of the connection. */
    record Answer(Supplier<RedisMessage> message) implements Action {}

    /** The last answer on this connection. */
    record ReplyAndClose(RedisMessage message) implements Action {}

    /** Needs a command, on which the replicas agree. */
    record Write(KvOperation operation) implements Action {}

    /** Needs a read by the engine, this fresh. */
    record Query(KvOperation operation, Read read) implements Action {}

    /** Needs a snapshot of this replica, written now. Later requests of the connection wait for it. */
    record TakeSnapshot() implements Action {}

    /** About how many bytes of memory it takes while it waits. */
    default int bytes() {
        if (this instanceof Write write) {
            return KvCodec.size(write.operation());
        }
        return this instanceof Query query ? KvCodec.size(query.operation()) : 0;
    }
}
