package io.paxos.testkit.sim;

import static io.paxos.testkit.sim.ScenarioCluster.MS;
import static io.paxos.testkit.sim.ScenarioCluster.SECOND;
import static io.paxos.testkit.sim.ScenarioCluster.choose;
import static io.paxos.testkit.sim.ScenarioCluster.other;
import static io.paxos.testkit.sim.ScenarioCluster.started;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.Read;
import io.paxos.Status;
import io.paxos.transport.wire.MessageType;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scenarios in which members are connected enough, and so must make progress, although faults stay. */
class ProgressScenarioTest {
    @Nested
    class The_judge {
        @Test
        void asks_for_progress_of_whoever_is_connected_enough() {
            final SimCluster star = started(5);
            star.network().star(other(star, star.leader()));
            assertThat(star.progress(0, 0)).isTrue();
            final SimCluster chain = started(3);
            chain.network().chain(2);
            assertThat(chain.progress(0, 0)).isTrue();
            final SimCluster split = started(5);
            split.network().split(1, 2);
            assertThat(split.progress(0, 0)).isTrue();
        }

        @Test
        void asks_for_none_where_no_quorum_is_connected_but_for_each_outcome_by_its_deadline() {
            final SimCluster cluster = started(3);
            cluster.network().isolate(1).isolate(2);
            assertThat(cluster.progress(0, 0)).isFalse();
        }

        @Test
        void finds_members_that_are_connected_and_make_no_progress() {
            final SimCluster cluster = started(3);
            cluster.network().drops(packet -> packet.type() == MessageType.ACCEPT);
            assertThatThrownBy(() -> cluster.progress(0, 0)).hasMessageContaining(PartitionProgress.PROGRESS);
        }
    }

    @Nested
    class A_leader_whose_proposals_are_lost {
        /** F5: 0 of 120 commands in 6,000 heartbeats, and always the same leader. */
        @Test
        void gives_way_to_another() {
            final SimCluster cluster = started(3);
            final int old = cluster.leader();
            cluster.network().drops(packet -> packet.type() == MessageType.ACCEPT && packet.from() == old);
            cluster.submitTo(old);
            assertThat(cluster.runUntil(() -> cluster.agreedLeader() != old && cluster.agreedLeader() != 0, SECOND))
                    .isTrue();
            for (int id = 1; id <= 3; id++) {
                choose(cluster, id);
            }
            assertThat(cluster.progress(old, 0)).isTrue();
            cluster.heal().converge();
        }
    }

    @Nested
    class A_round_trip_longer_than_patience {
        /** F6: never elects; a running cluster acknowledges 0 of 10. */
        @ParameterizedTest
        @ValueSource(ints = {15, 40, 100, 250})
        void still_elects_and_serves(final int oneWayMs) {
            final SimCluster cluster =
                    Setup.of(3).patienceRounds(3).timeoutNs(5 * SECOND).start();
            cluster.network().delays().far(oneWayMs * MS);
            assertThat(cluster.runUntil(() -> cluster.agreedLeader() != 0, 12L * oneWayMs * MS + 100 * MS))
                    .as(cluster.statusText())
                    .isTrue();
            final int leader = cluster.leader();
            for (int i = 0; i < 10; i++) {
                final long command = cluster.submitTo(1 + i % 3);
                assertThat(cluster.runUntil(() -> cluster.isAcknowledged(command), 10L * oneWayMs * MS))
                        .as(cluster.statusText())
                        .isTrue();
            }
            cluster.runFor(SECOND);
            assertThat(cluster.agreedLeader()).isEqualTo(leader);
        }

        /** F6: 0 of 10 were acknowledged. */
        @Test
        void that_begins_in_a_running_cluster_ends_no_service() {
            final SimCluster cluster =
                    Setup.of(3).patienceRounds(3).timeoutNs(2 * SECOND).start().converge();
            cluster.network().delays().far(15 * MS);
            cluster.runFor(200 * MS);
            for (int i = 0; i < 10; i++) {
                final long command = cluster.submitTo(1 + i % 3);
                assertThat(cluster.runUntil(() -> cluster.isAcknowledged(command), 200 * MS))
                        .as(cluster.statusText())
                        .isTrue();
            }
            assertThat(cluster.progress(0, 30 * MS)).isTrue();
        }

        @Test
        void keeps_reads_fresh_and_lets_a_leader_that_dies_be_replaced() {
            final SimCluster cluster =
                    Setup.of(3).patienceRounds(3).timeoutNs(2 * SECOND).start();
            cluster.network().delays().far(50 * MS);
            assertThat(cluster.runUntil(() -> cluster.agreedLeader() != 0, SECOND))
                    .isTrue();
            final int old = cluster.leader();
            final long command = cluster.submitTo(old);
            assertThat(cluster.runUntil(() -> cluster.isAcknowledged(command), SECOND))
                    .isTrue();
            final CompletableFuture<byte[]> read = cluster.readFrom(other(cluster, old), Read.LINEARIZABLE);
            assertThat(cluster.runUntil(read::isDone, SECOND)).isTrue();
            assertThat(read).isCompleted();
            cluster.crash(old);
            assertThat(cluster.runUntil(() -> cluster.agreedLeader() != 0 && cluster.agreedLeader() != old, SECOND))
                    .as(cluster.statusText())
                    .isTrue();
        }
    }

