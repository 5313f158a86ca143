package io.paxos.testkit.contract.transport;

import io.paxos.Members;
import io.paxos.Outcome;
import io.paxos.Replica;
import io.paxos.ReplicaListener;
import io.paxos.spi.Transport;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import io.paxos.testkit.memory.MemoryDisk;
import io.paxos.testkit.trace.Recorder;
import io.paxos.testkit.trace.RecordingTransport;
import io.paxos.testkit.trace.Recordings;
import io.paxos.testkit.trace.SpaceTimeHtml;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Three production replicas, each on a thread of its own, over the transport under test with faults on top: commands go
 * to all of them; then the faults stop, and all must have executed the same.
 *
 * <p>A failure leaves a space-time diagram of what went into the transport under test and what came out of it. What the
 * faults lose is not in it: an arrow that does not arrive was lost by the transport, or was under way at the end.
 */
final class Agreement {
    private static final int MEMBERS = 3;
    private static final int COMMANDS = 60;
    private static final int BURST = 6; // commands that are under way at once
    private static final int COMMAND_LENGTH_MAX = 200;
    private static final int PENDING_BYTES = 1 << 20;
    private static final int BATCH_BYTES_MAX = 4_096;
    private static final int LOG_VALUE_LENGTH_MAX = 1 << 20;
    private static final long HEARTBEAT_NS = 20_000_000;
    private static final long SUBMIT_TIMEOUT_NS = 400_000_000;
    private static final long LOOK_NS = 1_000_000;
    private static final Path DIAGRAMS = Path.of("target", "paxos-diagrams"); // those of the simulator are there too
    private static final int EVENTS_MAX = 20_000; // of a diagram, the last ones: a browser shows this many at ease

    /** A command, by its number, and the slot that it was executed in. */
    private record Executed(long number, long slot) {}

    private final TransportFaults faults;
    private final long patienceNs;
    private final SplittableRandom random;
    private final Recordings recordings;
    private final List<FaultyTransport> transports = new ArrayList<>();
    private final List<Machine> machines = new ArrayList<>();
    private final List<Replica> replicas = new ArrayList<>();
    private final Map<Long, Long> acknowledged = new TreeMap<>(); // slot by number
    private final Map<Long, CompletableFuture<Outcome>> open = new TreeMap<>(); // by number
    private final AtomicReference<AssertionError> stopped = new AtomicReference<>(); // null while all replicas run
    private long lastNumber; // of the last command; commands count from 1

    private Agreement(final String name, final TransportFaults faults, final long patienceNs) {
        this.faults = faults;
        this.patienceNs = patienceNs;
        random = new SplittableRandom(faults.seed());
        recordings = new Recordings(new Recorder()
                .title(name + ": three replicas over this transport")
                .about(faults.toString()));
    }

    /**
     * Runs it once. The fixture gives the transports, and its checker takes a replica that does not close.
     *
     * @param name of the test, and of the diagram if it fails
     */
    static void require(
            final String name,
            final TransportFixture fixture,
            final TransportFixture.Opening opening,
            final TransportFaults faults) {
        final Agreement agreement = new Agreement(name, faults, fixture.patienceNs());
        try {
            fixture.ids().stream().sorted().forEach(id -> agreement.start(id, opening.open(id, fixture.ids())));
            agreement.submitUnderFaults();
            agreement.transports.forEach(FaultyTransport::heal);
            agreement.requireConvergence();
            agreement.requireRunning();
        } catch (final AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n  " + agreement.diagram(name, e), e);
        } finally {
            agreement.close(fixture.deliveries());
        }
    }

    /** Writes the diagram. Returns where it is, as text. */
    private String diagram(final String name, final AssertionError failure) {
        final List<String> lines =
                String.valueOf(failure.getMessage()).lines().map(String::strip).toList();
        final String promise = lines.get(0).replaceFirst("^broken promise: ", "");
        recordings.recorder().violated(promise, "all execute the same", lines.size() == 1 ? "" : lines.get(1));
        try {
            final Path page = SpaceTimeHtml.write(
                    DIAGRAMS.resolve(name + ".html"),
                    recordings.recorder().spaceTime().last(EVENTS_MAX));
            return "its space-time diagram: " + page.toUri();
        } catch (final UncheckedIOException e) { // must not hide the failure that it shows
            return "its space-time diagram could not be written: " + e;
        }
    }

    private void close(final DeliveryChecker deliveries) {
        for (final Replica replica : replicas) {
            try {
                replica.close();
            } catch (final IllegalStateException e) {
                deliveries.broken(
                        TransportPromise.NEVER_BLOCKS,
                        "replica " + replica.status().id() + ": " + e.getMessage());
            }
        }
    }

    private void start(final int id, final Transport transport) {
        final RecordingTransport recording = recordings.transport(id, transport);
        final FaultyTransport faulty = new FaultyTransport(recording, id, faults);
        final Machine machine = new Machine();
        transports.add(faulty);
        machines.add(machine);
        replicas.add(Replica.builder(id)
                .members(Members.of(1, 2, 3))
                .log(new MemoryDisk(LOG_VALUE_LENGTH_MAX).open())
                .transport(faulty)
                .stateMachine(machine)
                .callbackExecutor(Replica.ON_REPLICA_THREAD) // what is recorded is in order
                .listener(recording.listener(new ReplicaListener() {
                    @Override
                    public void onFault(final Throwable cause) {
                        noteStopped(id, cause);
                    }
                }))
                .heartbeatIntervalNs(HEARTBEAT_NS)
                .timeoutNs(SUBMIT_TIMEOUT_NS)
                .pendingBytes(PENDING_BYTES)
                .batchBytesMax(Math.min(BATCH_BYTES_MAX, transport.valueLengthMax()))
                .start());
    }

