package io.paxos.testkit.lessons;

import static io.paxos.testkit.lessons.LessonCluster.MS;
import static io.paxos.testkit.lessons.LessonCluster.SECOND;
import static io.paxos.testkit.lessons.LessonCluster.choose;
import static io.paxos.testkit.lessons.LessonCluster.nextLeader;
import static io.paxos.testkit.lessons.LessonCluster.other;
import static io.paxos.testkit.lessons.LessonCluster.started;
import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Status;
import io.paxos.testkit.lessons.LessonCluster.Wire;
import io.paxos.testkit.sim.Setup;
import io.paxos.testkit.sim.SimCluster;
import io.paxos.transport.wire.MessageType;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Lessons about disks, on production replicas in the simulator. See docs/lessons.md. */
class DurabilityLessonsTest {
    /** The record that fails, and its writer. */
    enum Site {
        ACCEPT_OF_THE_LEADER,
        ACCEPT_OF_A_FOLLOWER,
        PROMISE_OF_THE_CANDIDATE,
        PROMISE_OF_A_FOLLOWER
    }

    /** The operation that fails. */
    enum Failure {
        WRITE(100_000),
        FORCE_WITHIN_SYNC(0),
        FORCE_LATER(100_000);

        private final long forceMeanNs;

        Failure(final long forceMeanNs) {
            this.forceMeanNs = forceMeanNs;
        }
    }

    private static final int MEMBERS = 5;

    /** The member that campaigns first after a crash of the leader. It is the same in each run of one setup. */
    private static int firstCandidate(final Setup setup) {
        final SimCluster rehearsal = started(setup);
        final int leader = rehearsal.leader();
        return nextLeader(rehearsal.crash(leader), leader);
    }

    @Nested
    class L1_persist_errors_are_never_acks {
        static Stream<Arguments> everyWriteSite() {
            return Arrays.stream(Site.values())
                    .flatMap(site -> Arrays.stream(Failure.values()).map(failure -> Arguments.of(site, failure)));
        }

        /**
         * L1: WPaxos, Acceptor.onAccept ignores that persisting failed and Proposer.onAcceptReply counts the answer;
         * PhysicLog skips a flush; sofa-jraft #1243 ignored the result of writing its vote.
         */
        @ParameterizedTest
        @MethodSource("everyWriteSite")
        void a_replica_whose_disk_fails_stops_without_another_claim_and_nothing_acknowledged_is_lost(
                final Site site, final Failure failure) {
            final Setup setup = Setup.of(MEMBERS).forceMeanNs(failure.forceMeanNs);
            final int candidate = firstCandidate(setup);
            final SimCluster cluster = started(setup);
            final int leader = cluster.leader();
            final int victim = switch (site) {
                case ACCEPT_OF_THE_LEADER -> leader;
                case PROMISE_OF_THE_CANDIDATE -> candidate;
                case ACCEPT_OF_A_FOLLOWER, PROMISE_OF_A_FOLLOWER ->
                    other(cluster, candidate) == leader ? other(cluster, leader) : other(cluster, candidate);
            };
            final Wire wire = new Wire(cluster);
            if (failure == Failure.WRITE) {
                cluster.disk(victim).failNextWrite();
            } else {
                cluster.disk(victim).failNextForce();
            }
            long command = 0;
            if (site == Site.ACCEPT_OF_THE_LEADER || site == Site.ACCEPT_OF_A_FOLLOWER) {
                command = cluster.submitTo(leader);
            } else {
                cluster.crash(leader);
            }
            assertThat(cluster.runUntil(() -> !cluster.isUp(victim), SECOND)).isTrue();

            assertThat(cluster.status(victim).role()).isEqualTo(Status.Role.STOPPED);
            assertThat(cluster.status(victim).fault()).hasMessageContaining("input/output error");
            assertThat(wire.claims(victim)).isZero();
            assertThat(wire.countTo(MessageType.PREPARE, victim) > 0).isEqualTo(site == Site.PROMISE_OF_A_FOLLOWER);
            if (site == Site.ACCEPT_OF_THE_LEADER) {
                assertThat(cluster.isOpen(command)).isFalse();
                assertThat(cluster.isAcknowledged(command)).isFalse();
            }
            nextLeader(cluster, 0);
            choose(cluster, cluster.leader());
            assertThat(cluster.isUp(victim)).isFalse();
            requireNothingLost(cluster.heal().converge());
        }

        /**
         * Every acknowledged command has its place in what each member executes: a rule of the simulator, checked
         * again here.
         */
        private void requireNothingLost(final SimCluster cluster) {
            for (int id = 1; id <= MEMBERS; id++) {
                final List<Long> executed = cluster.executed(id);
                for (long command = 1; command <= MEMBERS; command++) {
                    assertThat(cluster.isAcknowledged(command)).isTrue();
                    assertThat(executed).contains(command);
                }
            }
        }
    }

