package io.paxos.testkit.lessons;

import static io.paxos.testkit.lessons.LessonCluster.MS;
import static io.paxos.testkit.lessons.LessonCluster.SECOND;
import static io.paxos.testkit.lessons.LessonCluster.choose;
import static io.paxos.testkit.lessons.LessonCluster.nextLeader;
import static io.paxos.testkit.lessons.LessonCluster.other;
import static io.paxos.testkit.lessons.LessonCluster.started;
import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Read;
import io.paxos.testkit.lessons.LessonCluster.Wire;
import io.paxos.testkit.sim.Setup;
import io.paxos.testkit.sim.SimCluster;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.transport.wire.MessageType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Lessons about leaders, overload and idle clusters, in the simulator. See docs/lessons.md. */
class LeadershipLessonsTest {
    @Nested
    class L7_a_change_of_role_leaves_nothing_behind {
        /** L7: hashicorp/raft #695, hashicorp/raft #696: nothing of an earlier leadership acts in a later one. */
        @Test
        void leadership_changes_many_times_while_messages_of_earlier_leaders_still_arrive() {
            final SimCluster cluster = started(3);
            cluster.network().holdsUp(300_000, 300 * MS).repeats(100_000);
            final Map<Integer, Integer> turns = new HashMap<>(); // by member
            final List<CompletableFuture<byte[]>> reads = new ArrayList<>();
            for (int round = 0; round < 30; round++) {
                final int leader = nextLeader(cluster, 0);
                turns.merge(leader, 1, Integer::sum);
                openSomething(cluster, reads);
                cluster.runFor(round * MS / 10);
                cluster.network().isolate(leader);
                openSomething(cluster, reads);
                nextLeader(cluster, leader);
                openSomething(cluster, reads);
                cluster.network().mendAll();
                cluster.runFor(20 * MS);
            }
            assertThat(turns.values()).anyMatch(count -> count > 5);
            cluster.heal().converge();
            assertThat(reads).allMatch(CompletableFuture::isDone).anyMatch(read -> !read.isCompletedExceptionally());
        }

        private void openSomething(final SimCluster cluster, final List<CompletableFuture<byte[]>> reads) {
            for (int id = 1; id <= cluster.members(); id++) {
                cluster.submitTo(id);
                reads.add(cluster.readFrom(id, Read.LINEARIZABLE));
            }
        }
    }

    @Nested
    class L10_overload_is_not_an_error_state {
        /**
         * L10: sofa-jraft #550, sofa-jraft #754, sofa-jraft #830: commands are refused under overload, and the cluster
         * recovers.
         */
        @Test
        void excess_commands_are_refused_the_leader_stays_and_the_cluster_recovers() {
            final SimCluster cluster = started(Setup.of(3)
                    .pendingCommands(16)
                    .pendingBytes(4096)
                    .batchBytesMax(128)
                    .windowSlots(4)
                    .queueMax(64)
                    .forceMeanNs(2 * MS));
            final int leader = cluster.agreedLeader();
            final long ballot = cluster.status(leader).ballot();
            final int acknowledgedBefore = cluster.acknowledged();
            int refused = 0;
            for (int ms = 0; ms < 1_000; ms++) {
                for (int id = 1; id <= 3; id++) {
                    while (cluster.submitTo(id) != 0) {
                        // until it refuses one
                    }
                    refused++;
                }
                cluster.runFor(MS);
                assertThat(cluster.leader()).isEqualTo(leader);
            }
            assertThat(refused).isEqualTo(3_000);
            assertThat(cluster.situations().count(Situation.BACK_PRESSURE)).isEqualTo(refused);
            assertThat(cluster.acknowledged() - acknowledgedBefore).isGreaterThan(100); // commands are chosen meanwhile
            cluster.converge();
            assertThat(cluster.agreedLeader()).isEqualTo(leader);
            assertThat(cluster.status(leader).ballot()).isEqualTo(ballot);
        }
    }

    @Nested
    class L22_idle_clusters_and_edges {
        /** L22: RATIS-2523, openraft #1246: faults that need an idle cluster. */
        @Test
        void an_idle_cluster_sends_heartbeats_and_writes_nothing() {
            final SimCluster cluster = started(3);
            final int leader = cluster.agreedLeader();
            final Wire wire = new Wire(cluster);
            cluster.runFor(30 * SECOND);
            assertThat(wire.count(MessageType.PING)).isGreaterThan(1_000);
            for (int id = 1; id <= 3; id++) {
                assertThat(wire.claims(id)).isZero();
                assertThat(cluster.disk(id).unforced()).isZero();
            }
            assertThat(wire.count(MessageType.ACCEPT)).isZero();
            assertThat(wire.count(MessageType.FETCH)).isZero();
            assertThat(cluster.agreedLeader()).isEqualTo(leader);
        }

        /** L22: RATIS-2523: a cluster that was never given a command restarts like any other. */
        @Test
        void a_cluster_that_has_only_ever_been_restarted_works() {
            final SimCluster cluster = Setup.of(3).start();
            for (int i = 0; i < 30; i++) {
                final int id = 1 + i % 3;
                cluster.runFor(3 * MS * i).crash(id).runFor(10 * MS * (i % 7)).restart(id);
            }
            assertThat(cluster.acknowledged()).isZero();
            cluster.converge();
        }

        /** L22: openraft #1246: one member is a cluster, and its own log has all of its state. */
        @Test
        void a_single_member_restarts_with_all_that_it_has_acknowledged() {
            final SimCluster cluster = started(1);
            for (int i = 0; i < 10; i++) {
                cluster.crash(1).restart(1).runFor(100 * MS);
                assertThat(cluster.executed(1)).hasSize(1 + i);
                choose(cluster, 1);
            }
        }

        /** L22: openraft #1246: a member with an empty log, among others with long logs. */
        @Test
        void a_member_that_joins_with_an_empty_log_catches_up() {
            final SimCluster cluster = Setup.of(3).bootstraps(true).start();
            cluster.crash(3).runFor(100 * MS);
            for (int i = 0; i < 300; i++) {
                choose(cluster, cluster.leader());
            }
            cluster.restart(3).converge();
            assertThat(cluster.executed(3)).hasSizeGreaterThan(300);
            assertThat(cluster.executed(3)).isEqualTo(cluster.executed(other(cluster, 3)));
        }
    }
}
