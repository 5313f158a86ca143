package io.paxos.examples.kv;

import io.netty.handler.codec.redis.RedisMessage;
import io.paxos.Read;
import java.util.function.Supplier;

/** What a request turned out to ask for. */
sealed interface Action {
    /** Can be answered by this process alone, when its turn has come. */
    record Answer(Supplier<RedisMessage> message) implements Action {}

    /** The last answer on this connection. */
    record ReplyAndClose(RedisMessage message) implements Action {}

    /** Must be agreed on. */
    record Write(KvOperation operation) implements Action {}

    /** Must be asked for, this fresh. */
    record Query(KvOperation operation, Read read) implements Action {}

    /** Roughly what it holds in memory while it waits. */
    default int bytes() {
        if (this instanceof Write write) {
            return KvCodec.size(write.operation());
        }
        return this instanceof Query query ? KvCodec.size(query.operation()) : 0;
    }
}
