package io.paxos.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.testkit.sim.rules.InvariantViolation;
import io.paxos.testkit.sim.schedule.Situation;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Disks, processes and settings that are not what the members presume. The rule of each refusal is checked too. */
class IdentityScenarioTest {
    private static final long SECOND = 1_000 * Setup.MILLISECOND;

    private static SimCluster started(final Setup setup) {
        final SimCluster cluster = setup.start();
        write(cluster, 5);
        assertThat(cluster.haveAllStarted()).isTrue();
        return cluster;
    }

    private static void write(final SimCluster cluster, final int commands) {
        for (int i = 0; i < commands; i++) {
            assertThat(cluster.runUntil(() -> cluster.leader() != 0, SECOND)).isTrue();
            final long number = cluster.submitTo(cluster.leader());
            assertThat(cluster.runUntil(() -> cluster.isAcknowledged(number), SECOND))
                    .isTrue();
        }
    }

    private static int follower(final SimCluster cluster) {
        return cluster.leader() == 1 ? 2 : 1;
    }

    private static long saw(final SimCluster cluster, final Situation situation) {
        return cluster.situations().count(situation);
    }

    @Nested
    class First_start {
        @Test
        void of_an_empty_cluster_waits_for_every_member() {
            final SimCluster cluster = Setup.of(3).start().crash(3).runFor(SECOND);
            assertThat(cluster.status(1).waiting()).contains("not yet: 3");
            assertThat(cluster.leader()).isZero();
            cluster.restart(3);
            assertThat(cluster.runUntil(cluster::haveAllStarted, SECOND)).isTrue();
            cluster.converge();
        }

        @Test
        void that_is_said_to_be_the_first_one_waits_for_nobody() {
            final SimCluster cluster = Setup.of(3).bootstraps(true).start().crash(3);
            write(cluster, 3);
            cluster.restart(3).converge();
        }

        @Test
        void is_repeated_over_links_that_lose_half_of_what_is_told() {
            final SimCluster cluster = Setup.of(5).start();
            cluster.network().loses(500_000);
            assertThat(cluster.runUntil(cluster::haveAllStarted, SECOND)).isTrue();
        }
    }

    @Nested
    class A_member_is_refused {
        @Test
        void if_its_directory_was_emptied_and_the_others_go_on() {
            final SimCluster cluster = started(Setup.of(3));
            final int emptied = follower(cluster);
            cluster.mistakes().emptyDisk(emptied);
            cluster.restart(emptied);
            assertThat(cluster.runUntil(() -> !cluster.isUp(emptied), SECOND)).isTrue();
            assertThat(saw(cluster, Situation.MEMBER_WITHOUT_ITS_VOTES_REFUSED)).isPositive();
            write(cluster, 5);
            cluster.heal().converge();
        }

        @Test
        void if_its_directory_is_an_older_copy_however_often_it_was_opened() {
            final SimCluster cluster = started(Setup.of(3));
            final int copied = follower(cluster);
            while (cluster.disk(copied).copiedIncarnation() == 0) {
                cluster.crash(copied).restart(copied);
                write(cluster, 1);
                cluster.converge();
            }
            cluster.mistakes().returnToCopy(copied);
            assertThat(cluster.isLost(copied)).isTrue();
            cluster.network().isolate(copied);
            for (int i = 0; i < 10; i++) {
                cluster.restart(copied).crash(copied);
            }
            cluster.network().mendAll();
            cluster.restart(copied);
            assertThat(cluster.runUntil(() -> !cluster.isUp(copied), SECOND)).isTrue();
            cluster.restart(copied);
            assertThat(cluster.isUp(copied))
                    .as("its own log remembers the refusal")
                    .isFalse();
            cluster.heal().converge();
        }

        @Test
        void if_it_counts_other_quorums_from_the_start_on() {
            final SimCluster cluster = Setup.of(3).odd(3).start();
            write(cluster, 5);
            assertThat(cluster.status(3).connected()).isEqualTo(1);
            cluster.heal().converge();
        }

        @Test
        void if_it_is_started_with_other_quorums_later_and_comes_back_with_the_right_ones() {
            final SimCluster cluster = started(Setup.of(3));
            cluster.mistakes().restartWithOtherQuorums(2);
            assertThat(saw(cluster, Situation.OTHER_QUORUMS_REFUSED)).isEqualTo(1);
            cluster.restart(2).converge();
        }

        @Test
        void if_it_is_started_with_the_directory_of_another_and_comes_back_with_its_own() {
            final SimCluster cluster = started(Setup.of(3));
            cluster.mistakes().exchangeDisk(2, 3);
            assertThat(saw(cluster, Situation.EXCHANGED_DISK_REFUSED)).isEqualTo(1);
            cluster.restart(2).restart(3).converge();
        }
    }

