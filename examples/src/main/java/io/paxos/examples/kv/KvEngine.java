package io.paxos.examples.kv;

import io.paxos.Outcome;
import io.paxos.Read;
import io.paxos.Replica;
import io.paxos.Status;
import java.util.concurrent.CompletableFuture;

/** A replica as the engine of a server. */
record KvEngine(Replica replica) implements Engine {
    @Override
    public CompletableFuture<Outcome> submit(final byte[] command) {
        try {
            return replica.submit(command);
        } catch (final IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e); // never left this method
        }
    }

    @Override
    public CompletableFuture<byte[]> read(final byte[] query, final Read read) {
        try {
            return replica.read(query, read);
        } catch (final IllegalStateException | IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletableFuture<Long> snapshot() {
        try {
            return replica.snapshot();
        } catch (final IllegalStateException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public Status status() {
        return replica.status();
    }
}
