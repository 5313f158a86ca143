package io.paxos.testkit.sim;

import static io.paxos.testkit.sim.ScenarioCluster.MS;
import static io.paxos.testkit.sim.ScenarioCluster.SECOND;
import static io.paxos.testkit.sim.ScenarioCluster.choose;
import static io.paxos.testkit.sim.ScenarioCluster.other;
import static io.paxos.testkit.sim.ScenarioCluster.started;
import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Quorums;
import io.paxos.Read;
import io.paxos.Status;
import io.paxos.transport.wire.MessageType;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scenarios with few faults, for clusters of any size. The simulator checks all of its rules meanwhile. */
class CalmScenarioTest {
    @Nested
    class Sizes {
        /** L22: openraft #1246: a single node is a cluster too. */
        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
        void a_cluster_of_any_size_elects_chooses_and_reads(final int members) {
            final SimCluster cluster = started(members);
            for (int id = 1; id <= members; id++) {
                choose(cluster, id);
            }
            cluster.converge();
        }

        @ParameterizedTest
        @ValueSource(ints = {3, 4, 5})
        void as_many_may_be_down_as_a_majority_can_do_without(final int members) {
            final SimCluster cluster = started(members);
            for (int id = 1; id <= (members - 1) / 2; id++) {
                cluster.crash(id);
            }
            cluster.converge();
        }

        @Test
        void half_of_an_even_cluster_chooses_nothing() {
            final SimCluster cluster = started(4);
            cluster.crash(1).crash(2);
            final long chosenBefore = cluster.chosenThrough();
            cluster.submitTo(3);
            cluster.runFor(SECOND);
            assertThat(cluster.chosenThrough()).isEqualTo(chosenBefore);
            cluster.heal().converge();
        }

        @Test
        void flexible_quorums_write_to_fewer_than_a_majority() {
            final SimCluster cluster =
                    Setup.of(5).quorums(Quorums.flexible(5, 4, 2)).start().converge();
            final int leader = cluster.leader();
            final int partner = other(cluster, leader);
            for (int id = 1; id <= 5; id++) {
                if (id != leader && id != partner) {
                    cluster.disk(id).freeze();
                }
            }
            choose(cluster, leader);
        }
    }

    @Nested
    class Calm {
        /** L22: RATIS-2523. */
        @Test
        void an_idle_cluster_keeps_its_leader() {
            final SimCluster cluster = started(5);
            final int leader = cluster.agreedLeader();
            final long ballot = cluster.status(leader).ballot();
            cluster.runFor(30 * SECOND);
            assertThat(cluster.agreedLeader()).isEqualTo(leader);
            assertThat(cluster.status(leader).ballot()).isEqualTo(ballot);
        }

        @Test
        void a_member_that_restarts_does_not_depose_the_leader() {
            final SimCluster cluster = started(3);
            final int leader = cluster.agreedLeader();
            final long ballot = cluster.status(leader).ballot();
            final int follower = other(cluster, leader);
            for (int i = 0; i < 10; i++) {
                cluster.crash(follower).runFor(100 * MS).restart(follower).runFor(100 * MS);
            }
            assertThat(cluster.agreedLeader()).isEqualTo(leader);
            assertThat(cluster.status(leader).ballot()).isEqualTo(ballot);
        }

        /** L20: yugabyte-db #16: wall clocks decide nothing. */
        @Test
        void a_wall_clock_that_jumps_changes_nothing() {
            final SimCluster cluster = started(3);
            for (int i = 0; i < 10; i++) {
                cluster.jumpClock(1 + i % 3, i % 2 == 0 ? 100_000 : -100_000);
                choose(cluster, 1 + i % 3);
            }
            cluster.crash(cluster.leader()).converge();
        }
    }

    @Nested
    class Left_behind {
        @Test
        void a_ballot_that_died_with_its_candidate_keeps_nobody_from_the_leader() {
            final SimCluster cluster = started(3);
            final int leader = cluster.leader();
            final int candidate = other(cluster, leader);
            cluster.disk(candidate).freeze();
            cluster.network().isolate(leader);
            assertThat(cluster.runUntil(() -> cluster.status(candidate).role() == Status.Role.CANDIDATE, SECOND))
                    .isTrue();
            cluster.runFor(12 * MS); // its heartbeats carry a ballot that no disk has
            cluster.crash(candidate).heal().converge();
        }

        @Test
        void a_member_with_a_promise_above_the_leaders_ballot_can_read_without_any_write() {
            final SimCluster cluster =
                    Setup.of(4).handshakes(false).patienceRounds(8).start();
            cluster.network().drops(packet -> packet.from() == 4 && packet.type() == MessageType.PREPARE);
            cluster.runFor(5 * MS).pause(1).pause(2).pause(3);
            assertThat(cluster.runUntil(() -> cluster.status(4).role() == Status.Role.CANDIDATE, SECOND))
                    .isTrue();
            cluster.crashKeepingAll(4).resume(1).resume(2).resume(3);
            assertThat(cluster.runUntil(() -> cluster.agreedLeader() != 0, SECOND))
                    .isTrue();
            cluster.restart(4).runFor(SECOND);
            final CompletableFuture<byte[]> read = cluster.readFrom(4, Read.LINEARIZABLE);
            assertThat(cluster.runUntil(read::isDone, SECOND)).isTrue();
            assertThat(read.isCompletedExceptionally()).as(cluster.statusText()).isFalse();
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 2, 3, 4, 5})
        void a_clock_may_begin_before_zero(final long seed) {
            Setup.of(3).seed(seed).clockOriginMinNs(-(1L << 60)).start().converge();
        }
    }
}
