package io.paxos.testkit.sim;

import static io.paxos.testkit.sim.ScenarioCluster.SECOND;
import static io.paxos.testkit.sim.ScenarioCluster.choose;
import static io.paxos.testkit.sim.ScenarioCluster.other;
import static io.paxos.testkit.sim.ScenarioCluster.started;
import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.ClockAlarm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wall clocks that are wrong. The simulator compares each command's time with all clocks. */
class ClockScenarioTest {
    private static final long BOUND_MS = 500; // of the setup

    /** F12: one wrong reading of a leader's clock moved the cluster's time by 100 years, for ever. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5})
    void one_wrong_clock_of_a_leader_moves_time_by_no_more_than_the_bound_and_raises_the_alarm(final int members) {
        final SimCluster cluster = started(members);
        final int leader = cluster.leader();
        final int other = other(cluster, leader);
        choose(cluster, leader);
        cluster.jumpClock(leader, 100 * Setup.YEAR_MS);
        choose(cluster, leader);
        choose(cluster, other);
        assertThat(cluster.timeMs()).isBetween(cluster.clockMs(other), cluster.clockMs(other) + BOUND_MS);
        cluster.runFor(SECOND / 10);
        assertThat(cluster.status(leader).clockAlarm()).isEqualTo(ClockAlarm.OWN_CLOCK_AHEAD);
        assertThat(cluster.status(leader).clockAheadMs()).isGreaterThan(99 * Setup.YEAR_MS);
        assertThat(cluster.status(leader).clockAheadMaxMs()).isEqualTo(BOUND_MS);
        assertThat(cluster.status(other).clockAlarm()).isEqualTo(ClockAlarm.NONE);

        cluster.jumpClock(leader, -100 * Setup.YEAR_MS);
        cluster.runFor(SECOND);
        choose(cluster, leader);
        assertThat(cluster.status(leader).clockAlarm()).isEqualTo(ClockAlarm.NONE);
        assertThat(cluster.timeMs()).isBetween(cluster.clockMs(leader) - 50, cluster.clockMs(leader));
    }

    /** F12: nor does it when the whole cluster is started anew, whoever leads then. */
    @Test
    void a_member_that_starts_with_a_wrong_clock_moves_time_by_no_more_than_the_bound() {
        final SimCluster cluster = started(3);
        choose(cluster, 1);
        for (int id = 1; id <= 3; id++) {
            cluster.crash(id);
            cluster.jumpClock(id, (id - 2) * 50L * Setup.YEAR_MS); // -50, 0 and 50 years
        }
        cluster.runFor(10 * SECOND);
        for (int id = 1; id <= 3; id++) {
            cluster.restart(id);
        }
        for (int round = 0; round < 5; round++) {
            cluster.converge();
            choose(cluster, 2);
            assertThat(cluster.timeMs()).isLessThanOrEqualTo(cluster.clockMs(2) + BOUND_MS);
            cluster.crash(cluster.leader()).runFor(SECOND);
            cluster.heal();
        }
    }

    @Test
    void a_cluster_of_one_is_fenced_by_its_monotonic_clock() {
        final SimCluster cluster = started(1);
        choose(cluster, 1);
        final long before = cluster.clockMs(1);
        cluster.jumpClock(1, 100 * Setup.YEAR_MS);
        choose(cluster, 1);
        assertThat(cluster.timeMs()).isBetween(before, before + 2 * BOUND_MS);
        assertThat(cluster.runUntil(() -> cluster.status(1).clockAlarm() == ClockAlarm.OWN_CLOCK_AHEAD, SECOND))
                .isTrue();
    }
}
