package io.paxos.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.testkit.sim.schedule.Situation;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs that are trimmed behind snapshots. */
class TrimScenarioTest {
    private static final long SECOND = 1_000 * Setup.MILLISECOND;

    private final SimCluster cluster =
            Setup.of(3).snapshotBytes(300).logTailBytes(400).start();

    private void write(final int commands) {
        for (int i = 0; i < commands; i++) {
            assertThat(cluster.runUntil(() -> cluster.leader() != 0, SECOND)).isTrue();
            final long number = cluster.submitTo(cluster.leader());
            assertThat(cluster.runUntil(() -> cluster.isAcknowledged(number), SECOND))
                    .isTrue();
        }
    }

    private long saw(final Situation situation) {
        return cluster.situations().count(situation);
    }

    @Nested
    class A_log {
        @Test
        void is_trimmed_behind_the_newest_snapshot_and_keeps_its_tail() {
            write(200);
            cluster.converge();
            for (int id = 1; id <= 3; id++) {
                assertThat(cluster.status(id).firstSlot())
                        .isBetween(100L, cluster.status(id).snapshotSlot() + 1);
                assertThat(cluster.status(id).logBytes()).isBetween(400L, 4_000L);
            }
            assertThat(saw(Situation.SEGMENT_GIVEN_UP)).isPositive();
        }

        @Test
        void is_not_trimmed_beyond_what_a_member_that_is_away_has_named() {
            write(50);
            cluster.converge();
            final int away = cluster.leader() % 3 + 1;
            final long named = cluster.status(away).chosenThrough();
            cluster.crash(away);
            write(200);
            assertThat(cluster.status(cluster.leader()).firstSlot()).isLessThanOrEqualTo(named + 1);
            cluster.restart(away);
            cluster.converge();
        }

        @Test
        void of_each_member_survives_a_restart_of_all_at_once() {
            write(200);
            for (int id = 1; id <= 3; id++) {
                cluster.crash(id);
            }
            cluster.heal().converge();
            assertThat(saw(Situation.STARTED_FROM_SNAPSHOT)).isGreaterThanOrEqualTo(3);
            write(50);
            cluster.converge();
        }
    }

    @Nested
    class A_member_that_lacks_what_was_trimmed {
        private final SimCluster small = Setup.of(3)
                .snapshotBytes(300)
                .logTailBytes(0)
                .maxLogBytes(1_000)
                .start();

        private void writeTo(final int id, final int commands) {
            for (int i = 0; i < commands; i++) {
                small.submitTo(id);
                small.runFor(Setup.MILLISECOND);
            }
        }

        /** The member is away while the others trim. Returns it; it is down. */
        private int leftBehind() {
            small.converge();
            final int away = small.leader() % 3 + 1;
            small.crash(away);
            writeTo(small.leader(), 300);
            for (int id = 1; id <= 3; id++) {
                assertThat(id == away || small.status(id).firstSlot() > 50).isTrue();
            }
            return away;
        }

        @Test
        void gets_a_snapshot_and_goes_on_from_there() {
            final int away = leftBehind();
            small.restart(away).converge();
            assertThat(small.situations().count(Situation.SNAPSHOT_INSTALLED)).isEqualTo(1);
            assertThat(small.status(away).firstSlot()).isGreaterThan(50);
            assertThat(small.executed(away)).isEqualTo(small.executed(small.leader()));
        }

        /** L12: an installation survives a crash at each step. */
        @Test
        void may_crash_at_each_point_of_its_life() {
            final int away = leftBehind();
            for (int points = 1; points < 120; points++) {
                small.restart(away).crashAfter(away, points);
                small.runUntil(() -> !small.isUp(away), 40 * Setup.MILLISECOND);
                small.crash(away).restart(away); // a log without a bottom would seem to hold what it has never had
                assertThat(small.status(away).firstSlot() > 50
                                || small.status(away).appliedThrough() < 50)
                        .isTrue();
                small.crash(away);
                writeTo(small.leader(), 3);
            }
            small.restart(away).converge();
            assertThat(small.executed(away)).isEqualTo(small.executed(small.leader()));
        }

