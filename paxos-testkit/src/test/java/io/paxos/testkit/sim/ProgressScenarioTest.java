package io.paxos.testkit.sim;

import static io.paxos.testkit.sim.ScenarioCluster.other;
import static io.paxos.testkit.sim.ScenarioCluster.started;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.transport.wire.MessageType;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

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
}
