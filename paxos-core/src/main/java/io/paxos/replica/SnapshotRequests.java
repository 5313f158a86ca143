package io.paxos.replica;

import io.paxos.execution.Snapshots;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;

/** Callers on any thread ask the replica's thread for a snapshot. At most {@link #REQUESTS_MAX} wait here. */
final class SnapshotRequests {
    private static final int REQUESTS_MAX = 64;

    private record Request(CompletableFuture<Long> future, long deadlineNs) {}

    private final ManyToManyConcurrentArrayQueue<Request> queue = new ManyToManyConcurrentArrayQueue<>(REQUESTS_MAX);
    private final Callbacks callbacks;
    private volatile String closed; // why no request is taken; null while they are

    SnapshotRequests(final Callbacks callbacks) {
        this.callbacks = callbacks;
    }

    /** Any thread. The future fails at once if too many wait, or if the replica is closed. */
    CompletableFuture<Long> request(final long deadlineNs) {
        final CompletableFuture<Long> future = callbacks.newFuture();
        if (closed == null && !queue.offer(new Request(future, deadlineNs))) {
            future.completeExceptionally(
                    new IllegalStateException(REQUESTS_MAX + " callers wait for a snapshot already"));
        }
        if (closed != null) {
            future.completeExceptionally(new IllegalStateException(closed));
            failAll();
        }
        return future;
    }

    /** The replica's thread. Returns how many requests there were. */
    int drain(final Snapshots snapshots) {
        int count = 0;
        for (Request request = queue.poll(); request != null; request = queue.poll()) {
            snapshots.request(passingOnTo(request.future), request.deadlineNs);
            count++;
        }
        return count;
    }

    /** A future that the replica's thread completes. The other one is the caller's, and completes as a callback. */
    private CompletableFuture<Long> passingOnTo(final CompletableFuture<Long> future) {
        final CompletableFuture<Long> inner = new CompletableFuture<>();
        final CompletableFuture<Long> unused = inner.whenComplete((slot, failure) -> {
            if (failure == null) {
                callbacks.complete(future, slot, 0);
            } else {
                callbacks.fail(future, failure);
            }
        });
        return inner;
    }

    void close(final String reason) {
        closed = reason;
        failAll();
    }

    private void failAll() {
        for (Request request = queue.poll(); request != null; request = queue.poll()) {
            request.future.completeExceptionally(new IllegalStateException(closed));
        }
    }
}
