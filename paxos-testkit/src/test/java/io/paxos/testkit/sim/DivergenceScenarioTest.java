package io.paxos.testkit.sim;

import static io.paxos.testkit.sim.ScenarioCluster.SECOND;
import static io.paxos.testkit.sim.ScenarioCluster.choose;
import static io.paxos.testkit.sim.ScenarioCluster.other;
import static io.paxos.testkit.sim.ScenarioCluster.started;
import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.testkit.sim.schedule.Situation;
import org.junit.jupiter.api.Test;

/** Members compare what they have applied. */
class DivergenceScenarioTest {
    /** The rules of the simulator stop a run in which a healthy replica stops, or tells a wrong checksum. */
    @Test
    void no_healthy_member_stops_over_restarts_catch_up_and_gaps() {
        final SimCluster cluster = started(5);
        for (int round = 0; round < 6; round++) {
            final int leader = cluster.leader();
            final int behind = other(cluster, leader);
            cluster.network().isolate(behind);
            for (int i = 0; i < 80; i++) {
                choose(cluster, leader);
            }
            cluster.crash(other(cluster, behind));
            cluster.network().mendAll();
            cluster.network().loses(200_000);
            for (int i = 0; i < 20; i++) {
                cluster.submitTo(1 + i % 5);
            }
            cluster.runFor(SECOND / 5);
            cluster.crash(leader);
            cluster.heal().converge();
        }
        assertThat(cluster.situations().count(Situation.CHECKSUM_TOLD)).isGreaterThan(100);
        assertThat(cluster.situations().count(Situation.CHOSEN_VALUE_FETCHED)).isGreaterThan(100);
    }

    /** F16: two members went on with different states, and no replica stopped. */
    @Test
    void members_whose_replies_differ_stop_and_the_one_that_is_equal_to_all_it_reaches_goes_on() {
        final SimCluster cluster = Setup.of(5).differing(5).start();
        assertThat(cluster.runUntil(() -> cluster.leader() != 0 && cluster.agreedLeader() != 5, SECOND))
                .isTrue();
        cluster.network().cutBoth(5, 1).cutBoth(5, 2).cutBoth(5, 3);
        for (int i = 0; i < 20; i++) {
            choose(cluster, 1);
        }
        assertThat(cluster.runUntil(() -> !cluster.isUp(5) && !cluster.isUp(4), SECOND))
                .isTrue();
        cluster.network().mendAll();
        choose(cluster, 1);
        for (int id = 1; id <= 3; id++) {
            assertThat(cluster.isUp(id)).isTrue();
        }
    }
}