        @Test
        void gets_it_although_those_that_send_it_crash_in_turn() {
            final int away = leftBehind();
            small.restart(away);
            for (int round = 0; round < 20; round++) {
                final int sender = 1 + (away + round) % 3;
                if (sender != away) {
                    small.runFor(15 * Setup.MILLISECOND).crash(sender).runFor(Setup.MILLISECOND);
                    small.restart(sender);
                }
            }
            small.converge();
            assertThat(small.situations().count(Situation.SNAPSHOT_INSTALLED)).isPositive();
        }

        /** L12: hashicorp/raft #697: each attempt began with the first byte. */
        @ParameterizedTest
        @ValueSource(ints = {0, 1, 2, 3})
        void gets_it_though_the_transfer_is_broken_off_on_either_side_or_between_them(final int way) {
            final int away = leftBehind();
            small.restart(away).transfers().breakOff(way);
            small.converge();
            assertThat(small.situations().count(Situation.SNAPSHOT_INSTALLED)).isEqualTo(1);
            if (way > 1) { // the receiver itself ends its attempt
                assertThat(small.situations().count(Situation.TRANSFER_RESUMED)).isEqualTo(1);
            }
            assertThat(small.executed(away)).isEqualTo(small.executed(small.leader()));
        }

        @Test
        void may_have_lost_all_its_snapshots_too() {
            writeTo(1, 300);
            small.converge();
            small.crash(2);
            small.disk(2).damageSnapshot();
            small.disk(2).damageSnapshot();
            small.restart(2).converge();
            assertThat(small.situations().count(Situation.DAMAGED_SNAPSHOT_NOTICED))
                    .isPositive();
            assertThat(small.executed(2)).isEqualTo(small.executed(3));
        }

        /** Seed 2631061: it waited for ever, because no command came that made the others write a snapshot. */
        @Test
        void gets_it_from_members_that_have_not_yet_written_one() {
            final SimCluster calm = Setup.of(3)
                    .snapshotBytes(1_000_000)
                    .logTailBytes(0)
                    .maxLogBytes(10_000_000)
                    .start();
            for (int i = 0; i < 200; i++) {
                calm.submitTo(2);
                calm.runFor(Setup.MILLISECOND);
            }
            calm.converge();
            final CompletableFuture<Long> snapshot = calm.snapshot(2);
            assertThat(calm.runUntil(snapshot::isDone, SECOND)).isTrue();
            assertThat(calm.runUntil(() -> calm.status(2).firstSlot() > 50, SECOND))
                    .isTrue();
            calm.crash(2);
            calm.disk(2).damageSnapshot();
            calm.restart(2).converge();
            assertThat(calm.executed(2)).isEqualTo(calm.executed(3));
            assertThat(calm.status(1).snapshotSlot() + calm.status(3).snapshotSlot())
                    .isPositive();
        }

        @Test
        void refuses_to_start_if_there_is_no_other_member() {
            final SimCluster alone = Setup.of(1)
                    .snapshotBytes(300)
                    .logTailBytes(0)
                    .maxLogBytes(1_000)
                    .start();
            for (int i = 0; i < 200; i++) {
                alone.submitTo(1);
                alone.runFor(Setup.MILLISECOND);
            }
            alone.crash(1);
            alone.disk(1).damageSnapshot();
            alone.disk(1).damageSnapshot();
            assertThatThrownBy(() -> alone.restart(1))
                    .hasMessageContaining("and no snapshot here reaches it")
                    .hasMessageContaining("Give this replica");
        }
    }

    /** L12: resumed, and not begun anew: hashicorp/raft #697, nebula #1769, phxpaxos #196. */
    @Nested
    class A_part_of_a_snapshot {
        private static final Pattern RECEIVING =
                Pattern.compile("receiving slot (\\d+) from (\\d): (\\d+) of (\\d+) bytes");

