package io.paxos.testkit.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Members;
import io.paxos.Outcome;
import io.paxos.Reason;
import io.paxos.Replica;
import io.paxos.ReplicaListener;
import io.paxos.ReplyHandler;
import io.paxos.Status;
import io.paxos.log.ChronicleLog;
import io.paxos.log.Durability;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import io.paxos.testkit.memory.MemoryDisk;
import io.paxos.transport.inprocess.InProcessNetwork;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** F2, F9, F32: the code of the user can neither stop nor depose a replica unnoticed, nor hold it up. */
class UserCodeTest {
    private static final int PATIENCE_S = 60; // far more than what it takes
    private static final int VALUE_LENGTH_MAX = 8 << 10;
    private static final long HEARTBEAT_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final byte[] COMMAND = new byte[Long.BYTES];

    private final CountDownLatch released = new CountDownLatch(1); // user code that blocks waits for it
    private final List<Replica> started = new ArrayList<>();
    private final List<ExecutorService> executors = new ArrayList<>();

    @TempDir
    Path directory;

    @AfterEach
    void close() {
        released.countDown();
        started.forEach(Replica::close);
        executors.forEach(ExecutorService::shutdownNow);
    }

    private Replica only(final Consumer<Replica.Builder> settings) {
        return cluster(1, settings).get(0);
    }

    private List<Replica> cluster(final int size, final Consumer<Replica.Builder> settings) {
        final InProcessNetwork network = new InProcessNetwork(1 << 17, VALUE_LENGTH_MAX);
        for (int id = 1; id <= size; id++) {
            final Replica.Builder builder = Replica.builder(id)
                    .members(size == 1 ? Members.of(1) : Members.of(1, 2, 3))
                    .log(new MemoryDisk(VALUE_LENGTH_MAX).open())
                    .transport(network.transport(id))
                    .stateMachine(new Tally())
                    .heartbeatIntervalNs(HEARTBEAT_NS)
                    .stallNs(10 * HEARTBEAT_NS)
                    .timeoutNs(TimeUnit.SECONDS.toNanos(PATIENCE_S / 2))
                    .pendingBytes(1 << 17)
                    .pendingCommands(64)
                    .batchBytesMax(VALUE_LENGTH_MAX / 2);
            settings.accept(builder);
            started.add(builder.start());
        }
        until(() -> leader() != null);
        return started;
    }

    private Replica leader() {
        return started.stream()
                .filter(replica -> replica.status().role() == Status.Role.LEADER)
                .findFirst()
                .orElse(null);
    }