    @Nested
    class A_second_process {
        @Test
        void under_the_id_of_a_running_member_is_refused_and_disturbs_nobody() {
            final SimCluster cluster = started(Setup.of(3));
            final int leader = cluster.leader();
            for (int id = 1; id <= 3; id++) {
                cluster.mistakes().startSecond(id);
                write(cluster, 5);
                assertThat(cluster.leader()).isEqualTo(leader);
            }
            assertThat(saw(cluster, Situation.SECOND_PROCESS_REFUSED)).isEqualTo(3);
            cluster.converge();
        }
    }

    @Nested
    class Settings {
        @Test
        void that_may_differ_slow_members_down_and_stop_nobody() {
            final SimCluster cluster = started(Setup.of(5).unequalPace(true));
            for (int i = 0; i < 5; i++) {
                cluster.crash(cluster.leader());
                write(cluster, 20);
                cluster.heal().converge();
            }
        }
    }

    @Nested
    class Windows {
        private static final int WIDEST = 2; // of three members with unequal pace

        /** F10: windows of 1, 4 and 16 slots: two slots in two or three heartbeats. */
        @Test
        void that_differ_cost_no_more_than_the_smallest_one_everywhere() {
            final Setup narrow = Setup.of(3).windowSlots(1).batchBytesMax(96);
            final int equal = acknowledgedInASecond(narrow);
            final Setup unequal = Setup.of(3).windowSlots(1).batchBytesMax(96).unequalPace(true);
            assertThat(acknowledgedInASecond(unequal)).isGreaterThan(equal / 2);
        }

        private int acknowledgedInASecond(final Setup setup) {
            final SimCluster cluster = started(setup);
            while (cluster.leader() != WIDEST) {
                final int leader = cluster.leader();
                cluster.crash(leader);
                assertThat(cluster.runUntil(() -> cluster.leader() != 0, SECOND))
                        .isTrue();
                cluster.heal().converge();
            }
            final int before = cluster.acknowledged();
            for (int i = 0; i < 1_000; i++) {
                for (int offered = 0; offered < 8; offered++) {
                    cluster.submitTo(WIDEST);
                }
                cluster.runFor(Setup.MILLISECOND);
            }
            return cluster.acknowledged() - before;
        }
    }

    @Nested
    class A_failed_force {
        @Test
        void leaves_records_in_the_cache_that_are_forced_before_a_restart_believes_them() {
            assertThat(failedForces(Setup.of(1))).isPositive();
        }

        @Test
        void is_seen_by_the_simulator_if_a_restart_believes_the_cache() {
            assertThatThrownBy(() -> failedForces(Setup.of(1).believesCache()))
                    .isInstanceOf(InvariantViolation.class)
                    .hasMessageContaining(SimNode.REFUSED_WITH_REASON);
        }

        /** Fails forces, restarts with what the cache holds, writes more, and loses the cache. */
        private long failedForces(final Setup setup) {
            final SimCluster cluster = started(setup);
            for (int i = 0; i < 20; i++) {
                cluster.disk(1).failNextForce();
                cluster.submitTo(1);
                cluster.runUntil(() -> !cluster.isUp(1), SECOND);
                cluster.heal();
                write(cluster, 3);
                cluster.crash(1).restart(1);
                write(cluster, 1);
            }
            return saw(cluster, Situation.RECORDS_OF_A_FAILED_FORCE_FOUND);
        }
    }

    /** Each schedule of two mistakes at every pair of members ends with a cluster that is right and live. */
    @ParameterizedTest
    @MethodSource("pairsOfMistakes")
    void two_mistakes_of_an_operator_in_a_row_are_refused(final Step.Kind first, final Step.Kind second) {
        for (int members = 2; members <= 5; members++) {
            for (int seed = 1; seed <= members * members; seed++) {
                final SimCluster cluster = Setup.of(members).seed(seed).start();
                final Step run = new Step(Step.Kind.RUN, 0, 500);
                final Step write = new Step(Step.Kind.SUBMIT, Step.LEADER, 3);
                cluster.run(new Schedule(
                        members,
                        List.of(
                                run,
                                write,
                                run,
                                new Step(first, seed % members, seed / members),
                                new Step(Step.Kind.RESTART_ALL, 0, 0),
                                run,
                                write,
                                new Step(second, seed / members, seed % members),
                                new Step(Step.Kind.RESTART_ALL, 0, 0),
                                run)));
                cluster.heal().converge();
            }
        }
    }

    static Stream<Object[]> pairsOfMistakes() {
        final Step.Kind[] mistakes = {
            Step.Kind.EMPTY_DISK,
            Step.Kind.RETURN_TO_COPY,
            Step.Kind.EXCHANGE_DISK,
            Step.Kind.OTHER_QUORUMS,
            Step.Kind.SECOND_PROCESS
        };
        return IntStream.range(0, mistakes.length * mistakes.length)
                .mapToObj(i -> new Object[] {mistakes[i / mistakes.length], mistakes[i % mistakes.length]});
    }
}
