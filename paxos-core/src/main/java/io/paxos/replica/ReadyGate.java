package io.paxos.replica;

import io.paxos.ReplicaListener;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a replica can serve its callers, and the threads that wait until it can. */
final class ReadyGate {
    private static final Logger LOGGER = LoggerFactory.getLogger(ReadyGate.class);

    /** What is in the way of serving. */
    enum State {
        /** Nothing. */
        READY,
        /** It does not take part yet. */
        STARTS,
        /** It executes what it knew to be chosen when it started. */
        REPLAYS,
        /** Too few members answer. */
        NO_QUORUM,
        /** Enough members answer, and none of them leads. */
        NO_LEADER,
        /** It has a leader, and far less is executed here than other members know to be chosen. */
        CATCHES_UP,
        /** It was closed, or stopped by a fault. */
        STOPPED
    }

    private final int self;
    private final ReplicaListener listener;
    private final Callbacks callbacks;
    private volatile State state = State.STARTS;

    /** Completed with true while the state is READY, with false when it is STOPPED. */
    private volatile CompletableFuture<Boolean> ready = new CompletableFuture<>();

    ReadyGate(final int self, final ReplicaListener listener, final Callbacks callbacks) {
        this.self = self;
        this.listener = listener;
        this.callbacks = callbacks;
    }

    State state() {
        return state;
    }

    /** The replica's thread: the state now. Returns whether it has changed between READY and others. */
    boolean set(final State now) {
        final State before = state;
        if (now == before || before == State.STOPPED) {
            return false;
        }
        if (before == State.READY) {
            ready = new CompletableFuture<>();
        }
        state = now;
        if (now == State.READY || now == State.STOPPED) {
            ready.complete(now == State.READY);
        }
        return now == State.READY || before == State.READY;
    }

    /** The replica's thread: tells a change. {@code reason}: why it is not ready; null if it is. */
    void tell(final String reason) {
        if (reason == null) {
            LOGGER.info("replica {} is ready", self);
        } else {
            LOGGER.info("replica {} is not ready: {}", self, reason);
        }
        listener.onReady(reason == null, reason);
    }

    /** Any thread but the replica's own. Whether it was ready before the time was over. */
    boolean await(final long timeoutNs) throws InterruptedException {
        final CompletableFuture<Boolean> now = ready;
        if (!now.isDone() && timeoutNs > 0) {
            callbacks.requireMayWait();
        }
        try {
            return now.get(timeoutNs, TimeUnit.NANOSECONDS);
        } catch (final TimeoutException e) {
            return false;
        } catch (final ExecutionException e) {
            throw new IllegalStateException("nobody completes it so", e);
        }
    }
}
