package io.paxos.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.Status;
import io.paxos.testkit.sim.schedule.Situation;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Snapshots of production replicas. Each restart compares what it takes over with the sequence of commands. */
class SnapshotScenarioTest {
    private static final long SECOND = 1_000 * Setup.MILLISECOND;

    private final SimCluster cluster = Setup.of(3).start();

    private void write(final int commands) {
        for (int i = 0; i < commands; i++) {
            assertThat(cluster.runUntil(() -> cluster.leader() != 0, SECOND)).isTrue();
            final long number = cluster.submitTo(cluster.leader());
            assertThat(cluster.runUntil(() -> cluster.isAcknowledged(number), SECOND))
                    .isTrue();
        }
        cluster.converge();
    }

    /** The slot of a new snapshot of this member. */
    private long snapshot(final int id) {
        final CompletableFuture<Long> future = cluster.snapshot(id);
        assertThat(cluster.runUntil(future::isDone, SECOND)).isTrue();
        return future.join();
    }

    private long saw(final Situation situation) {
        return cluster.situations().count(situation);
    }

    /** How many commands the member has executed at once after a restart: those of the snapshot. */
    private int executedAfterRestart(final int id) {
        cluster.crashKeepingAll(id).restart(id);
        return cluster.executed(id).size();
    }

    @Nested
    class A_restart {
        @Test
        void executes_only_what_came_after_the_newest_snapshot() {
            write(50);
            final int before = cluster.executed(2).size();
            assertThat(snapshot(2)).isEqualTo(cluster.status(2).appliedThrough());
            write(20);
            assertThat(executedAfterRestart(2)).isEqualTo(before);
            assertThat(executedAfterRestart(1)).isZero();
            cluster.converge();
            assertThat(cluster.executed(2)).isEqualTo(cluster.executed(3));
        }

        @Test
        void tells_that_it_replays_what_it_knew_to_be_chosen_after_the_snapshot() {
            write(50);
            final long slot = snapshot(2);
            write(20);
            cluster.crashKeepingAll(2).restart(2);
            final Status atStart = cluster.status(2);
            assertThat(atStart.appliedThrough()).isEqualTo(slot);
            assertThat(atStart.replayThrough())
                    .isEqualTo(atStart.chosenThrough())
                    .isGreaterThanOrEqualTo(slot + 19);
            assertThat(atStart.isReplaying()).isTrue();
            write(20);
            assertThat(cluster.status(2).isReplaying()).isFalse();
            assertThat(cluster.replayed(2)).isEqualTo(atStart.replayThrough() - slot);
        }

        @Test
        void uses_the_snapshot_before_if_the_newest_is_damaged_and_the_log_if_both_are() {
            write(10);
            final int first = cluster.executed(2).size();
            snapshot(2);
            write(10);
            snapshot(2);
            cluster.disk(2).damageSnapshot();
            assertThat(executedAfterRestart(2)).isEqualTo(first);
            cluster.converge();
            write(5);
            snapshot(2);
            cluster.disk(2).damageSnapshot();
            cluster.disk(2).damageSnapshot();
            assertThat(executedAfterRestart(2)).isZero();
            cluster.converge();
            assertThat(saw(Situation.DAMAGED_SNAPSHOT_NOTICED)).isGreaterThanOrEqualTo(3);
        }

        @Test
        void of_all_members_at_once_from_snapshots_goes_on_with_the_same_sequence() {
            write(30);
            for (int id = 1; id <= 3; id++) {
                snapshot(id);
            }
            write(3);
            for (int id = 1; id <= 3; id++) {
                cluster.crash(id);
            }
            cluster.heal().converge();
            assertThat(saw(Situation.STARTED_FROM_SNAPSHOT)).isEqualTo(3);
            write(30);
        }
    }

    @Nested
    class A_snapshot {
        @Test
        void that_is_being_written_is_lost_in_a_crash_and_no_other() {
            write(10);
            final int executed = cluster.executed(2).size();
            snapshot(2);
            write(10);
            cluster.disk(2).forceTakes(100 * Setup.MILLISECOND);
            final CompletableFuture<Long> lost = cluster.snapshot(2);
            while (!cluster.status(2).snapshots().startsWith("writing")) {
                cluster.runFor(10 * Setup.MICROSECOND);
            }
            assertThat(executedAfterRestart(2)).isEqualTo(executed);
            assertThat(saw(Situation.SNAPSHOT_LOST_BY_CRASH)).isEqualTo(1);
            assertThat(lost).isNotDone();
            cluster.heal().converge();
        }

        @Test
        void fails_alone_if_the_disk_is_full_and_the_next_one_succeeds() {
            write(10);
            cluster.disk(2).fill();
            final CompletableFuture<Long> future = cluster.snapshot(2);
            assertThat(cluster.runUntil(future::isDone, SECOND)).isTrue();
            assertThatThrownBy(future::join).hasMessageContaining("input/output error");
            assertThat(cluster.isUp(2)).isTrue();
            assertThat(cluster.status(2).snapshots()).startsWith("the last one failed");
            cluster.disk(2).free();
            assertThat(snapshot(2)).isPositive();
        }

        @Test
        void is_not_written_again_if_nothing_was_executed_since() {
            write(10);
            assertThat(snapshot(2)).isEqualTo(snapshot(2));
            assertThat(saw(Situation.SNAPSHOT_TAKEN)).isEqualTo(1);
        }

        @Test
        void has_its_outcome_if_the_replica_stops() {
            write(10);
            final CompletableFuture<Long> future = cluster.snapshot(2);
            cluster.disk(2).failNextWrite();
            cluster.submitTo(cluster.leader());
            cluster.runUntil(() -> !cluster.isUp(2), SECOND);
            assertThat(future).isDone();
        }

        @Test
        void is_written_by_itself_each_time_that_enough_was_executed() {
            final SimCluster byItself = Setup.of(1).snapshotBytes(1_000).start();
            for (int i = 0; i < 200; i++) {
                byItself.submitTo(1);
                byItself.runFor(Setup.MILLISECOND);
            }
            assertThat(byItself.status(1).snapshotSlot()).isPositive();
            assertThat(byItself.situations().count(Situation.SNAPSHOT_TAKEN)).isBetween(3L, 20L);
        }

        @Test
        void of_a_state_machine_without_any_is_refused_and_its_status_says_so() {
            final SimCluster without = Setup.of(1).differing(1).start();
            without.runFor(SECOND / 10);
            final CompletableFuture<Long> future = without.snapshot(1);
            assertThat(without.runUntil(future::isDone, SECOND)).isTrue();
            assertThatThrownBy(future::join).hasMessageContaining("does not implement Snapshotting");
            assertThat(without.status(1).snapshots()).contains("does not implement Snapshotting");
        }
    }
}
