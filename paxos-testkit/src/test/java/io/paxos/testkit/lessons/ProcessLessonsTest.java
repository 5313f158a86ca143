package io.paxos.testkit.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Members;
import io.paxos.Outcome;
import io.paxos.Read;
import io.paxos.Replica;
import io.paxos.ReplicaListener;
import io.paxos.Status;
import io.paxos.log.ChronicleLog;
import io.paxos.log.Durability;
import io.paxos.spi.Clock;
import io.paxos.spi.Transport;
import io.paxos.testkit.FreeAddresses;
import io.paxos.testkit.memory.MemoryDisk;
import io.paxos.transport.inprocess.InProcessNetwork;
import io.paxos.transport.inprocess.InProcessTransport;
import io.paxos.transport.tcp.TcpTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lessons about processes, with production logs and transports. See docs/lessons.md. */
class ProcessLessonsTest {
    private static final int PATIENCE_S = 60; // far more than the milliseconds that it takes
    private static final byte[] COMMAND = new byte[Long.BYTES];
    private static final byte[] QUERY = new byte[0];
    private static final int VALUE_LENGTH_MAX = 8 << 10;

    @TempDir
    Path directory;

    private final List<Replica> started = new ArrayList<>();

    @AfterEach
    void close() {
        started.forEach(Replica::close);
    }

    /** Closes this replica after the test. */
    private Replica started(final Replica replica) {
        started.add(replica);
        return replica;
    }

    private ChronicleLog log(final int id) {
        return ChronicleLog.builder(directory.resolve("replica-" + id), 0, id)
                .durability(Durability.REPLICATED) // no promise here is about the disk, and a disk can be slow
                .segmentBytes(320 << 10)
                .valueLengthMax(VALUE_LENGTH_MAX)
                .open();
    }

    /** One of three replicas, with small buffers. */
    private static Replica.Builder builder(final int id, final Transport transport, final Tally machine) {
        return Replica.builder(id)
                .members(Members.of(1, 2, 3))
                .transport(transport)
                .stateMachine(machine)
                .timeoutNs(TimeUnit.SECONDS.toNanos(PATIENCE_S / 2))
                .pendingBytes(1 << 17)
                .batchBytesMax(VALUE_LENGTH_MAX / 2);
    }