    private static void until(final BooleanSupplier holds) {
        final long untilNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - untilNs).as("patience").isNegative();
            Thread.onSpinWait();
        }
    }

    private static <T> T get(final CompletableFuture<T> future) {
        return future.orTimeout(PATIENCE_S, TimeUnit.SECONDS).join();
    }

    private static void offer(final Replica replica) {
        assertThat(replica.offer(new UnsafeBuffer(COMMAND), 0, COMMAND.length)).isPositive();
    }

    private void block() {
        try {
            released.await();
        } catch (final InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Its methods block at the first call. */
    private class BlockingHandler implements ReplyHandler {
        private final BlockingQueue<Long> called = new LinkedBlockingQueue<>();

        @Override
        public void onChosen(
                final long correlationId,
                final long slot,
                final DirectBuffer reply,
                final int offset,
                final int length) {
            called.add(correlationId);
            block();
        }

        @Override
        public void onNotChosen(final long correlationId, final Reason reason) {
            called.add(correlationId);
        }

        @Override
        public void onUnknown(final long correlationId) {
            called.add(correlationId);
        }
    }

    @Nested
    class A_callback_that_blocks {
        /** F2: 8 elections in 30 s, because callbacks took 200 us each. */
        @Test
        void deposes_no_leader_and_holds_up_no_command_of_others() {
            final BlockingHandler handler = new BlockingHandler();
            cluster(3, builder -> builder.replyHandler(handler));
            final Replica leader = leader();
            final long ballot = leader.status().ballot();
            offer(leader);
            until(() -> !handler.called.isEmpty());

            final Replica other = started.stream()
                    .filter(replica -> replica != leader)
                    .findFirst()
                    .orElseThrow();
            for (int i = 0; i < 200; i++) {
                assertThat(get(other.submit(COMMAND))).isInstanceOf(Outcome.Chosen.class);
            }
            until(() -> leader.status().heldUp() != null); // more heartbeats than others wait for
            assertThat(get(other.submit(COMMAND))).isInstanceOf(Outcome.Chosen.class);
            assertThat(leader.status().role()).isEqualTo(Status.Role.LEADER);
            assertThat(leader.status().ballot()).isEqualTo(ballot);
        }

        /** F2: what waits is bounded. */
        @Test
        void is_back_pressure_in_the_end_and_the_outcomes_that_wait_are_told_in_order() {
            final BlockingHandler handler = new BlockingHandler();
            final Replica replica = only(builder -> builder.replyHandler(handler));
            final UnsafeBuffer command = new UnsafeBuffer(COMMAND);
            final List<Long> taken = new ArrayList<>();
            until(() -> {
                final long correlationId = replica.offer(command, 0, COMMAND.length);
                if (correlationId > 0) {
                    taken.add(correlationId);
                }
                return correlationId == Replica.BACK_PRESSURED;
            });
            until(() -> handler.called.size() == 1);
            assertThat(replica.status().fault()).isNull();

            released.countDown();
            until(() -> handler.called.size() == taken.size());
            assertThat(handler.called).containsExactlyElementsOf(taken);
            until(() -> replica.offer(command, 0, COMMAND.length) > 0);
        }

        /** F2: nothing told what held it up. */
        @Test
        void is_told_with_where_its_thread_is_and_that_it_has_ended() {
            final BlockingQueue<String> told = new LinkedBlockingQueue<>();
            final Replica replica =
                    only(builder -> builder.replyHandler(new BlockingHandler()).listener(new ReplicaListener() {
                        @Override
                        public void onHeldUp(final String what, final long durationNs) {
                            told.add(what == null ? "ended" : what);
                        }
                    }));
            offer(replica);
            until(() -> !told.isEmpty());
            assertThat(told.peek()).startsWith("a callback has not ended for ").contains("CountDownLatch.await");
            assertThat(replica.status().heldUp()).startsWith("a callback has not ended for ");

            released.countDown();
            until(() -> told.contains("ended"));
            assertThat(replica.status().heldUp()).isNull();
        }
    }

    @Nested
    class A_turn_that_does_not_end {
        /** F2: nothing told what held it up. */
        @Test
        void is_told_with_where_its_thread_is_and_that_it_has_ended() {
            final BlockingQueue<String> told = new LinkedBlockingQueue<>();
            final Replica replica = only(builder -> builder.stateMachine(new StateMachine() {
                        @Override
                        public void apply(final Command command, final Reply reply) {
                            block();
                        }

                        @Override
                        public void query(
                                final DirectBuffer query, final int offset, final int length, final Reply reply) {}
                    })
                    .listener(new ReplicaListener() {
                        @Override
                        public void onHeldUp(final String what, final long durationNs) {
                            told.add(what == null ? "ended" : what);
                        }
                    }));
            final var outcome = replica.submit(COMMAND);
            until(() -> !told.isEmpty());
            assertThat(told.peek()).startsWith("a turn has not ended for ").contains("CountDownLatch.await");
            assertThat(replica.status().heldUp()).startsWith("a turn has not ended for ");

            released.countDown();
            assertThat(get(outcome)).isInstanceOf(Outcome.Chosen.class);
            until(() -> told.contains("ended"));
            assertThat(replica.status().heldUp()).isNull();
        }
    }

    @Nested
    class Callbacks_run {
        private final BlockingQueue<String> threads = new LinkedBlockingQueue<>(); // that called

        /** The threads that call with the outcomes of some commands. */
        private Set<String> threadsOf(final Consumer<Replica.Builder> settings) {
            final Replica replica = only(builder -> settings.accept(builder.replyHandler(new ReplyHandler() {
                @Override
                public void onChosen(
                        final long correlationId,
                        final long slot,
                        final DirectBuffer reply,
                        final int offset,
                        final int length) {
                    threads.add(Thread.currentThread().getName());
                }

                @Override
                public void onNotChosen(final long correlationId, final Reason reason) {
                    throw new IllegalStateException("not chosen: " + correlationId);
                }

                @Override
                public void onUnknown(final long correlationId) {
                    throw new IllegalStateException("unknown: " + correlationId);
                }
            })));
            for (int i = 1; i <= 100; i++) {
                final int calls = i;
                offer(replica);
                until(() -> threads.size() == calls);
            }
            return Set.copyOf(threads);
        }

        @Test
        void on_a_thread_of_their_own() {
            assertThat(threadsOf(builder -> {})).containsExactly("paxos-replica-1-callbacks");
        }

        @Test
        void on_the_executor_that_the_builder_was_given() {
            final ExecutorService executor = Executors.newFixedThreadPool(4, task -> new Thread(task, "users"));
            executors.add(executor);
            assertThat(threadsOf(builder -> builder.callbackExecutor(executor))).containsExactly("users");
        }

        @Test
        void on_the_replicas_thread_if_that_was_asked_for() {
            assertThat(threadsOf(builder -> builder.callbackExecutor(Replica.ON_REPLICA_THREAD)))
                    .containsExactly("paxos-replica-1");
        }

        @Test
        void on_threads_of_the_replica_if_the_executor_takes_no_more() {
            assertThat(threadsOf(builder -> builder.callbackExecutor(task -> {
                        throw new RejectedExecutionException("planted");
                    })))
                    .containsExactly("paxos-replica-1-callbacks");
        }

        /** F2: the replica was dead, and its status showed a leader. */
        @Test
        void where_a_wait_for_the_own_replica_is_refused() {
            final AtomicReference<Throwable> refusal = new AtomicReference<>();
            final AtomicReference<Replica> replica = new AtomicReference<>();
            replica.set(only(builder -> builder.replyHandler(new BlockingHandler() {
                @Override
                public void onChosen(
                        final long correlationId,
                        final long slot,
                        final DirectBuffer reply,
                        final int offset,
                        final int length) {
                    try {
                        replica.get().submit(COMMAND).join();
                    } catch (final IllegalStateException e) {
                        refusal.set(e);
                    }
                }
            })));
            offer(replica.get());
            until(() -> refusal.get() != null);
            assertThat(refusal.get()).hasMessageContaining("it would wait for itself");
        }
    }

    @Nested
    class Closing {
        /** F32: close releases everything before it returns. */
        @Test
        void on_an_interrupted_thread_releases_everything_and_keeps_the_interrupt() {
            for (int life = 1; life <= 3; life++) {
                final Replica replica = Replica.builder(1)
                        .members(Members.of(1))
                        .log(log())
                        .transport(new InProcessNetwork(1 << 17, VALUE_LENGTH_MAX).transport(1))
                        .stateMachine(new Tally())
                        .batchBytesMax(VALUE_LENGTH_MAX / 2)
                        .start();
                started.add(replica);
                until(() -> replica.status().role() == Status.Role.LEADER);
                final var outcome = replica.submit(COMMAND);
                assertThat(get(outcome)).isInstanceOf(Outcome.Chosen.class);

                Thread.currentThread().interrupt();
                replica.close();
                assertThat(Thread.interrupted()).isTrue();
            }
            log().close(); // nobody holds the directory
        }

        @Test
        void within_a_callback_returns_and_all_outcomes_are_told() {
            final Replica replica = only(builder -> {});
            final var closed = replica.submit(COMMAND).thenAccept(outcome -> replica.close());
            final var other = replica.submit(COMMAND);
            get(closed);
            get(other);
            assertThat(replica.status().role()).isEqualTo(Status.Role.STOPPED);
            assertThat(replica.status().fault()).isNull();
        }

        @Test
        void returns_when_every_outcome_was_told() {
            final Replica replica = only(builder -> {});
            final List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                outcomes.add(replica.submit(COMMAND));
            }
            replica.close();
            assertThat(outcomes).allMatch(CompletableFuture::isDone);
        }
    }

    /** F32: an interrupt closes the channels that its thread uses, so a replica must keep none that was left to it. */
    @Test
    void an_interrupt_that_a_state_machine_leaves_does_not_stop_the_replica() {
        final Replica replica = Replica.builder(1)
                .members(Members.of(1))
                .log(log())
                .transport(new InProcessNetwork(1 << 17, VALUE_LENGTH_MAX).transport(1))
                .stateMachine(new StateMachine() {
                    @Override
                    public void apply(final Command command, final Reply reply) {
                        Thread.currentThread().interrupt();
                    }

                    @Override
                    public void query(
                            final DirectBuffer query, final int offset, final int length, final Reply reply) {}
                })
                .batchBytesMax(VALUE_LENGTH_MAX / 2)
                .start();
        started.add(replica);
        for (int i = 0; i < 100; i++) {
            assertThat(get(replica.submit(COMMAND))).isInstanceOf(Outcome.Chosen.class);
        }
        assertThat(replica.status().fault()).isNull();
    }

    private ChronicleLog log() {
        return ChronicleLog.builder(directory, 0, 1)
                .durability(Durability.REPLICATED)
                .valueLengthMax(VALUE_LENGTH_MAX)
                .open();
    }
}