        private final SimCluster slow = Setup.of(3)
                .snapshotBytes(300)
                .logTailBytes(0)
                .maxLogBytes(120_000)
                .transferBytesPerSecond(4_000)
                .pendingBytes(4_096)
                .batchBytesMax(456) // no message has more
                .start();

        private int away;
        private long slot; // of the snapshot that is received
        private int sender;

        private void write(final int commands) {
            for (int i = 0; i < commands; i++) {
                if (slow.leader() != 0) { // a leader whose only other member receives a snapshot gives way in the end
                    slow.submitTo(slow.leader());
                }
                slow.runFor(Setup.MILLISECOND / 2);
            }
        }

        /** A member receives a snapshot of 12,408 bytes from a follower, and has so many of them. */
        private void receive(final int bytes) {
            slow.converge();
            away = slow.leader() % 3 + 1;
            slow.crash(away);
            write(1_500);
            slow.restart(away);
            assertThat(slow.runUntil(() -> received() >= bytes, 5 * SECOND)).isTrue();
            final Matcher receiving = receiving();
            slot = Long.parseLong(receiving.group(1));
            sender = Integer.parseInt(receiving.group(2));
        }

        private Matcher receiving() {
            final Matcher matcher = RECEIVING.matcher(slow.status(away).snapshots());
            return matcher.matches() ? matcher : null;
        }

        private long received() {
            final Matcher receiving = receiving();
            return receiving == null ? 0 : Long.parseLong(receiving.group(3));
        }

        private boolean receivesAnother() {
            final Matcher receiving = receiving();
            return receiving != null
                    && (Long.parseLong(receiving.group(1)) != slot || Integer.parseInt(receiving.group(2)) != sender);
        }

        private void requireGoesOn() {
            final boolean hasState =
                    slow.runUntil(() -> receivesAnother() || slow.status(away).appliedThrough() >= slot, 20 * SECOND);
            assertThat(hasState).isTrue();
            assertThat(receivesAnother()).isFalse();
            slow.converge();
        }

        @Test
        void is_of_use_after_its_sender_has_restarted_and_has_written_others() {
            receive(3_000);
            slow.crash(sender).restart(sender);
            slow.network().cutBoth(away, sender); // until it has written two more
            for (int snapshots = 0; snapshots < 2; snapshots++) {
                final long before = slow.status(sender).snapshotSlot();
                final CompletableFuture<Long> next = slow.snapshot(sender);
                write(50);
                assertThat(next).isCompletedWithValueMatching(snapshot -> snapshot > before);
            }
            slow.heal();
            requireGoesOn();
        }

        @Test
        void is_of_use_after_its_sender_was_away_for_more_than_a_hundred_heartbeats() {
            receive(9_000); // which takes more than two seconds
            slow.crash(sender);
            write(3_600);
            slow.restart(sender);
            requireGoesOn();
        }

        @Test
        void is_of_use_after_its_receiver_has_restarted() {
            receive(9_000);
            slow.crashKeepingAll(away).restart(away);
            write(200);
            requireGoesOn();
        }
    }

    @Nested
    class A_budget {
        @Test
        void is_kept_while_commands_go_on() {
            final SimCluster bounded = Setup.of(3)
                    .snapshotBytes(1L << 30)
                    .logTailBytes(200)
                    .maxLogBytes(2_000)
                    .start();
            bounded.runFor(100 * Setup.MILLISECOND);
            long highest = 0;
            for (int i = 0; i < 1_000; i++) {
                bounded.submitTo(bounded.leader());
                bounded.runFor(Setup.MILLISECOND);
                highest = Math.max(highest, bounded.status(bounded.leader()).logBytes());
            }
            assertThat(highest).isBetween(1_000L, 2_500L);
            assertThat(bounded.status(bounded.leader()).appliedThrough()).isGreaterThan(500);
        }
    }
}