    private static <T> T get(final CompletableFuture<T> future)
            throws ExecutionException, InterruptedException, TimeoutException {
        return future.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    @Nested
    class L10_overload_is_not_an_error_state {
        private static final int MAILBOX_BYTES = 1 << 17;
        private static final long STEP_NS = 1_000_000;
        private long nowNs;

        /** L10: sofa-jraft #754: heartbeats arrive, however many commands are forwarded. */
        @Test
        void a_leader_stays_though_more_is_forwarded_than_its_mailbox_holds() {
            final InProcessNetwork network = new InProcessNetwork(MAILBOX_BYTES, VALUE_LENGTH_MAX);
            final List<InProcessTransport> transports = new ArrayList<>();
            final List<Replica> replicas = new ArrayList<>();
            for (int id = 1; id <= 3; id++) {
                transports.add(network.transport(id));
                replicas.add(started(builder(id, transports.get(id - 1), new Tally())
                        .log(new MemoryDisk(VALUE_LENGTH_MAX).open())
                        .clock(new VirtualClock())
                        .timeoutNs(TimeUnit.SECONDS.toNanos(5))
                        .pendingBytes(1 << 20) // eight mailboxes
                        .host()));
            }
            while (leader(replicas) == null) {
                turn(replicas);
            }
            final Replica leader = leader(replicas);
            final long ballot = leader.status().ballot();
            final byte[] command = new byte[1_000];
            final List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
            for (int ms = 0; ms < 500; ms++) {
                for (final Replica replica : replicas) {
                    CompletableFuture<Outcome> outcome;
                    do {
                        outcome = replica.submit(command);
                        outcomes.add(outcome);
                    } while (!outcome.isDone()); // until it is refused
                }
                turn(replicas);
                assertThat(leader.status().role()).isEqualTo(Status.Role.LEADER);
            }
            assertThat(transports.stream()
                            .mapToLong(transport -> transport.stats().droppedFull())
                            .sum())
                    .isPositive();
            for (int ms = 0; ms < 6_000 && !outcomes.stream().allMatch(CompletableFuture::isDone); ms++) {
                turn(replicas);
            }
            assertThat(outcomes).allMatch(CompletableFuture::isDone);
            assertThat(leader.status().role()).isEqualTo(Status.Role.LEADER);
            assertThat(leader.status().ballot()).isEqualTo(ballot);
        }

        private Replica leader(final List<Replica> replicas) {
            return replicas.stream()
                    .filter(replica -> replica.status().role() == Status.Role.LEADER)
                    .findFirst()
                    .orElse(null);
        }

        private void turn(final List<Replica> replicas) {
            nowNs += STEP_NS;
            int work;
            do {
                work = 0;
                for (final Replica replica : replicas) {
                    work += replica.doWork();
                }
            } while (work > 0);
        }

        private final class VirtualClock implements Clock {
            @Override
            public long nanoTime() {
                return nowNs;
            }

            @Override
            public long epochMillis() {
                return nowNs / STEP_NS;
            }
        }
    }

    @Nested
    class L11_an_exception_of_the_state_machine_is_loud {
        /** L11: sofa-jraft #1246, arcadedb #4754: stop this replica, keep its data, report the fault to each caller. */
        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3}) // one of them leads
        void a_replica_that_cannot_apply_stops_reports_it_keeps_its_data_and_the_others_continue(final int victim)
                throws ExecutionException, InterruptedException, TimeoutException {
            final InProcessNetwork network = new InProcessNetwork();
            final Map<Integer, Tally> machines = new HashMap<>();
            final Map<Integer, Replica> replicas = new HashMap<>();
            final CompletableFuture<Throwable> fault = new CompletableFuture<>();
            for (int id = 1; id <= 3; id++) {
                machines.put(id, new Tally());
                replicas.put(id, start(id, network, machines.get(id), fault));
            }
            for (final Replica replica : replicas.values()) {
                assertThat(get(replica.submit(COMMAND))).isInstanceOf(Outcome.Chosen.class);
            }
            final List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
            assertThat(Tally.count(get(replicas.get(victim).read(QUERY, Read.LINEARIZABLE))))
                    .isEqualTo(3); // it has executed all commands
            machines.get(victim).failNext();
            for (int i = 0; i < 10; i++) {
                outcomes.add(replicas.get(victim).submit(COMMAND));
            }
            assertThat(get(fault))
                    .hasMessageContaining("apply has thrown in slot")
                    .rootCause()
                    .hasMessage("planted");
            for (final CompletableFuture<Outcome> outcome : outcomes) {
                assertThat(get(outcome)).isNotInstanceOf(Outcome.Chosen.class);
            }
            final Status status = replicas.get(victim).status();
            assertThat(status.role()).isEqualTo(Status.Role.STOPPED);
            assertThat(status.fault()).isSameAs(fault.join());
            assertThat(get(replicas.get(victim).submit(COMMAND))).isInstanceOf(Outcome.NotChosen.class);
            for (int id = 1; id <= 3; id++) {
                if (id != victim) {
                    assertThat(get(replicas.get(id).submit(COMMAND)))
                            .as("at %d: %s", id, statuses(replicas.values()))
                            .isInstanceOf(Outcome.Chosen.class);
                }
            }
            replicas.get(victim).close();
            replicas.put(victim, start(victim, network, new Tally(), new CompletableFuture<>()));
            final long expected = Tally.count(get(replicas.get(1 + victim % 3).read(QUERY, Read.LINEARIZABLE)));
            assertThat(Tally.count(get(replicas.get(victim).read(QUERY, Read.LINEARIZABLE))))
                    .isGreaterThanOrEqualTo(expected);
            assertThat(expected).isGreaterThan(5); // three before, at least one that it failed on, two after
        }

        private String statuses(final Collection<Replica> replicas) {
            return replicas.stream().map(Replica::status).toList().toString();
        }

        private Replica start(
                final int id,
                final InProcessNetwork network,
                final Tally machine,
                final CompletableFuture<Throwable> fault) {
            return started(builder(id, network.transport(id), machine)
                    .log(log(id))
                    .listener(new ReplicaListener() {
                        @Override
                        public void onFault(final Throwable cause) {
                            fault.complete(cause);
                        }
                    })
                    .start());
        }
    }

    @Nested
    class L23_what_is_closed_is_given_back {
        private static final Path MAPPINGS = Path.of("/proc/self/maps"); // Linux

        /** L23: MicroRaft #52, RATIS-1674, RATIS-2065, ozone #885: a closed replica leaves nothing behind. */
        @Test
        void a_closed_replica_gives_back_its_threads_files_mappings_and_ports()
                throws ExecutionException, InterruptedException, TimeoutException, IOException {
            final Map<Integer, InetSocketAddress> addresses = FreeAddresses.of(1, 2, 3);
            final Set<Thread> before = threads();
            for (int life = 1; life <= 2; life++) { // each takes the directories and ports of the one before
                final List<Replica> replicas = new ArrayList<>();
                for (int id = 1; id <= 3; id++) {
                    final Transport transport = TcpTransport.listen(id, addresses);
                    replicas.add(started(
                            builder(id, transport, new Tally()).log(log(id)).start()));
                }
                for (final Replica replica : replicas) {
                    assertThat(get(replica.submit(COMMAND))).isInstanceOf(Outcome.Chosen.class);
                }
                replicas.forEach(Replica::close);
                final Set<Thread> left = threads();
                left.removeAll(before);
                assertThat(left).isEmpty();
                assertThat(mappings()).noneMatch(line -> line.contains(directory.toString()));
            }
        }

        private Set<Thread> threads() {
            return Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("paxos-"))
                    .collect(Collectors.toCollection(HashSet::new));
        }

        private List<String> mappings() throws IOException {
            return Files.exists(MAPPINGS) ? Files.readAllLines(MAPPINGS) : List.of();
        }
    }
}
