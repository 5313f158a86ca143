package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.MemoryLog;
import io.paxos.protocol.Members;
import io.paxos.protocol.Quorums;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an embedder sees, on replicas that share one thread and a perfect network. */
class ReplicaTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long GATHER_NS = TimeUnit.MILLISECONDS.toNanos(20);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7})
    void any_replica_takes_commands_and_all_execute_them(final int size) {
        final Loop loop = new Loop(size, builder -> {});
        loop.until(loop::hasLeader);

        final List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
        for (final Replica replica : loop.replicas) {
            outcomes.add(replica.submit(Loop.number(1)));
            outcomes.add(replica.submit(Loop.number(10)));
        }

        loop.until(() -> outcomes.stream().allMatch(CompletableFuture::isDone));
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.join()).isInstanceOf(Outcome.Chosen.class));
        loop.until(() -> loop.counters.stream().allMatch(counter -> counter.sum == 11L * size));
    }

    @Test
    void reads_on_any_replica_see_what_was_acknowledged() {
        final Loop loop = new Loop(3, builder -> {});
        loop.until(loop::hasLeader);
        final var written = loop.replicas.get(0).submit(Loop.number(7));
        loop.until(written::isDone);

        for (final Replica replica : loop.replicas) {
            final var read = replica.read(new byte[0], Read.LINEARIZABLE);
            loop.until(read::isDone);
            assertThat(Loop.number(read.join())).isEqualTo(7);
        }
    }

    @Test
    void a_cut_off_leader_chooses_nothing_and_says_so() {
        final Loop loop = new Loop(3, builder -> builder.submitTimeoutNs(SECOND_NS));
        loop.until(loop::hasLeader);
        final Replica old = loop.leader();
        loop.isCut[old.status().id() - 1] = true;

        final var lost = old.submit(Loop.number(1));
        loop.until(lost::isDone);
        assertThat(lost.join()).isInstanceOf(Outcome.Unknown.class);

        final var refused = old.submit(Loop.number(2));
        loop.until(refused::isDone);
        assertThat(refused.join()).isInstanceOf(Outcome.NotChosen.class);

        final Replica other = loop.replicas.get(old.status().id() % 3);
        final var written = other.submit(Loop.number(100));
        loop.until(written::isDone);
        assertThat(written.join()).isInstanceOf(Outcome.Chosen.class);

        final var stale = old.read(new byte[0], Read.LINEARIZABLE);
        loop.until(stale::isDone);
        assertThatThrownBy(stale::join).hasCauseInstanceOf(ReadFailedException.class);

        loop.isCut[old.status().id() - 1] = false;
        loop.until(() -> loop.counters.stream().allMatch(counter -> counter.sum == loop.counters.get(0).sum)
                && loop.counters.get(0).sum >= 100);
    }

    @Test
    void a_leader_lets_proposals_be_held_back_to_those_whom_it_can_do_without() {
        final Loop loop = new Loop(3, builder -> builder.spareDelayNs(1_000));
        loop.until(loop::hasLeader);
        final int leader = loop.leader().status().id() - 1;
        final int spare = (leader + 2) % 3;
        loop.turn();
        assertThat(loop.heldBack(leader)).containsOnly(Map.entry(spare + 1, 1_000L));
        assertThat(loop.heldBack(spare)).isEmpty();

        loop.isCut[(leader + 1) % 3] = true; // who was needed
        for (int i = 0; i < 5; i++) {
            final var outcome = loop.replicas.get(leader).submit(Loop.number(1));
            loop.until(outcome::isDone);
        }
        assertThat(loop.heldBack(leader)).containsOnlyKeys((leader + 1) % 3 + 1);

        loop.isCut[(leader + 1) % 3] = false;
        loop.isCut[leader] = true;
        loop.until(() -> loop.replicas.get(spare).status().role() == Status.Role.LEADER
                || loop.replicas.get((leader + 1) % 3).status().role() == Status.Role.LEADER);
        loop.isCut[leader] = false;
        loop.until(() -> loop.replicas.get(leader).status().role() == Status.Role.FOLLOWER);
        assertThat(loop.heldBack(leader)).isEmpty();
    }

    @Test
    void nothing_is_held_back_unless_asked_for() {
        final Loop loop = new Loop(3, builder -> {});
        loop.until(loop::hasLeader);
        loop.turn();
        assertThat(loop.heldBack(loop.leader().status().id() - 1)).isEmpty();
    }

    @Test
    void commands_wait_for_company_while_another_value_is_on_its_way() {
        final Loop loop = gathering();
        final Replica leader = loop.leader();
        final var first = submitted(loop, 1);
        final var second = submitted(loop, 1);
        final var third = submitted(loop, 1);
        loop.until(() -> forced(loop, third));
        assertThat(slot(second)).isEqualTo(slot(first) + 1);
        assertThat(slot(third)).isEqualTo(slot(second));

        final var alone = leader.submit(Loop.number(1)); // nothing is on its way any more
        loop.turn();
        loop.logs.forEach(MemoryLog::force);
        loop.turn();
        assertThat(alone).isDone();
    }

    @Test
    void commands_wait_for_company_no_longer_than_they_may() {
        final Loop loop = gathering();
        final var first = submitted(loop, 1);
        final var second = submitted(loop, 20);
        final var third = submitted(loop, 1);
        loop.until(() -> forced(loop, third));
        assertThat(slot(second)).isEqualTo(slot(first) + 1);
        assertThat(slot(third)).isEqualTo(slot(second) + 1);
    }

    @Test
    void many_bytes_do_not_wait_for_company() {
        final Loop loop = gathering();
        final int index = loop.leader().status().id() - 1;
        final var first = submitted(loop, 1);
        final var half = loop.leader().submit(new byte[4096]);
        final int wakeups = loop.wakeups(index);
        final var second = loop.leader().submit(new byte[4096]);
        assertThat(loop.wakeups(index)).isEqualTo(wakeups + 1);
        loop.turn();
        final var third = submitted(loop, 1);
        loop.until(() -> forced(loop, third));
        assertThat(slot(half)).isEqualTo(slot(first) + 1);
        assertThat(slot(second)).isEqualTo(slot(half));
        assertThat(slot(third)).isEqualTo(slot(second) + 1);
    }

    @Test
    void what_waits_for_the_window_does_not_wait_for_company_too() {
        final Loop loop = gathering(2);
        final MemoryLog log = loop.logs.get(loop.leader().status().id() - 1);
        final long before = log.lastSlot();
        final var first = submitted(loop, 1);
        final List<CompletableFuture<Outcome>> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            others.add(loop.leader().submit(new byte[60_000])); // a value each
        }
        loop.turn();
        assertThat(log.lastSlot()).isEqualTo(before + 2);

        loop.logs.forEach(MemoryLog::forceAllButLast);
        loop.turn();
        assertThat(first).isDone();
        assertThat(others).noneMatch(CompletableFuture::isDone); // a value is still on its way
        assertThat(log.lastSlot()).isEqualTo(before + 3);
    }

    @Test
    void who_gathers_need_not_be_woken_and_looks_in_time() {
        final Loop loop = gathering();
        final int index = loop.leader().status().id() - 1;
        final int wakeups = loop.wakeups(index);
        final var first = submitted(loop, 1);
        assertThat(loop.wakeups(index)).isEqualTo(wakeups + 1);
        loop.turn();
        final var second = submitted(loop, 1);
        assertThat(loop.wakeups(index)).isEqualTo(wakeups + 1);
        assertThat(List.of(first, second)).noneMatch(CompletableFuture::isDone);
        assertThat(loop.sleepNs(index)).isBetween(1L, GATHER_NS);
    }

    /** Three replicas with a leader whose values are not chosen before they are forced. */
    private static Loop gathering() {
        return gathering(128);
    }

    private static Loop gathering(final int window) {
        final Loop loop = new Loop(
                3,
                builder -> builder.gatherNs(GATHER_NS).stallNs(60 * SECOND_NS).window(window));
        loop.until(loop::hasLeader);
        loop.logs.forEach(MemoryLog::freeze);
        return loop;
    }

    /** A command is submitted to the leader, and some milliseconds pass. */
    private static CompletableFuture<Outcome> submitted(final Loop loop, final int turns) {
        final var outcome = loop.leader().submit(Loop.number(1));
        for (int i = 0; i < turns; i++) {
            loop.turn();
        }
        return outcome;
    }

    private static boolean forced(final Loop loop, final CompletableFuture<Outcome> outcome) {
        loop.logs.forEach(MemoryLog::force);
        return outcome.isDone();
    }

    private static long slot(final CompletableFuture<Outcome> outcome) {
        return ((Outcome.Chosen) outcome.join()).slot();
    }

    /** L2: sofa-jraft #1245; the review of valkey #3887. */
    @Test
    void nothing_is_answered_before_it_is_durable() {
        final Loop loop = new Loop(3, builder -> builder.stallNs(60 * SECOND_NS));
        loop.until(loop::hasLeader);
        loop.logs.forEach(MemoryLog::freeze);

        final var outcome = loop.replicas.get(0).submit(Loop.number(5));
        for (int i = 0; i < 100; i++) {
            loop.turn();
        }
        assertThat(outcome).isNotDone();
        assertThat(loop.counters).allSatisfy(counter -> assertThat(counter.sum).isZero());

        loop.logs.forEach(MemoryLog::force);
        loop.until(outcome::isDone);
        assertThat(outcome.join()).isInstanceOf(Outcome.Chosen.class);
    }

    @Test
    void votes_leave_before_the_state_machine_takes_its_time() {
        final Loop[] loop = new Loop[1];
        final List<Integer> unsent = new ArrayList<>(); // by a replica, each time that it executed something
        loop[0] = new Loop(3, builder -> {
            final int index = builder.id - 1;
            builder.stateMachine(new StateMachine() {
                @Override
                public void apply(final Command command, final Reply reply) {
                    unsent.add(loop[0].unsent(index));
                }

                @Override
                public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {}
            });
        });
        loop[0].until(loop[0]::hasLeader);

        for (int i = 0; i < 5; i++) { // each proposal tells the followers that the one before was chosen
            final var outcome = loop[0].leader().submit(Loop.number(i));
            loop[0].until(outcome::isDone);
        }
        loop[0].until(() -> unsent.size() == 3 * 5);
        assertThat(unsent).containsOnly(0);
    }

    /** L17: etcd #5518, consul #3552: a leader that cannot write holds everybody up. */
    @Test
    void a_leader_whose_disk_does_not_move_gives_up_leadership() {
        final Loop loop = new Loop(3, builder -> {});
        loop.until(loop::hasLeader);
        final Replica old = loop.leader();
        loop.logs.get(old.status().id() - 1).freeze();
        final var outcome = old.submit(Loop.number(1));

        loop.until(() -> loop.replicas.stream()
                .anyMatch(replica -> replica != old && replica.status().role() == Status.Role.LEADER));
        loop.logs.get(old.status().id() - 1).force();
        loop.until(outcome::isDone);
        assertThat(outcome.join()).isInstanceOf(Outcome.Chosen.class);
    }

    /** L10: sofa-jraft #550; L23: RATIS-2227: what waits is bounded, and more is refused. */
    @Test
    void too_much_waiting_is_back_pressure_and_not_an_error() {
        final Loop loop = new Loop(
                3, builder -> builder.pendingCommands(4).pendingBytes(1 << 16).batchBytesMax(4096));
        final List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            outcomes.add(loop.replicas.get(0).submit(Loop.number(1)));
        }
        assertThat(outcomes.get(5).join()).isInstanceOf(Outcome.NotChosen.class);

        loop.until(loop::hasLeader);
        loop.until(() -> outcomes.stream().allMatch(CompletableFuture::isDone));
        loop.until(() -> loop.counters.get(0).sum == 4);
    }

    /** L11: sofa-jraft #1246, arcadedb #4754. */
    @Test
    void an_exception_in_apply_stops_the_replica_loudly() {
        final List<Throwable> faults = new ArrayList<>();
        final Loop loop = new Loop(
                1,
                builder -> builder.listener(new ReplicaListener() {
                    @Override
                    public void onFault(final Throwable cause) {
                        faults.add(cause);
                    }
                }));
        loop.until(loop::hasLeader);

        final var outcome = loop.replicas.get(0).submit(new byte[0]); // the counter wants eight bytes
        loop.until(outcome::isDone);
        assertThat(outcome.join()).isInstanceOf(Outcome.Unknown.class);
        assertThat(faults).hasSize(1);
        assertThat(loop.replicas.get(0).status().role()).isEqualTo(Status.Role.STOPPED);
        assertThat(loop.replicas.get(0).status().fault()).isSameAs(faults.get(0));
    }

    /** L18: hashicorp/raft #145, hashicorp/raft #498: no handle outlives its replica. */
    @Test
    void closing_gives_everything_its_outcome() {
        final Loop loop = new Loop(3, builder -> {});
        final var written = loop.replicas.get(0).submit(Loop.number(1));
        final var read = loop.replicas.get(0).read(new byte[0], Read.LINEARIZABLE);
        loop.replicas.get(0).close();

        assertThat(written.join()).isInstanceOf(Outcome.NotChosen.class);
        assertThatThrownBy(read::join).hasCauseInstanceOf(ReadFailedException.class);
        assertThat(loop.replicas.get(0).submit(Loop.number(1)).join()).isInstanceOf(Outcome.NotChosen.class);
    }

    @Test
    void what_does_not_fit_is_refused_in_one_line() {
        assertThatThrownBy(() -> Replica.builder(4)
                        .members(Members.of(1, 2, 3))
                        .log(new MemoryLog())
                        .host())
                .hasMessage("transport must be given");
        assertThatThrownBy(() -> Members.of(1, 2, 2)).hasMessage("replica id 2 is given twice");
        assertThatThrownBy(() -> new Loop(1, builder -> builder.members(Members.of(2, 3))))
                .hasMessage("own id 1 is not among the members 2,3");
        assertThatThrownBy(() -> new Loop(1, builder -> builder.pendingBytes(5000)))
                .hasMessageStartingWith("pendingBytes must be a power of two");
    }

    @Test
    void one_bad_offer_harms_nobody_else() {
        final Loop loop = new Loop(3, builder -> builder.replyHandler(new Deaf()));
        loop.until(loop::hasLeader);
        final Replica replica = loop.replicas.get(0);
        final UnsafeBuffer command = new UnsafeBuffer(Loop.number(1));

        assertThatThrownBy(() -> replica.offer(command, 4, Long.BYTES)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> replica.offer(command, 0, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(replica.offer(command, 0, Long.BYTES)).isPositive();
        final var outcome = replica.submit(Loop.number(1));
        loop.until(outcome::isDone);
        assertThat(outcome.join()).isInstanceOf(Outcome.Chosen.class);
    }

    @Test
    void a_reply_handler_that_throws_stops_the_replica_and_all_others_get_their_outcome() {
        final Loop loop = new Loop(
                1,
                builder -> builder.replyHandler(new Deaf() {
                    @Override
                    public void onChosen(
                            final long correlationId,
                            final long slot,
                            final DirectBuffer reply,
                            final int offset,
                            final int length) {
                        throw new IllegalStateException("planted");
                    }

                    @Override
                    public void onUnknown(final long correlationId) {
                        throw new IllegalStateException("planted again");
                    }
                }));
        final Replica replica = loop.replicas.get(0);
        final UnsafeBuffer command = new UnsafeBuffer(Loop.number(1));
        assertThat(replica.offer(command, 0, Long.BYTES)).isPositive();
        assertThat(replica.offer(command, 0, Long.BYTES)).isPositive();
        final var outcome = replica.submit(Loop.number(1));
        final var read = replica.read(new byte[0], Read.LINEARIZABLE);

        loop.until(() -> replica.status().fault() != null);
        assertThat(replica.status().fault()).hasMessage("planted");
        assertThat(outcome).isDone();
        assertThat(read).isDone();
        assertThat(replica.offer(command, 0, Long.BYTES)).isEqualTo(Replica.CLOSED);
    }

    @Test
    void closing_from_a_callback_takes_effect_at_the_end_of_the_turn() {
        final Loop loop = new Loop(1, builder -> {});
        loop.until(loop::hasLeader);
        final Replica replica = loop.replicas.get(0);
        final var closed = replica.submit(Loop.number(1)).thenAccept(outcome -> replica.close());
        final var second = replica.submit(Loop.number(1));
        loop.until(closed::isDone);

        assertThat(closed).isCompleted();
        assertThat(second).isDone();
        assertThat(replica.status().role()).isEqualTo(Status.Role.STOPPED);
        assertThat(replica.status().fault()).isNull();
    }

    @Test
    void a_query_that_throws_stops_the_replica_and_the_read_fails() {
        final Loop loop = new Loop(
                1,
                builder -> builder.stateMachine(new StateMachine() {
                    @Override
                    public void apply(final Command command, final Reply reply) {}

                    @Override
                    public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
                        throw new IllegalStateException("planted");
                    }
                }));
        final var read = loop.replicas.get(0).read(new byte[0], Read.LOCAL);
        loop.until(read::isDone);
        assertThat(read).isCompletedExceptionally();
        assertThat(loop.replicas.get(0).status().fault()).hasMessage("planted");
    }

    @Test
    void with_flexible_quorums_a_leader_needs_only_enough_to_choose() {
        final Loop loop = new Loop(5, builder -> builder.quorums(Quorums.flexible(5, 4, 2)));
        loop.until(loop::hasLeader);
        final Replica leader = loop.leader();
        for (int cut = 0, id = 1; cut < 3; id++) {
            if (id != leader.status().id()) {
                loop.isCut[id - 1] = true;
                cut++;
            }
        }
        for (int i = 0; i < 1000; i++) {
            loop.turn();
        }
        final var outcome = leader.submit(Loop.number(1));
        loop.until(outcome::isDone);
        assertThat(outcome.join()).isInstanceOf(Outcome.Chosen.class);
    }

    @Test
    void local_reads_do_not_wait_behind_those_that_need_a_quorum() {
        final Loop loop = new Loop(3, builder -> builder.pendingCommands(4));
        loop.isCut[0] = true;
        final List<CompletableFuture<byte[]>> linearizable = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            linearizable.add(loop.replicas.get(0).read(new byte[0], Read.LINEARIZABLE));
            loop.turn();
        }
        final var local = loop.replicas.get(0).read(new byte[0], Read.LOCAL);
        loop.turn();
        assertThat(local).isCompleted();
        assertThat(linearizable.get(0)).isNotDone();
    }

    @Test
    void an_answer_to_a_read_of_an_earlier_life_is_not_taken() {
        final Loop loop = new Loop(3, builder -> builder.log(new MemoryLog(2)));
        loop.isCut[0] = true;
        final var read = loop.replicas.get(0).read(new byte[0], Read.LINEARIZABLE);
        loop.turn();
        final long lastRoundOfLifeOne = (2L << Integer.SIZE) - 1;
        loop.tell(0, ears -> ears.readAt(2, 1 << 16 | 2, lastRoundOfLifeOne, 0));
        loop.turn();
        assertThat(read).isNotDone();

        loop.tell(0, ears -> ears.readAt(2, 1 << 16 | 2, (2L << Integer.SIZE) + 1, 0));
        loop.turn();
        assertThat(read).isCompleted();
    }

    /** Hears nothing. */
    private static class Deaf implements ReplyHandler {
        @Override
        public void onChosen(
                final long correlationId,
                final long slot,
                final DirectBuffer reply,
                final int offset,
                final int length) {}

        @Override
        public void onNotChosen(final long correlationId) {}

        @Override
        public void onUnknown(final long correlationId) {}
    }
}
