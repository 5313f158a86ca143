package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.Outcome;
import io.paxos.Read;
import io.paxos.ReadFailedException;
import io.paxos.Reason;
import io.paxos.Replica;
import io.paxos.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * F45: a replica that knows that no quorum is there refuses at once, and shows it. Heartbeats are 100 ms apart, and
 * callers wait for 5 s.
 */
class CutOffTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

    private final List<Reason> refused = new ArrayList<>();
    private final LockstepCluster cluster =
            new LockstepCluster(3, builder -> builder.pendingCommands(8).replyHandler(new ReasonTest.Refused(refused)));

    /** F45: local reads go on. */
    @Test
    void a_follower_without_a_quorum_refuses_commands_and_reads_at_once() {
        cluster.until(cluster::hasLeader);
        final Replica follower = cluster.replicas.get(cluster.leader().status().id() % 3);
        cutOff(follower);

        final var written = follower.submit(LockstepCluster.number(1));
        final var read = follower.read(new byte[0], Read.LINEARIZABLE);
        final var local = follower.read(new byte[0], Read.LOCAL);
        cluster.turn();
        assertThat(written.join())
                .isEqualTo(new Outcome.NotChosen(
                        Reason.NO_QUORUM, "no quorum is connected: 1 of 3 members answer, a quorum is 2"));
        assertThatThrownBy(read::join)
                .cause()
                .isInstanceOfSatisfying(
                        ReadFailedException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(Reason.NO_QUORUM));
        assertThat(LockstepCluster.number(local.join())).isZero();
    }

    /** F45: what was refused needs no room, whatever waits. */
    @Test
    void a_leader_without_a_quorum_is_not_shown_as_one_and_keeps_what_it_has_proposed_until_its_deadline() {
        cluster.until(cluster::hasLeader);
        final Replica leader = cluster.leader();
        cluster.isCut[leader.status().id() - 1] = true;
        final var proposed = leader.submit(LockstepCluster.number(1));
        final long submittedNs = cluster.nowNs();
        runFor(1_000 * MS);

        assertThat(leader.status().role()).isEqualTo(Status.Role.FOLLOWER);
        assertThat(leader.status().leaderId()).isZero();
        assertThat(leader.status().connected()).isEqualTo(1);
        for (int i = 1; i <= 100; i++) { // far more than there is room for, while an older one waits
            assertThat(leader.offer(new UnsafeBuffer(LockstepCluster.number(1)), 0, Long.BYTES))
                    .isPositive();
            cluster.turn();
            assertThat(refused).hasSize(i).containsOnly(Reason.NO_QUORUM);
        }
        assertThat(proposed).isNotDone();
        cluster.until(proposed::isDone);
        assertThat(proposed.join()).isInstanceOf(Outcome.Unknown.class);
        assertThat(cluster.nowNs() - submittedNs).isBetween(5_000 * MS, 5_010 * MS);
    }

    /** F45: nothing waits for a deadline that only time keeps. */
    @Test
    void what_was_taken_before_is_refused_as_soon_as_it_is_known_if_no_leader_can_have_got_it() {
        cluster.until(cluster::hasLeader);
        final Replica follower = cluster.replicas.get(cluster.leader().status().id() % 3);
        cluster.isCut[follower.status().id() - 1] = true;
        cluster.until(() -> follower.status().connected() == 1);
        final long cutNs = cluster.nowNs();
        final var written = follower.submit(LockstepCluster.number(1));
        final var read = follower.read(new byte[0], Read.LINEARIZABLE);

        cluster.until(written::isDone);
        assertThat(written.join()).isInstanceOf(Outcome.NotChosen.class);
        assertThat(read).isCompletedExceptionally();
        assertThat(cluster.nowNs() - cutNs).isBetween(600 * MS, 700 * MS);
    }

    /** F45: the grace. */
    @Test
    void a_short_outage_is_waited_for() {
        cluster.until(cluster::hasLeader);
        final Replica follower = cluster.replicas.get(cluster.leader().status().id() % 3);
        cluster.isCut[follower.status().id() - 1] = true;
        cluster.until(() -> follower.status().connected() == 1);
        final var written = follower.submit(LockstepCluster.number(1));
        runFor(300 * MS);
        assertThat(written).isNotDone();

        cluster.isCut[follower.status().id() - 1] = false;
        cluster.until(written::isDone);
        assertThat(written.join()).isInstanceOf(Outcome.Chosen.class);
    }

    /** F45: a quorum is connected during an election. */
    @Test
    void an_election_refuses_nothing() {
        cluster.until(cluster::hasLeader);
        final Replica leader = cluster.leader();
        final Replica follower = cluster.replicas.get(leader.status().id() % 3);
        cluster.isCut[leader.status().id() - 1] = true;
        final List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            outcomes.add(follower.submit(LockstepCluster.number(1)));
            runFor(100 * MS);
        }
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.join()).isInstanceOf(Outcome.Chosen.class));
    }

    @Test
    void members_that_start_within_five_seconds_are_waited_for_and_not_longer() {
        cluster.isCut[0] = true;
        final var early = cluster.replicas.get(0).submit(LockstepCluster.number(1));
        runFor(4_000 * MS);
        assertThat(early).isNotDone();
        cluster.isCut[0] = false;
        cluster.until(early::isDone);
        assertThat(early.join()).isInstanceOf(Outcome.Chosen.class);

        final LockstepCluster alone = new LockstepCluster(3, builder -> {});
        alone.isCut[0] = true;
        alone.until(() -> alone.nowNs() > 4_900 * MS);
        final var late = alone.replicas.get(0).submit(LockstepCluster.number(1));
        alone.until(late::isDone);
        assertThat(alone.nowNs()).isLessThan(5_200 * MS);
    }

    @Test
    void commands_are_taken_again_when_members_answer() {
        cluster.until(cluster::hasLeader);
        final Replica leader = cluster.leader();
        cutOff(leader);
        cluster.isCut[leader.status().id() - 1] = false;
        cluster.until(() -> leader.status().connected() > 1);
        final var written = leader.submit(LockstepCluster.number(1));
        cluster.until(written::isDone);
        assertThat(written.join()).isInstanceOf(Outcome.Chosen.class);
    }

    private void cutOff(final Replica replica) {
        cluster.isCut[replica.status().id() - 1] = true;
        runFor(1_000 * MS);
    }

    private void runFor(final long durationNs) {
        final long untilNs = cluster.nowNs() + durationNs;
        cluster.until(() -> cluster.nowNs() >= untilNs);
    }
}
