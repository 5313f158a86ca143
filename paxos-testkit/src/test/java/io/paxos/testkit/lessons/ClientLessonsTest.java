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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lessons about the outcomes that clients receive, in the simulator. See docs/lessons.md. */
class ClientLessonsTest {
    private static final long SUBMIT_TIMEOUT_NS = 500 * MS;

    /** Commands and reads at one member. */
    private static final class Handles {
        private final SimCluster cluster;
        private final List<Long> commands = new ArrayList<>();
        private final List<CompletableFuture<byte[]>> reads = new ArrayList<>();

        Handles(final SimCluster cluster) {
            this.cluster = cluster;
        }

        void open(final int at) {
            for (int i = 0; i < 10; i++) {
                final long command = cluster.submitTo(at);
                assertThat(command).isPositive();
                commands.add(command);
                reads.add(cluster.readFrom(at, Read.LINEARIZABLE));
            }
        }

        void requireOutcomes() {
            assertThat(commands).noneMatch(cluster::isOpen);
            assertThat(reads).allMatch(CompletableFuture::isDone);
        }
    }

    /** How many executed commands the result of a read counts. */
    private static long executed(final CompletableFuture<byte[]> read) {
        return new UnsafeBuffer(read.join()).getLong(0);
    }

    @Nested
    class L18_indeterminate_is_a_result {
        /** L18: hashicorp/raft #561, hashicorp/raft #145, hashicorp/raft #498: every handle gets an outcome. */
        @Test
        void all_handles_of_a_leader_that_is_cut_off_have_an_outcome_by_their_deadline() {
            final SimCluster cluster = started(3);
            final int leader = cluster.leader();
            final Handles handles = new Handles(cluster);
            cluster.network().isolate(leader);
            handles.open(leader);
            cluster.runFor(SUBMIT_TIMEOUT_NS + MS);
            handles.requireOutcomes();
            assertThat(handles.commands).noneMatch(cluster::isAcknowledged);
        }

        /** L18: hashicorp/raft #498: the deadline does not depend on anything that can hang. */
        @Test
        void all_handles_have_an_outcome_by_their_deadline_though_no_disk_moves() {
            final SimCluster cluster = started(3);
            final Handles handles = new Handles(cluster);
            for (int id = 1; id <= 3; id++) {
                cluster.disk(id).freeze();
                handles.open(id);
            }
            cluster.runFor(SUBMIT_TIMEOUT_NS + MS);
            handles.requireOutcomes();
            assertThat(handles.commands).noneMatch(cluster::isAcknowledged);
        }

        /** L18: hashicorp/raft #145: no handle is lost when a node stops. */
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void all_handles_of_a_replica_that_stops_by_a_fault_have_an_outcome_at_once(final boolean leads) {
            final SimCluster cluster = started(3);
            final int victim = leads ? cluster.leader() : other(cluster, cluster.leader());
            final Handles handles = new Handles(cluster);
            cluster.disk(victim).failNextForce();
            handles.open(victim);
            assertThat(cluster.runUntil(() -> !cluster.isUp(victim), SECOND)).isTrue();
            handles.requireOutcomes();
        }

        /** L18: hashicorp/raft #561: "not chosen" is a promise about the future, and not a guess. */
        @Test
        void a_command_with_the_outcome_not_chosen_is_never_executed() {
            final SimCluster cluster = started(3);
            final int left = cluster.leader();
            cluster.crash(other(cluster, left)).crash(other(cluster, other(cluster, left)));
            cluster.runFor(100 * MS); // long enough to notice the crashes
            final Handles handles = new Handles(cluster);
            handles.open(left);
            cluster.runFor(SUBMIT_TIMEOUT_NS + MS);
            assertThat(cluster.situations().count(Situation.OUTCOME_NOT_CHOSEN)).isEqualTo(10);

            cluster.heal().converge();
            for (int id = 1; id <= 3; id++) {
                assertThat(cluster.executed(id)).doesNotContainAnyElementsOf(handles.commands);
            }
        }
    }

    @Nested
    class L19_exactly_once_is_in_the_replicated_state {
        /** L19: RATIS-2385, aeron #1788, copycat #70: the log remembers the executed commands, not a cache. */
        @Test
        void a_command_that_is_chosen_twice_is_executed_once_by_each_member() {
            final SimCluster cluster = started(3);
            cluster.network().repeats(1_000_000);
            final List<Long> commands = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                commands.add(cluster.submitTo(other(cluster, cluster.leader())));
                cluster.runFor(MS);
            }
            cluster.converge();
            assertThat(cluster.situations().count(Situation.COMMAND_CHOSEN_TWICE))
                    .isPositive();
            for (int id = 1; id <= 3; id++) {
                assertThat(cluster.executed(id)).doesNotHaveDuplicates().containsAll(commands);
            }
        }