    @Nested
    class An_old_leader_that_hears_only_one_neighbour {
        /** F7: it stays LEADER, and 0 of its 20 commands are chosen. */
        @Test
        void follows_and_passes_its_commands_on() {
            final SimCluster cluster = started(5);
            final int old = cluster.leader();
            final int neighbour = other(cluster, old);
            cluster.network().isolate(old);
            assertThat(cluster.runUntil(() -> cluster.leader() != old && cluster.leader() != 0, SECOND))
                    .isTrue();
            if (cluster.leader() == neighbour) {
                cluster.network().isolate(neighbour);
                assertThat(cluster.runUntil(() -> cluster.leader() != neighbour && cluster.leader() != old, SECOND))
                        .isTrue();
                cluster.network().mendAll();
                cluster.network().isolate(old);
                cluster.runFor(200 * MS);
            }
            cluster.network().mendBoth(old, neighbour);
            cluster.runFor(200 * MS);
            assertThat(cluster.status(old).role()).isEqualTo(Status.Role.FOLLOWER);
            for (int i = 0; i < 20; i++) {
                choose(cluster, old);
            }
            cluster.heal().converge();
        }
    }

    @Nested
    class A_replica_without_a_connection_to_the_leader {
        /** F44: it served its clients 4 to 9 % of normal: it learned what is chosen with the heartbeats. */
        @Test
        void serves_commands_and_reads_at_the_pace_of_the_detour() {
            final SimCluster cluster = Setup.of(3).heartbeatIntervalNs(100 * MS).start();
            cluster.network().delays().far(MS);
            assertThat(cluster.runUntil(() -> cluster.agreedLeader() != 0, 2 * SECOND))
                    .isTrue();
            final int far = other(cluster, cluster.leader());
            final long directNs = servedNs(cluster, far);
            cluster.network().cutBoth(far, cluster.leader());
            cluster.runFor(SECOND);
            assertThat(cluster.status(far).leaderId()).isZero();
            assertThat(servedNs(cluster, far)).isLessThan(2 * directNs);
            cluster.heal().converge();
        }

        /** The virtual time in which 50 commands and 50 reads are served one after another. */
        private long servedNs(final SimCluster cluster, final int id) {
            final long begun = cluster.nowNs();
            for (int i = 0; i < 50; i++) {
                final long command = cluster.submitTo(id);
                runUntil(cluster, () -> cluster.isAcknowledged(command));
                final CompletableFuture<byte[]> read = cluster.readFrom(id, Read.LINEARIZABLE);
                runUntil(cluster, read::isDone);
                assertThat(read).isCompleted();
            }
            return cluster.nowNs() - begun;
        }
    }

    @Nested
    class A_lost_forward {
        private final SimCluster cluster =
                Setup.of(3).heartbeatIntervalNs(100 * MS).start();
        private int forwards;

        /** F11: executed 5 before 4, and 4 after 800 ms at defaults. */
        @Test
        void costs_a_round_trip_and_no_order_if_another_command_follows() {
            final int follower = follower();
            loseFirstForward();
            final long begun = cluster.nowNs();
            final long first = cluster.submitTo(follower);
            cluster.runFor(5 * MS);
            final long second = cluster.submitTo(follower);
            runUntil(cluster, () -> cluster.isAcknowledged(first));
            assertThat(cluster.nowNs() - begun).isLessThan(20 * MS);
            runUntil(cluster, () -> cluster.isAcknowledged(second)); // the rules check the order
        }

        /** F11: one after 800 ms at defaults. */
        @Test
        void costs_three_heartbeats_if_none_follows() {
            final int follower = follower();
            loseFirstForward();
            final long begun = cluster.nowNs();
            final long command = cluster.submitTo(follower);
            runUntil(cluster, () -> cluster.isAcknowledged(command));
            assertThat(cluster.nowNs() - begun).isLessThan(310 * MS);
        }

        private int follower() {
            assertThat(cluster.runUntil(() -> cluster.agreedLeader() != 0, 2 * SECOND))
                    .isTrue();
            final int follower = other(cluster, cluster.leader());
            final long command = cluster.submitTo(follower);
            runUntil(cluster, () -> cluster.isAcknowledged(command));
            return follower;
        }

        private void loseFirstForward() {
            cluster.network().drops(packet -> packet.type() == MessageType.FORWARD && forwards++ == 0);
        }
    }

    private static void runUntil(final SimCluster cluster, final BooleanSupplier goal) {
        final long begun = cluster.nowNs();
        while (!goal.getAsBoolean()) {
            assertThat(cluster.nowNs() - begun).isLessThan(SECOND);
            cluster.runFor(MS / 10);
        }
    }

    @Nested
    class A_member_whose_answers_come_late {
        /** Each answer is that of 500 rounds ago, when its sender was happy. */
        @Test
        void does_not_keep_the_others_from_electing() {
            final SimCluster cluster = started(5);
            final int old = cluster.leader();
            final int late = other(cluster, old);
            for (int id = 1; id <= 5; id++) {
                cluster.network().delays().far(late, id, 5 * SECOND);
            }
            cluster.runFor(6 * SECOND);
            assertThat(cluster.leader()).isEqualTo(old);
            cluster.crash(old);
            assertThat(cluster.runUntil(() -> cluster.leader() != 0, SECOND / 2))
                    .as(cluster.statusText())
                    .isTrue();
        }
    }
}
