package io.paxos.examples.kv;

import io.paxos.Outcome;
import io.paxos.Read;
import io.paxos.Status;
import java.util.concurrent.CompletableFuture;

/**
 * What the server needs of a replica, so that it can be tested without one. Futures complete on any thread; a refusal
 * is one too, and nothing is thrown.
 */
interface Engine {
    /** See {@code Replica.submit}. */
    CompletableFuture<Outcome> submit(byte[] command);

    /** See {@code Replica.read}. */
    CompletableFuture<byte[]> read(byte[] query, Read read);

    /** See {@code Replica.snapshot}. */
    CompletableFuture<Long> snapshot();

    /** See {@code Replica.status}. */
    Status status();
}