    @Nested
    class L2_nothing_leaves_before_it_is_durable {
        /**
         * L2: sofa-jraft #1245; the review of valkey #3887; etcd's contract of Ready. A candidate's own ballot
         * included.
         */
        @Test
        void a_candidate_sends_no_prepare_before_its_own_promise_is_durable() {
            final Setup setup = Setup.of(3);
            final int candidate = firstCandidate(setup);
            final SimCluster cluster = started(setup);
            final Wire wire = new Wire(cluster);
            cluster.disk(candidate).freeze();
            cluster.crash(cluster.leader());
            assertThat(cluster.runUntil(() -> cluster.status(candidate).role() == Status.Role.CANDIDATE, SECOND))
                    .isTrue();
            cluster.runFor(30 * MS);
            assertThat(wire.count(MessageType.PREPARE, candidate)).isZero();

            cluster.disk(candidate).thaw();
            assertThat(cluster.runUntil(() -> wire.count(MessageType.PREPARE, candidate) > 0, SECOND))
                    .isTrue();
        }

        /** L2: sofa-jraft #1245: an answer must not be sent before its write is durable. */
        @Test
        void a_vote_leaves_only_when_its_value_is_durable() {
            final SimCluster cluster = started(3);
            final int leader = cluster.leader();
            final int follower = other(cluster, leader);
            final Wire wire = new Wire(cluster);
            cluster.disk(follower).freeze();
            choose(cluster, leader);
            cluster.runFor(50 * MS);
            assertThat(cluster.disk(follower).unforced()).isPositive();
            assertThat(wire.count(MessageType.ACCEPTED, follower)).isZero();

            cluster.disk(follower).thaw();
            cluster.runFor(50 * MS);
            assertThat(wire.count(MessageType.ACCEPTED, follower)).isPositive();
        }
    }

    @Nested
    class L4_applied_never_outruns_the_durable_log {
        /** L4: etcd #10508, etcd #14370, RATIS-2507: a commit index ran ahead of what was on the own disk. */
        @Test
        void a_chosen_value_is_applied_only_when_the_own_disk_has_it() {
            final SimCluster cluster = started(3);
            final int leader = cluster.leader();
            final int follower = other(cluster, leader);
            final int before = cluster.executed(follower).size();
            cluster.disk(follower).freeze();
            for (int i = 0; i < 10; i++) {
                choose(cluster, leader);
            }
            cluster.runFor(50 * MS);
            assertThat(cluster.status(follower).chosenThrough()).isEqualTo(cluster.chosenThrough()); // it knows
            assertThat(cluster.executed(follower)).hasSize(before);

            cluster.disk(follower).thaw();
            cluster.runFor(50 * MS);
            assertThat(cluster.executed(follower)).hasSize(before + 10);
        }

        /** L4: etcd #10508, RATIS-2507: a chosen value above a gap is not applied. */
        @Test
        void nothing_is_applied_above_a_slot_that_is_missing() {
            final SimCluster cluster = started(3);
            final int leader = cluster.leader();
            final int follower = other(cluster, leader);
            final long missing = cluster.chosenThrough() + 1;
            final Wire wire = new Wire(
                    cluster,
                    packet -> packet.to() == follower
                            && packet.field("slot") == missing
                            && (packet.type() == MessageType.ACCEPT || packet.type() == MessageType.LEARN));
            for (int i = 0; i < 10; i++) {
                choose(cluster, leader);
            }
            cluster.runFor(50 * MS);
            assertThat(wire.countTo(MessageType.ACCEPT, follower)).isGreaterThanOrEqualTo(10);
            assertThat(wire.countTo(MessageType.LEARN, follower)).isPositive();
            assertThat(cluster.status(follower).appliedThrough()).isEqualTo(missing - 1);

            cluster.heal().converge();
            assertThat(cluster.status(follower).appliedThrough()).isEqualTo(cluster.chosenThrough());
        }
    }

    @Nested
    class L6_a_commit_index_alone_is_no_permission_to_apply {
        /**
         * L6: aeron #1898, RATIS-2605: a follower applied what it had stored, though another value was committed there.
         */
        @Test
        void a_leftover_of_an_older_ballot_is_never_applied_though_its_slot_is_announced_as_chosen() {
            final SimCluster cluster = started(3);
            final int old = cluster.leader();
            final long slot = cluster.chosenThrough() + 1;
            cluster.network().isolate(old);
            final long leftover = cluster.submitTo(old);
            cluster.runFor(5 * MS).crashKeepingAll(old); // only its own disk has the value
            final int leader = nextLeader(cluster, old);
            choose(cluster, leader);
            assertThat(cluster.chosenThrough()).isEqualTo(slot);

            cluster.network().mendAll().drops(packet -> packet.type() == MessageType.LEARN);
            cluster.restart(old).runFor(50 * MS); // it learns that the slot is chosen, but not its value
            choose(cluster, leader);
            assertThat(cluster.leader()).isEqualTo(leader);
            assertThat(cluster.status(old).leaderId()).isEqualTo(leader);
            assertThat(cluster.status(old).appliedThrough()).isLessThan(slot);

            cluster.heal().converge();
            assertThat(cluster.status(old).appliedThrough()).isGreaterThan(slot);
            assertThat(cluster.executed(old)).doesNotContain(leftover);
        }
    }
}
