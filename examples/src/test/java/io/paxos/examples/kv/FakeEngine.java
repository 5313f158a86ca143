package io.paxos.examples.kv;

import io.paxos.ClockAlarm;
import io.paxos.Outcome;
import io.paxos.Read;
import io.paxos.ReadFailedException;
import io.paxos.Reason;
import io.paxos.Status;
import io.paxos.protocol.Ballot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.UnsafeBuffer;

/** A cluster of one without a log: executes at once, unless a test makes it slow or lets it fail. */
final class FakeEngine implements Engine {
    private final Machine machine = new Machine();
    private final List<Runnable> held = new ArrayList<>();
    private final List<Integer> batches = new ArrayList<>();
    private final List<Read> reads = new ArrayList<>();
    private boolean holding;
    private Outcome failure;
    private Error error;

    @Override
    public synchronized CompletableFuture<Outcome> submit(final byte[] command) {
        if (error != null) {
            throw error;
        }
        final CompletableFuture<Outcome> future = new CompletableFuture<>();
        batches.add(operations(command));
        final Outcome fails = failure;
        later(() -> future.complete(fails != null ? fails : new Outcome.Chosen(1, machine.apply(command))));
        return future;
    }

    @Override
    public synchronized CompletableFuture<byte[]> read(final byte[] query, final Read read) {
        final CompletableFuture<byte[]> future = new CompletableFuture<>();
        reads.add(read);
        if (failure != null) {
            future.completeExceptionally(new ReadFailedException(Reason.NO_QUORUM, "no quorum answers"));
        } else {
            later(() -> future.complete(machine.query(query)));
        }
        return future;
    }

    /** One of the slot 41, or a failure if the test says so. */
    @Override
    public synchronized CompletableFuture<Long> snapshot() {
        final CompletableFuture<Long> future = new CompletableFuture<>();
        if (failure != null) {
            future.completeExceptionally(new IllegalStateException("the disk is full"));
        } else {
            later(() -> future.complete(41L));
        }
        return future;
    }

    @Override
    public Status status() {
        return new Status(
                2,
                1,
                null,
                Status.Role.FOLLOWER,
                3,
                Ballot.of(7, 3),
                1,
                42,
                41,
                21,
                "sync",
                3,
                2,
                0,
                500,
                ClockAlarm.NONE,
                31,
                70_000,
                40,
                "none yet",
                900,
                1_500,
                "no leader",
                List.of(new Status.Member(2, true, 1, 0), new Status.Member(3, false, 7, 4)),
                "too tight",
                null,
                null);
    }

    private void later(final Runnable work) {
        if (holding) {
            held.add(work);
        } else {
            work.run();
        }
    }

    private static int operations(final byte[] command) {
        return KvCodec.decode(new UnsafeBuffer(command), 0, command.length).size();
    }

    /** From now on nothing is answered until {@link #release}. */
    synchronized void hold() {
        holding = true;
    }

    synchronized void release() {
        holding = false;
        held.forEach(Runnable::run);
        held.clear();
    }

    synchronized void failWith(final Outcome outcome) {
        failure = outcome;
    }

    /** From now on each command throws this. */
    synchronized void throwAlways(final Error thrown) {
        error = thrown;
    }

    /** How many operations each submitted command had. */
    synchronized List<Integer> batches() {
        return List.copyOf(batches);
    }

    /** How fresh each read was asked to be. */
    synchronized List<Read> reads() {
        return List.copyOf(reads);
    }

    /** How many commands and queries are unanswered. */
    synchronized int held() {
        return held.size();
    }
}
