package io.paxos.testkit.sim;

import static io.paxos.testkit.sim.ScenarioCluster.MS;
import static io.paxos.testkit.sim.ScenarioCluster.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Commands and queries that take time. A replica is busy meanwhile, and its messages wait. */
class ExecutionScenarioTest {
    private static final int COMMANDS = 1_000;

    private final SimCluster cluster = cluster(1 << 10);

    private static SimCluster cluster(final int windowSlots) {
        return Setup.of(3)
                .applyMeanNs(MS)
                .pendingCommands(1 << 11)
                .pendingBytes(1 << 18)
                .windowSlots(windowSlots)
                .timeoutNs(300 * MS)
                .start()
                .converge();
    }

    @Nested
    class A_cluster_whose_commands_take_long {
        @Test
        void keeps_its_leader_and_each_outcome_is_told_by_its_deadline() {
            final int leader = cluster.leader();
            final long ballot = cluster.status(leader).ballot();
            for (int i = 0; i < COMMANDS; i++) {
                cluster.submitTo(1 + i % 3);
            }
            final long last = cluster.submitTo(leader);
            cluster.runFor(300 * MS + 12 * MS);
            assertThat(cluster.isOpen(last)).isFalse(); // each outcome that is late breaks a rule
            assertThat(cluster.status(leader).appliedThrough())
                    .isLessThan(cluster.status(leader).chosenThrough());
            cluster.runFor(2 * SECOND);
            assertThat(cluster.status(leader).ballot()).isEqualTo(ballot);
            cluster.converge();
        }
    }

    @Nested
    class Members_that_all_execute_a_thousand_commands_again {
        /** F30: no leader and no outcome at all for 14 s. */
        @Test
        void tell_each_outcome_by_its_deadline_and_elect_a_leader() {
            for (int i = 0; i < COMMANDS; i++) {
                cluster.submitTo(1 + i % 3);
            }
            cluster.runFor(3 * SECOND);
            for (int id = 1; id <= 3; id++) {
                cluster.crashKeepingAll(id).restart(id);
            }
            cluster.runFor(20 * MS);
            final long[] commands = {cluster.submitTo(1), cluster.submitTo(2), cluster.submitTo(3)};
            cluster.runFor(300 * MS + 12 * MS);
            for (final long command : commands) {
                assertThat(cluster.isOpen(command)).isFalse();
            }
            assertThat(cluster.runUntil(() -> cluster.leader() != 0, 2 * SECOND))
                    .as(cluster.statusText())
                    .isTrue();
            cluster.converge();
        }
    }

    @Nested
    class A_member_that_executes_a_thousand_commands_again {
        /** F30: a fast member and one that replays elect nobody for 10 s. */
        @Test
        void does_not_keep_a_member_that_has_executed_them_from_leading() {
            final SimCluster cluster = cluster(16); // the replay is longer than the window
            for (int i = 0; i < COMMANDS; i++) {
                cluster.submitTo(1 + i % 3);
                cluster.runFor(2 * MS);
            }
            cluster.runFor(SECOND);
            final int leader = cluster.leader();
            final int replays = leader % 3 + 1;
            final int fast = replays % 3 + 1;
            cluster.crashKeepingAll(replays).restart(replays);
            cluster.runFor(100 * MS);
            cluster.crash(leader);
            assertThat(cluster.runUntil(() -> cluster.leader() == fast, 200 * MS))
                    .as(cluster.statusText())
                    .isTrue();
            assertThat(cluster.status(replays).appliedThrough())
                    .isLessThan(cluster.status(fast).appliedThrough());
            cluster.restart(leader).converge();
        }
    }
}