        /** L19: RATIS-2385: the same after a restart, because the log has the commands. */
        @Test
        void a_command_is_executed_once_in_each_life() {
            final SimCluster cluster = started(3);
            cluster.network().repeats(1_000_000);
            for (int i = 0; i < 50; i++) {
                cluster.submitTo(1 + i % 3);
                cluster.runFor(MS);
            }
            cluster.converge();
            final List<Long> before = cluster.executed(1);
            cluster.crash(1).crash(2).crash(3).heal().converge();
            assertThat(cluster.executed(1)).doesNotHaveDuplicates().startsWith(before.toArray(Long[]::new));
        }
    }

    @Nested
    class L20_no_read_relies_on_a_clock {
        /** L20: tikv #10011, sofa-jraft #34, yugabyte-db #16: a leader trusted its lease while another member led. */
        @Test
        void a_leader_that_does_not_know_yet_that_it_is_cut_off_answers_no_read() {
            final SimCluster cluster = started(3);
            final int old = cluster.leader();
            cluster.network().isolate(old);
            final CompletableFuture<byte[]> read = cluster.readFrom(old, Read.LINEARIZABLE);
            choose(cluster, nextLeader(cluster, old));
            cluster.runFor(SUBMIT_TIMEOUT_NS);
            assertThat(read).isCompletedExceptionally();
        }

        /** L20: tikv #10011, yugabyte-db #16: drifting clocks and paused leaders, many times. */
        @Test
        void clocks_that_run_apart_and_pauses_make_no_read_stale() {
            final SimCluster cluster = started(Setup.of(3).driftPerMillion(300_000));
            for (int round = 0; round < 10; round++) {
                final int old = nextLeader(cluster, 0);
                cluster.pause(old);
                final int leader = nextLeader(cluster, old);
                choose(cluster, leader);
                final long chosen = cluster.executed(leader).size();
                cluster.resume(old);
                final CompletableFuture<byte[]> read = cluster.readFrom(old, Read.LINEARIZABLE);
                assertThat(cluster.runUntil(read::isDone, SECOND)).isTrue();
                assertThat(executed(read)).isGreaterThanOrEqualTo(chosen);
            }
        }
    }

    @Nested
    class L21_a_read_is_not_hostage_to_a_dead_peer {
        enum Absence {
            DEAD,
            PAUSED,
            CUT_OFF;

            void happens(final SimCluster cluster, final int id) {
                switch (this) {
                    case DEAD -> cluster.crash(id);
                    case PAUSED -> cluster.pause(id);
                    case CUT_OFF -> cluster.network().isolate(id);
                }
            }
        }

        /** L21: sofa-jraft #1103, sofa-jraft #859, sofa-jraft #499: any quorum can answer. */
        @ParameterizedTest
        @EnumSource
        void reads_are_answered_within_a_heartbeat_though_a_member_is_gone(final Absence absence) {
            for (final int members : new int[] {3, 5}) {
                final SimCluster cluster = started(members);
                final int leader = cluster.leader();
                final int gone = other(cluster, leader);
                absence.happens(cluster, gone);
                for (int round = 0; round < 20; round++) {
                    for (int id = 1; id <= members; id++) {
                        if (id != gone) {
                            final CompletableFuture<byte[]> read = cluster.readFrom(id, Read.LINEARIZABLE);
                            assertThat(cluster.runUntil(read::isDone, 10 * MS)).isTrue();
                            assertThat(executed(read)).isEqualTo(members);
                        }
                    }
                }
            }
        }

        /** L21: sofa-jraft #1103: one confirmation serves all reads that wait. */
        @Test
        void many_reads_share_one_request_and_one_confirmation() {
            final SimCluster cluster = started(3);
            final int follower = other(cluster, cluster.leader());
            final Wire wire = new Wire(cluster);
            final List<CompletableFuture<byte[]>> reads = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                reads.add(cluster.readFrom(follower, Read.LINEARIZABLE));
            }
            assertThat(cluster.runUntil(() -> reads.stream().allMatch(CompletableFuture::isDone), SECOND))
                    .isTrue();
            assertThat(reads).allMatch(read -> executed(read) == 3);
            assertThat(wire.count(MessageType.ASK_READ))
                    .isLessThanOrEqualTo(2); // once more if a heartbeat comes between
            assertThat(wire.count(MessageType.CONFIRM)).isLessThanOrEqualTo(4);
        }
    }

    @Nested
    class L25_operators_see_what_there_is {
        /**
         * L25: arcadedb #5275, arcadedb #4147, aeron #1533: operators must see that members are missing.
         */
        @Test
        void the_status_counts_the_voters_and_those_that_answer() {
            final SimCluster cluster = started(5);
            assertThat(cluster.status(cluster.leader()).connected()).isEqualTo(5);
            final int leader = cluster.leader();
            final int dead = other(cluster, leader);
            final int cutOff = other(cluster, dead);
            cluster.crash(dead).network().isolate(cutOff);
            cluster.runFor(200 * MS);
            for (int id = 1; id <= 5; id++) {
                if (id != dead) {
                    assertThat(cluster.status(id).members()).isEqualTo(5);
                    assertThat(cluster.status(id).connected()).isEqualTo(id == cutOff ? 1 : 3);
                }
            }
            assertThat(cluster.status(cutOff).leaderId()).isZero();
        }
    }
}