    /**
     * Marks the place in the diagram now, since other replicas go on. On the thread of the replica. The mark comes
     * before {@link #stopped}, because the test's thread writes the diagram as soon as it sees that.
     */
    private synchronized void noteStopped(final int id, final Throwable cause) {
        if (stopped.get() == null) {
            final TransportPromise promise = TransportPromise.KEEPS_RUNNING;
            recordings.recorder().violated(promise.message(), "replica " + id + " runs", cause.toString());
            stopped.set(promise.broken("replica " + id + " has stopped: " + cause, cause));
        }
    }

    private void requireRunning() {
        final AssertionError failure = stopped.get();
        if (failure != null) {
            throw failure;
        }
    }

    private boolean hasStopped() {
        return stopped.get() != null;
    }

    private void submitUnderFaults() {
        for (int i = 0; i < COMMANDS; i++) {
            submit(random.nextInt(MEMBERS));
            if (open.size() == BURST) {
                awaitOutcomes();
            }
        }
        awaitOutcomes();
    }

    private long submit(final int replica) {
        final int length = Long.BYTES + random.nextInt(COMMAND_LENGTH_MAX);
        final byte[] command = new byte[Math.min(length, replicas.get(replica).commandLengthMax())];
        new UnsafeBuffer(command).putLong(0, ++lastNumber);
        open.put(lastNumber, replicas.get(replica).submit(command));
        return lastNumber;
    }

    private void awaitOutcomes() {
        open.forEach((number, future) -> {
            if (outcome(future) instanceof Outcome.Chosen chosen) {
                acknowledged.put(number, chosen.slot());
            }
        });
        open.clear();
    }

    private Outcome outcome(final CompletableFuture<Outcome> future) {
        final long deadlineNs = System.nanoTime() + SUBMIT_TIMEOUT_NS + patienceNs;
        final boolean isInTime = until(deadlineNs, () -> future.isDone() || hasStopped());
        requireRunning();
        if (!isInTime) {
            throw TransportPromise.CONVERGENCE.broken("a command got no outcome by its deadline: " + statuses());
        }
        return future.join();
    }

    private void requireConvergence() {
        final long deadlineNs = System.nanoTime() + patienceNs;
        for (int replica = 0; replica < MEMBERS; replica++) {
            long number = submit(replica);
            awaitOutcomes();
            while (!acknowledged.containsKey(number)) {
                requireSamePrefix();
                requireInTime(deadlineNs, "replica " + (replica + 1) + " gets nothing chosen");
                number = submit(replica);
                awaitOutcomes();
            }
        }
        while (!until(deadlineNs, () -> isSame() || hasStopped())) {
            requireSamePrefix();
            requireInTime(deadlineNs, "some replica has not executed everything");
        }
        requireRunning();
        final List<Executed> executed = machines.get(0).executed();
        acknowledged.forEach((number, slot) -> {
            if (!executed.contains(new Executed(number, slot))) {
                throw TransportPromise.AGREEMENT.broken(
                        "command " + number + " was acknowledged in slot " + slot + " and not executed there");
            }
        });
    }

    private boolean isSame() {
        final List<Executed> first = machines.get(0).executed();
        return machines.stream().allMatch(machine -> machine.executed().equals(first))
                && first.size() >= acknowledged.size();
    }

    private void requireSamePrefix() {
        final List<Executed> first = machines.get(0).executed();
        for (final Machine machine : machines) {
            final List<Executed> other = machine.executed();
            final int length = Math.min(first.size(), other.size());
            if (!first.subList(0, length).equals(other.subList(0, length))) {
                throw TransportPromise.AGREEMENT.broken("one replica executed " + first + ", another " + other);
            }
        }
    }

    private void requireInTime(final long deadlineNs, final String text) {
        if (System.nanoTime() - deadlineNs > 0) {
            throw TransportPromise.CONVERGENCE.broken(
                    text + " " + patienceNs / 1_000_000 + " ms after the faults stopped: " + statuses());
        }
    }

    private static boolean until(final long deadlineNs, final BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                return false;
            }
            LockSupport.parkNanos(LOOK_NS);
        }
        return true;
    }

    private String statuses() {
        final StringBuilder text = new StringBuilder();
        replicas.forEach(replica -> text.append("\n    ").append(replica.status()));
        return text.toString();
    }

    /** Remembers what it executed. Asked from the thread of the test. */
    private static final class Machine implements StateMachine {
        private final List<Executed> executed = new ArrayList<>();

        @Override
        public synchronized void apply(final Command command, final Reply reply) {
            executed.add(new Executed(command.buffer().getLong(command.offset()), command.slot()));
        }

        @Override
        public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {}

        synchronized List<Executed> executed() {
            return List.copyOf(executed);
        }
    }
}
