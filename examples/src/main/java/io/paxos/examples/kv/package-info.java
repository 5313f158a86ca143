/**
 * A replicated key-value service with the Redis protocol: what an embedder writes around a {@code Replica}.
 *
 * <p>The path of one command: {@link io.paxos.examples.kv.RequestDecoder} (bytes to requests), {@link
 * io.paxos.examples.kv.RedisCommands} (requests to actions), {@link io.paxos.examples.kv.RespConnection} (order,
 * batches), {@link io.paxos.examples.kv.Engine} (the replica), {@link io.paxos.examples.kv.KvStateMachine} (the store),
 * and back through {@link io.paxos.examples.kv.KvCodec}. May see all of the library; nothing may see it.
 */
package io.paxos.examples.kv;
