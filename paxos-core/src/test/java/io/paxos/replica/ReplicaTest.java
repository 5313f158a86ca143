package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.ManualLog;
import io.paxos.Members;
import io.paxos.Outcome;
import io.paxos.Quorums;
import io.paxos.Read;
import io.paxos.ReadFailedException;
import io.paxos.Reason;
import io.paxos.Replica;
import io.paxos.ReplicaListener;
import io.paxos.ReplyHandler;
import io.paxos.Status;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an embedder sees, on replicas that share one thread and a perfect network. */
class ReplicaTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long GATHER_NS = TimeUnit.MILLISECONDS.toNanos(20);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7})
    void any_replica_takes_commands_and_all_execute_them(final int size) {
        final LockstepCluster cluster = new LockstepCluster(size, builder -> {});
        cluster.until(cluster::hasLeader);

        final List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
        for (final Replica replica : cluster.replicas) {
            outcomes.add(replica.submit(LockstepCluster.number(1)));
            outcomes.add(replica.submit(LockstepCluster.number(10)));
        }

        cluster.until(() -> outcomes.stream().allMatch(CompletableFuture::isDone));
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.join()).isInstanceOf(Outcome.Chosen.class));
        cluster.until(() -> cluster.counters.stream().allMatch(counter -> counter.sum == 11L * size));
    }

    @Test
    void reads_on_any_replica_see_what_was_acknowledged() {
        final LockstepCluster cluster = new LockstepCluster(3, builder -> {});
        cluster.until(cluster::hasLeader);
        final var written = cluster.replicas.get(0).submit(LockstepCluster.number(7));
        cluster.until(written::isDone);

        for (final Replica replica : cluster.replicas) {
            final var read = replica.read(new byte[0], Read.LINEARIZABLE);
            cluster.until(read::isDone);
            assertThat(LockstepCluster.number(read.join())).isEqualTo(7);
        }
    }

    @Test
    void a_cut_off_leader_chooses_nothing_and_says_so() {
        final LockstepCluster cluster = new LockstepCluster(3, builder -> builder.timeoutNs(SECOND_NS));
        cluster.until(cluster::hasLeader);
        final Replica old = cluster.leader();
        cluster.isCut[old.status().id() - 1] = true;

        final var lost = old.submit(LockstepCluster.number(1));
        cluster.until(lost::isDone);
        assertThat(lost.join()).isInstanceOf(Outcome.Unknown.class);

        final var refused = old.submit(LockstepCluster.number(2));
        cluster.until(refused::isDone);
        assertThat(refused.join()).isInstanceOf(Outcome.NotChosen.class);

        final Replica other = cluster.replicas.get(old.status().id() % 3);
        final var written = other.submit(LockstepCluster.number(100));
        cluster.until(written::isDone);
        assertThat(written.join()).isInstanceOf(Outcome.Chosen.class);

        final var stale = old.read(new byte[0], Read.LINEARIZABLE);
        cluster.until(stale::isDone);
        assertThatThrownBy(stale::join).hasCauseInstanceOf(ReadFailedException.class);

        cluster.isCut[old.status().id() - 1] = false;
        cluster.until(() -> cluster.counters.stream().allMatch(counter -> counter.sum == cluster.counters.get(0).sum)
                && cluster.counters.get(0).sum >= 100);
    }

    /** F26: each call may have a deadline of its own, earlier or later than that of another one. */
    @Test
    void a_call_has_its_outcome_by_its_own_deadline() {
        final LockstepCluster cluster = new LockstepCluster(3, builder -> builder.stallNs(60 * SECOND_NS));
        cluster.logs.forEach(ManualLog::freeze); // nobody is elected
        final Replica replica = cluster.replicas.get(0);
        final long[] timeoutsNs = {3 * SECOND_NS, SECOND_NS / 5, 7 * SECOND_NS, SECOND_NS};
        final long beganNs = cluster.nowNs();
        final List<CompletableFuture<?>> calls = new ArrayList<>();
        final List<Long> expectedNs = new ArrayList<>();
        for (final long timeoutNs : timeoutsNs) {
            calls.add(replica.submit(LockstepCluster.number(1), timeoutNs));
            calls.add(replica.read(new byte[0], Read.LINEARIZABLE, timeoutNs));
            expectedNs.addAll(List.of(timeoutNs, timeoutNs));
        }
        final long[] tookNs = new long[calls.size()];
        cluster.until(() -> {
            for (int i = 0; i < tookNs.length; i++) {
                tookNs[i] = tookNs[i] == 0 && calls.get(i).isDone() ? cluster.nowNs() - beganNs : tookNs[i];
            }
            return calls.stream().allMatch(CompletableFuture::isDone);
        });
        for (int i = 0; i < tookNs.length; i++) {
            assertThat(tookNs[i]).isBetween(expectedNs.get(i), expectedNs.get(i) + SECOND_NS / 100);
        }
        assertThatThrownBy(() -> replica.submit(new byte[0], 0)).hasMessage("a timeout must be positive, not 0 ns");
    }

    @Test
    void a_leader_at_its_log_budget_refuses_new_commands_with_the_reason_until_there_is_room() {
        final LockstepCluster cluster =
                new LockstepCluster(3, builder -> builder.logTailBytes(0).maxLogBytes(1_000));
        cluster.until(cluster::hasLeader);
        final Replica leader = cluster.leader();
        final ManualLog log = cluster.logs.get(leader.status().id() - 1);

        log.bytes(1_000);
        final var refused = leader.submit(LockstepCluster.number(1));
        cluster.until(refused::isDone);
        assertThat(refused.join())
                .isInstanceOfSatisfying(
                        Outcome.NotChosen.class,
                        outcome -> assertThat(outcome.text())
                                .contains("the log has 1000 bytes, its budget is 1000")
                                .contains("does not implement Snapshotting"));

        log.bytes(999);
        final var taken = leader.submit(LockstepCluster.number(2));
        cluster.until(taken::isDone);
        assertThat(taken.join()).isInstanceOf(Outcome.Chosen.class);
        assertThat(cluster.counters.get(leader.status().id() - 1).sum).isEqualTo(2);
    }

    @Test
    void a_leader_lets_proposals_be_held_back_to_those_whom_it_can_do_without() {
        final LockstepCluster cluster = new LockstepCluster(3, builder -> builder.followerLingerNs(1_000));
        cluster.until(cluster::hasLeader);
        final int leader = cluster.leader().status().id() - 1;
        final int lingerFor = (leader + 2) % 3;
        cluster.turn();
        assertThat(cluster.lingering(leader)).containsOnly(Map.entry(lingerFor + 1, 1_000L));
        assertThat(cluster.lingering(lingerFor)).isEmpty();

        cluster.isCut[(leader + 1) % 3] = true; // the follower whose vote was needed
        for (int i = 0; i < 5; i++) {
            final var outcome = cluster.replicas.get(leader).submit(LockstepCluster.number(1));
            cluster.until(outcome::isDone);
        }
        assertThat(cluster.lingering(leader)).containsOnlyKeys((leader + 1) % 3 + 1);

        cluster.isCut[(leader + 1) % 3] = false;
        cluster.isCut[leader] = true;
        cluster.until(() -> cluster.replicas.get(lingerFor).status().role() == Status.Role.LEADER
                || cluster.replicas.get((leader + 1) % 3).status().role() == Status.Role.LEADER);
        cluster.isCut[leader] = false;
        cluster.until(() -> cluster.replicas.get(leader).status().role() == Status.Role.FOLLOWER);
        assertThat(cluster.lingering(leader)).isEmpty();
    }

    @Test
    void nothing_is_held_back_unless_asked_for() {
        final LockstepCluster cluster = new LockstepCluster(3, builder -> {});
        cluster.until(cluster::hasLeader);
        cluster.turn();
        assertThat(cluster.lingering(cluster.leader().status().id() - 1)).isEmpty();
    }

    @Test
    void commands_wait_for_company_while_another_value_is_on_its_way() {
        final LockstepCluster cluster = lingering();
        final Replica leader = cluster.leader();
        final var first = submitted(cluster, 1);
        final var second = submitted(cluster, 1);
        final var third = submitted(cluster, 1);
        cluster.until(() -> forced(cluster, third));
        assertThat(slot(second)).isEqualTo(slot(first) + 1);
        assertThat(slot(third)).isEqualTo(slot(second));

        final var alone = leader.submit(LockstepCluster.number(1)); // nothing is on its way any more
        cluster.turn();
        cluster.logs.forEach(ManualLog::force);
        cluster.turn();
        assertThat(alone).isDone();
    }

    @Test
    void commands_wait_for_company_no_longer_than_they_may() {
        final LockstepCluster cluster = lingering();
        final var first = submitted(cluster, 1);
        final var second = submitted(cluster, 20);
        final var third = submitted(cluster, 1);
        cluster.until(() -> forced(cluster, third));
        assertThat(slot(second)).isEqualTo(slot(first) + 1);
        assertThat(slot(third)).isEqualTo(slot(second) + 1);
    }

    @Test
    void many_bytes_do_not_wait_for_company() {
        final LockstepCluster cluster = lingering();
        final int index = cluster.leader().status().id() - 1;
        final var first = submitted(cluster, 1);
        final var half = cluster.leader().submit(new byte[4096]);
        final int wakeups = cluster.wakeups(index);
        final var second = cluster.leader().submit(new byte[4096]);
        assertThat(cluster.wakeups(index)).isEqualTo(wakeups + 1);
        cluster.turn();
        final var third = submitted(cluster, 1);
        cluster.until(() -> forced(cluster, third));
        assertThat(slot(half)).isEqualTo(slot(first) + 1);
        assertThat(slot(second)).isEqualTo(slot(half));
        assertThat(slot(third)).isEqualTo(slot(second) + 1);
    }

    @Test
    void what_waits_for_the_window_does_not_wait_for_company_too() {
        final LockstepCluster cluster = lingering(2);
        final ManualLog log = cluster.logs.get(cluster.leader().status().id() - 1);
        final long before = log.lastSlot();
        final var first = submitted(cluster, 1);
        final List<CompletableFuture<Outcome>> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            others.add(cluster.leader().submit(new byte[60_000])); // a value each
        }
        cluster.turn();
        assertThat(log.lastSlot()).isEqualTo(before + 2);

        cluster.logs.forEach(ManualLog::forceAllButLast);
        cluster.turn();
        assertThat(first).isDone();
        assertThat(others).noneMatch(CompletableFuture::isDone); // a value is still on its way
        assertThat(log.lastSlot()).isEqualTo(before + 3);
    }

    @Test
    void who_gathers_need_not_be_woken_and_looks_in_time() {
        final LockstepCluster cluster = lingering();
        final int index = cluster.leader().status().id() - 1;
        final int wakeups = cluster.wakeups(index);
        final var first = submitted(cluster, 1);
        assertThat(cluster.wakeups(index)).isEqualTo(wakeups + 1);
        cluster.turn();
        final var second = submitted(cluster, 1);
        assertThat(cluster.wakeups(index)).isEqualTo(wakeups + 1);
        assertThat(List.of(first, second)).noneMatch(CompletableFuture::isDone);
        assertThat(cluster.sleepNs(index)).isBetween(1L, GATHER_NS);
    }

    /** Three replicas with a leader whose values are not chosen before they are forced. */
    private static LockstepCluster lingering() {
        return lingering(128);
    }

    private static LockstepCluster lingering(final int window) {
        final LockstepCluster cluster = new LockstepCluster(
                3,
                builder -> builder.commandLingerNs(GATHER_NS)
                        .stallNs(60 * SECOND_NS)
                        .windowSlots(window));
        cluster.until(cluster::hasLeader);
        cluster.logs.forEach(ManualLog::freeze);
        return cluster;
    }

    /** A command is submitted to the leader, and some milliseconds pass. */
    private static CompletableFuture<Outcome> submitted(final LockstepCluster cluster, final int turns) {
        final var outcome = cluster.leader().submit(LockstepCluster.number(1));
        for (int i = 0; i < turns; i++) {
            cluster.turn();
        }
        return outcome;
    }

    private static boolean forced(final LockstepCluster cluster, final CompletableFuture<Outcome> outcome) {
        cluster.logs.forEach(ManualLog::force);
        return outcome.isDone();
    }

    private static long slot(final CompletableFuture<Outcome> outcome) {
        return ((Outcome.Chosen) outcome.join()).slot();
    }

    /** L2: sofa-jraft #1245; the review of valkey #3887. */
    @Test
    void nothing_is_answered_before_it_is_durable() {
        final LockstepCluster cluster = new LockstepCluster(3, builder -> builder.stallNs(60 * SECOND_NS));
        cluster.until(cluster::hasLeader);
        cluster.logs.forEach(ManualLog::freeze);

        final var outcome = cluster.replicas.get(0).submit(LockstepCluster.number(5));
        for (int i = 0; i < 100; i++) {
            cluster.turn();
        }
        assertThat(outcome).isNotDone();
        assertThat(cluster.counters)
                .allSatisfy(counter -> assertThat(counter.sum).isZero());

        cluster.logs.forEach(ManualLog::force);
        cluster.until(outcome::isDone);
        assertThat(outcome.join()).isInstanceOf(Outcome.Chosen.class);
    }

    @Test
    void votes_leave_before_the_state_machine_takes_its_time() {
        final LockstepCluster[] cluster = new LockstepCluster[1];
        final List<Integer> unsent = new ArrayList<>(); // by a replica, each time that it executed something
        final int[] built = new int[1];
        cluster[0] = new LockstepCluster(3, builder -> {
            final int index = built[0]++;
            builder.stateMachine(new StateMachine() {
                @Override
                public void apply(final Command command, final Reply reply) {
                    unsent.add(cluster[0].unsent(index));
                }

                @Override
                public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {}
            });
        });
        cluster[0].until(cluster[0]::hasLeader);

        for (int i = 0; i < 5; i++) { // each proposal tells the followers that the one before was chosen
            final var outcome = cluster[0].leader().submit(LockstepCluster.number(i));
            cluster[0].until(outcome::isDone);
        }
        cluster[0].until(() -> unsent.size() == 3 * 5);
        assertThat(unsent).containsOnly(0);
    }

    /** L17: etcd #5518, consul #3552: a leader that cannot write stops all members. */
    @Test
    void a_leader_whose_disk_does_not_move_gives_up_leadership() {
        final LockstepCluster cluster = new LockstepCluster(3, builder -> {});
        cluster.until(cluster::hasLeader);
        final Replica old = cluster.leader();
        cluster.logs.get(old.status().id() - 1).freeze();
        final var outcome = old.submit(LockstepCluster.number(1));

        cluster.until(() -> cluster.replicas.stream()
                .anyMatch(replica -> replica != old && replica.status().role() == Status.Role.LEADER));
        cluster.logs.get(old.status().id() - 1).force();
        cluster.until(outcome::isDone);
        assertThat(outcome.join()).isInstanceOf(Outcome.Chosen.class);
    }

    /** L10: sofa-jraft #550; L23: RATIS-2227: what waits is bounded, and more is refused. */
    @Test
    void too_much_waiting_is_back_pressure_and_not_an_error() {
        final LockstepCluster cluster = new LockstepCluster(
                3, builder -> builder.pendingCommands(4).pendingBytes(1 << 16).batchBytesMax(4096));
        final List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            outcomes.add(cluster.replicas.get(0).submit(LockstepCluster.number(1)));
        }
        assertThat(outcomes.get(5).join()).isInstanceOf(Outcome.NotChosen.class);

        cluster.until(cluster::hasLeader);
        cluster.until(() -> outcomes.stream().allMatch(CompletableFuture::isDone));
        cluster.until(() -> cluster.counters.get(0).sum == 4);
    }

    /** F30: 5 ms for each command and 2,000 of them in flight: two of three outcomes were unknown, up to 7 s late. */
    @Test
    void commands_that_take_long_make_no_outcome_late_and_depose_no_leader() {
        final List<LockstepCluster> clusters = new ArrayList<>();
        final LockstepCluster cluster = new LockstepCluster(
                3,
                builder -> builder.timeoutNs(5 * SECOND_NS).stateMachine(new LockstepCluster.Counter() {
                    @Override
                    public void apply(final Command command, final Reply reply) {
                        clusters.get(0).pass(5_000_000);
                        super.apply(command, reply);
                    }
                }));
        clusters.add(cluster);
        cluster.until(cluster::hasLeader);
        final Replica leader = cluster.leader();
        final long ballot = leader.status().ballot();
        final List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
        final List<Long> lateNs = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            final long deadlineNs = cluster.nowNs() + 5 * SECOND_NS;
            outcomes.add(leader.submit(LockstepCluster.number(1)));
            final var unused = outcomes.get(i).thenAccept(outcome -> lateNs.add(cluster.nowNs() - deadlineNs));
            if (i % 100 == 99) {
                cluster.turn();
            }
        }
        cluster.until(() -> lateNs.size() == outcomes.size());
        assertThat(Collections.max(lateNs)).isLessThan(TimeUnit.MILLISECONDS.toNanos(100)); // three turns in a row here
        assertThat(leader.status().ballot()).isEqualTo(ballot);
        assertThat(leader.status().role()).isEqualTo(Status.Role.LEADER);
    }

    /** F30: each turn gave as many outcomes as have room at once, so the last came many turns after its deadline. */
    @Test
    void commands_that_wait_for_room_have_their_outcome_by_their_deadline_too() {
        final List<Long> notChosen = new ArrayList<>();
        final LockstepCluster cluster = new LockstepCluster(
                3,
                builder -> builder.timeoutNs(SECOND_NS).pendingCommands(8).replyHandler(new ReplyHandler() {
                    @Override
                    public void onChosen(
                            final long correlationId,
                            final long slot,
                            final DirectBuffer reply,
                            final int offset,
                            final int length) {}

                    @Override
                    public void onNotChosen(final long correlationId, final Reason reason) {
                        notChosen.add(correlationId);
                    }

                    @Override
                    public void onUnknown(final long correlationId) {}
                }));
        final UnsafeBuffer command = new UnsafeBuffer(LockstepCluster.number(1));
        for (int i = 0; i < 100; i++) {
            assertThat(cluster.replicas.get(0).offer(command, 0, command.capacity()))
                    .isPositive();
        }
        cluster.pass(SECOND_NS);
        cluster.replicas.get(0).doWork();
        assertThat(notChosen).hasSize(100);
    }

    /** L11: sofa-jraft #1246, arcadedb #4754. */
    @Test
    void an_exception_in_apply_stops_the_replica_loudly() {
        final List<Throwable> faults = new ArrayList<>();
        final LockstepCluster cluster = new LockstepCluster(
                1,
                builder -> builder.listener(new ReplicaListener() {
                    @Override
                    public void onFault(final Throwable cause) {
                        faults.add(cause);
                    }
                }));
        cluster.until(cluster::hasLeader);

        final var outcome = cluster.replicas.get(0).submit(new byte[0]); // the counter wants eight bytes
        cluster.until(outcome::isDone);
        assertThat(outcome.join()).isInstanceOf(Outcome.Unknown.class);
        assertThat(faults).hasSize(1);
        assertThat(cluster.replicas.get(0).status().role()).isEqualTo(Status.Role.STOPPED);
        assertThat(cluster.replicas.get(0).status().fault()).isSameAs(faults.get(0));
    }

    /** L18: hashicorp/raft #145, hashicorp/raft #498: no handle outlives its replica. */
    @Test
    void closing_gives_everything_its_outcome() {
        final LockstepCluster cluster = new LockstepCluster(3, builder -> {});
        final var written = cluster.replicas.get(0).submit(LockstepCluster.number(1));
        final var read = cluster.replicas.get(0).read(new byte[0], Read.LINEARIZABLE);
        cluster.replicas.get(0).close();

        assertThat(written.join()).isInstanceOf(Outcome.NotChosen.class);
        assertThatThrownBy(read::join).hasCauseInstanceOf(ReadFailedException.class);
        assertThat(cluster.replicas.get(0).submit(LockstepCluster.number(1)).join())
                .isInstanceOf(Outcome.NotChosen.class);
    }

    @Test
    void what_does_not_fit_is_refused_in_one_line() {
        assertThatThrownBy(() -> Replica.builder(4)
                        .members(Members.of(1, 2, 3))
                        .log(new ManualLog())
                        .host())
                .hasMessage("transport must be given");
        assertThatThrownBy(() -> Members.of(1, 2, 2)).hasMessage("replica id 2 is given twice");
        assertThatThrownBy(() -> new LockstepCluster(1, builder -> builder.members(Members.of(2, 3))))
                .hasMessage("own id 1 is not among the members 2,3");
        assertThatThrownBy(() -> new LockstepCluster(1, builder -> builder.pendingBytes(5000)))
                .hasMessageStartingWith("pendingBytes must be a power of two");
    }

    @Test
    void one_bad_offer_harms_nobody_else() {
        final LockstepCluster cluster = new LockstepCluster(3, builder -> builder.replyHandler(new Deaf()));
        cluster.until(cluster::hasLeader);
        final Replica replica = cluster.replicas.get(0);
        final UnsafeBuffer command = new UnsafeBuffer(LockstepCluster.number(1));

        assertThatThrownBy(() -> replica.offer(command, 4, Long.BYTES)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> replica.offer(command, 0, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(replica.offer(command, 0, Long.BYTES)).isPositive();
        final var outcome = replica.submit(LockstepCluster.number(1));
        cluster.until(outcome::isDone);
        assertThat(outcome.join()).isInstanceOf(Outcome.Chosen.class);
    }

    /** F9: an error is told, and leaves nobody without an outcome. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_exception_of_a_reply_handler_is_its_own_and_an_error_stops_the_replica_with_all_outcomes(
            final boolean isError) {
        final List<Long> called = new ArrayList<>();
        final List<Throwable> faults = new ArrayList<>();
        final LockstepCluster cluster = new LockstepCluster(
                1,
                builder -> builder.listener(new ReplicaListener() {
                            @Override
                            public void onFault(final Throwable cause) {
                                faults.add(cause);
                            }
                        })
                        .replyHandler(new Deaf() {
                            @Override
                            public void onChosen(
                                    final long correlationId,
                                    final long slot,
                                    final DirectBuffer reply,
                                    final int offset,
                                    final int length) {
                                throwPlanted(correlationId);
                            }

                            @Override
                            public void onUnknown(final long correlationId) {
                                throwPlanted(correlationId);
                            }

                            private void throwPlanted(final long correlationId) {
                                called.add(correlationId);
                                if (isError) {
                                    throw new AssertionError("planted");
                                }
                                throw new IllegalStateException("planted");
                            }
                        }));
        final Replica replica = cluster.replicas.get(0);
        final UnsafeBuffer command = new UnsafeBuffer(LockstepCluster.number(1));
        assertThat(replica.offer(command, 0, Long.BYTES)).isPositive();
        assertThat(replica.offer(command, 0, Long.BYTES)).isPositive();
        final var outcome = replica.submit(LockstepCluster.number(1));
        final var read = replica.read(new byte[0], Read.LINEARIZABLE);

        cluster.until(() -> called.size() == 2 && outcome.isDone() && read.isDone());
        cluster.turn();
        assertThat(faults).hasSize(isError ? 1 : 0);
        if (isError) {
            assertThat(replica.status().fault()).isSameAs(faults.get(0)).hasRootCauseMessage("planted");
            assertThat(replica.offer(command, 0, Long.BYTES)).isEqualTo(Replica.CLOSED);
        } else {
            assertThat(replica.status().fault()).isNull();
            assertThat(replica.offer(command, 0, Long.BYTES)).isPositive();
        }
    }

    @Test
    void closing_from_a_callback_takes_effect_at_the_end_of_the_turn() {
        final LockstepCluster cluster = new LockstepCluster(1, builder -> {});
        cluster.until(cluster::hasLeader);
        final Replica replica = cluster.replicas.get(0);
        final var closed = replica.submit(LockstepCluster.number(1)).thenAccept(outcome -> replica.close());
        final var second = replica.submit(LockstepCluster.number(1));
        cluster.until(closed::isDone);

        assertThat(closed).isCompleted();
        assertThat(second).isDone();
        assertThat(replica.status().role()).isEqualTo(Status.Role.STOPPED);
        assertThat(replica.status().fault()).isNull();
    }

    /** F13: a read changes nothing, also not the replica. */
    @ParameterizedTest
    @EnumSource(Read.class)
    void a_query_that_throws_fails_its_read_and_nothing_else(final Read how) {
        for (final Throwable planted : List.of(
                new IllegalStateException("planted"),
                new AssertionError("planted"),
                new StackOverflowError("planted"))) {
            final LockstepCluster cluster = new LockstepCluster(1, builder -> builder.stateMachine(throwing(planted)));
            cluster.until(cluster::hasLeader);
            final Replica replica = cluster.replicas.get(0);

            final var failed = replica.read(new byte[1], how);
            final var answered = replica.read(new byte[0], how);
            cluster.until(() -> failed.isDone() && answered.isDone());
            assertThatThrownBy(failed::join)
                    .hasCauseInstanceOf(ReadFailedException.class)
                    .hasMessageContaining("planted")
                    .hasRootCause(planted);
            assertThat(answered.join()).isEmpty();
            assertThat(replica.status().fault()).isNull();
        }
    }

    @Test
    void an_error_of_the_virtual_machine_in_a_query_stops_the_replica() {
        final LockstepCluster cluster =
                new LockstepCluster(1, builder -> builder.stateMachine(throwing(new InternalError("planted"))));
        cluster.until(cluster::hasLeader);
        final var failed = cluster.replicas.get(0).read(new byte[1], Read.LOCAL);
        cluster.until(failed::isDone);
        assertThat(failed).isCompletedExceptionally();
        assertThat(cluster.replicas.get(0).status().fault()).hasMessage("planted");
    }

    /** Its queries of one byte throw. */
    private static StateMachine throwing(final Throwable planted) {
        return new StateMachine() {
            @Override
            public void apply(final Command command, final Reply reply) {}

            @Override
            public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
                if (length == 1 && planted instanceof Error error) {
                    throw error;
                }
                if (length == 1) {
                    throw (RuntimeException) planted;
                }
            }
        };
    }

    /** F37: arguments are checked at the caller. */
    @Test
    void what_is_missing_is_refused_at_the_caller_and_the_replica_goes_on() {
        final LockstepCluster cluster = new LockstepCluster(1, builder -> builder.replyHandler(new Deaf()));
        cluster.until(cluster::hasLeader);
        final Replica replica = cluster.replicas.get(0);
        assertThatThrownBy(() -> replica.read(null, Read.LOCAL)).hasMessage("a query must be given, not null");
        assertThatThrownBy(() -> replica.read(new byte[0], null)).hasMessage("how to read must be given, not null");
        assertThatThrownBy(() -> replica.submit(null)).hasMessage("a command must be given, not null");
        assertThatThrownBy(() -> replica.offer(null, 0, 0)).hasMessage("a command must be given, not null");
        final var outcome = replica.submit(LockstepCluster.number(1));
        cluster.until(outcome::isDone);
        assertThat(outcome.join()).isInstanceOf(Outcome.Chosen.class);
    }

    @Test
    void waiting_for_an_outcome_within_a_callback_is_refused_with_what_to_do() {
        final LockstepCluster cluster = new LockstepCluster(1, builder -> {});
        cluster.until(cluster::hasLeader);
        final Replica replica = cluster.replicas.get(0);
        final List<Throwable> refusals = new ArrayList<>();
        final var first = replica.submit(LockstepCluster.number(1)).thenAccept(outcome -> {
            final var second = replica.submit(LockstepCluster.number(1));
            for (final Runnable wait : List.<Runnable>of(
                    second::join,
                    () -> second.thenApply(unused -> "").join(),
                    () -> replica.read(new byte[0], Read.LOCAL).join())) {
                try {
                    wait.run();
                } catch (final IllegalStateException e) {
                    refusals.add(e);
                }
            }
        });
        cluster.until(first::isDone);
        assertThat(refusals)
                .hasSize(3)
                .allSatisfy(refusal -> assertThat(refusal)
                        .hasMessageContaining("it would wait for itself")
                        .hasMessageContaining("thenAccept"));
        cluster.until(() -> cluster.counters.get(0).sum == 2);
    }

    @Test
    void with_flexible_quorums_a_leader_needs_only_enough_to_choose() {
        final LockstepCluster cluster = new LockstepCluster(5, builder -> builder.quorums(Quorums.flexible(5, 4, 2)));
        cluster.until(cluster::hasLeader);
        final Replica leader = cluster.leader();
        for (int cut = 0, id = 1; cut < 3; id++) {
            if (id != leader.status().id()) {
                cluster.isCut[id - 1] = true;
                cut++;
            }
        }
        for (int i = 0; i < 1000; i++) {
            cluster.turn();
        }
        final var outcome = leader.submit(LockstepCluster.number(1));
        cluster.until(outcome::isDone);
        assertThat(outcome.join()).isInstanceOf(Outcome.Chosen.class);
    }

    @Test
    void local_reads_do_not_wait_behind_those_that_need_a_quorum() {
        final LockstepCluster cluster = new LockstepCluster(3, builder -> builder.pendingCommands(4));
        cluster.isCut[0] = true;
        final List<CompletableFuture<byte[]>> linearizable = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            linearizable.add(cluster.replicas.get(0).read(new byte[0], Read.LINEARIZABLE));
            cluster.turn();
        }
        final var local = cluster.replicas.get(0).read(new byte[0], Read.LOCAL);
        cluster.turn();
        assertThat(local).isCompleted();
        assertThat(linearizable.get(0)).isNotDone();
    }

    @Test
    void an_answer_to_a_read_of_an_earlier_life_is_not_taken() {
        final LockstepCluster cluster = new LockstepCluster(3, builder -> builder.log(new ManualLog(2)));
        cluster.isCut[0] = true;
        final var read = cluster.replicas.get(0).read(new byte[0], Read.LINEARIZABLE);
        cluster.turn();
        final long lastRoundOfLifeOne = (2L << Integer.SIZE) - 1;
        cluster.tell(0, receiver -> receiver.readAt(2, 1 << 16 | 2, lastRoundOfLifeOne, 0));
        cluster.turn();
        assertThat(read).isNotDone();

        cluster.tell(0, receiver -> receiver.readAt(2, 1 << 16 | 2, (2L << Integer.SIZE) + 1, 0));
        cluster.turn();
        assertThat(read).isCompleted();
    }

    /** Receives nothing. */
    private static class Deaf implements ReplyHandler {
        @Override
        public void onChosen(
                final long correlationId,
                final long slot,
                final DirectBuffer reply,
                final int offset,
                final int length) {}

        @Override
        public void onNotChosen(final long correlationId, final Reason reason) {}

        @Override
        public void onUnknown(final long correlationId) {}
    }
}
