package io.paxos.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.Quorums;
import io.paxos.protocol.Ballot;
import io.paxos.testkit.sim.disk.DiskObserver;
import io.paxos.testkit.sim.disk.RefusedLogException;
import io.paxos.testkit.sim.disk.SimDisk;
import io.paxos.testkit.sim.disk.SimLog;
import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.value.Values;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A loss on a simulated disk is noticed, as by the production log, and the cluster continues without the member. */
class DiskDamageTest {
    private static final UnsafeBuffer VALUE = new UnsafeBuffer("value".getBytes(StandardCharsets.UTF_8));
    private static final long BALLOT = Ballot.of(1, 1);
    private static final int SLOTS = 40;
    private static final long SECOND = 1_000 * Setup.MILLISECOND;

    @Nested
    class A_disk {
        private final EventQueue events = new EventQueue();
        private final Situations situations = new Situations();

        @Test
        void with_a_flipped_bit_gives_no_damaged_value_and_is_refused_when_it_is_opened_again() {
            int noticed = 0;
            for (int seed = 0; seed < 100; seed++) {
                final SimDisk disk = written(seed);
                final SimLog log = disk.open(1024, () -> {});
                disk.flipBit();
                noticed += isNoticed(log) ? 1 : 0;
                disk.crash(true);
                assertThatThrownBy(() -> disk.open(1024, () -> {})).isInstanceOf(RefusedLogException.class);
            }
            assertThat(noticed).isGreaterThan(90); // the other runs damaged the promise, and no read returns that
            assertThat(situations.count(Situation.DAMAGED_VALUE_NOTICED)).isEqualTo(noticed);
            assertThat(situations.count(Situation.DAMAGED_LOG_REFUSED)).isEqualTo(100);
        }

        @Test
        void without_one_of_its_files_is_refused() {
            for (int seed = 0; seed < 100; seed++) {
                final SimDisk disk = written(seed);
                disk.loseFile();
                assertThatThrownBy(() -> disk.open(1024, () -> {})).hasMessageContaining("damaged or missing");
            }
        }

        @Test
        void that_is_an_older_copy_of_itself_is_refused() {
            for (int seed = 0; seed < 100; seed++) {
                final SimDisk disk = written(seed);
                disk.rollBack();
                assertThatThrownBy(() -> disk.open(1024, () -> {})).hasMessageContaining("were durable through");
            }
            assertThat(situations.count(Situation.OLDER_DISK_REFUSED)).isEqualTo(100);
        }

        @Test
        void that_gives_another_record_than_it_was_asked_for_is_not_believed_once_and_is_sound_again() {
            int noticed = 0;
            for (int seed = 0; seed < 100; seed++) {
                final SimDisk disk = written(seed);
                final SimLog log = disk.open(1024, () -> {});
                disk.misdirectNextRead();
                noticed += isNoticed(log) ? 1 : 0;
                disk.crash(true);
                readAll(disk.open(1024, () -> {}));
            }
            assertThat(noticed).isGreaterThan(90); // the other runs returned the right record by chance
        }

        @Test
        void that_is_full_takes_what_it_has_set_aside_and_opens_again_when_there_is_room() {
            final SimDisk disk = written(1);
            final SimLog log = disk.open(1024, () -> {});
            disk.fill();
            assertThat(log.isFull()).isTrue();
            long promised = BALLOT;
            while (log.hasRoomFor(0)) {
                promised = Ballot.above(promised, 2);
                log.promise(promised);
            }
            assertThatThrownBy(() -> {
                        log.promise(Ballot.of(100, 2));
                        log.promise(Ballot.of(101, 2));
                    })
                    .hasMessageContaining("without room");
            disk.crash(true);
            assertThatThrownBy(() -> disk.open(1024, () -> {})).hasMessageContaining("no space");
            disk.free();
            assertThat(disk.open(1024, () -> {}).promised()).isIn(promised, Ballot.of(100, 2));
        }

        @Test
        void that_loses_what_was_not_forced_in_part_and_torn_keeps_a_prefix() {
            for (int seed = 0; seed < 300; seed++) {
                final SimDisk disk = written(seed);
                final SimLog log = disk.open(1024, () -> {});
                for (int slot = SLOTS + 1; slot <= 2 * SLOTS; slot++) {
                    log.accept(BALLOT, slot, 0, VALUE, 0, 5);
                }
                disk.crash(false);
                final SimLog next = disk.open(1024, () -> {});
                readAll(next);
                assertThat(next.lastSlot()).isBetween((long) SLOTS, 2L * SLOTS);
                for (long slot = 1; slot <= 2 * SLOTS; slot++) {
                    assertThat(next.acceptedBallot(slot)).isEqualTo(slot <= next.lastSlot() ? BALLOT : 0);
                }
            }
            assertThat(situations.count(Situation.TORN_TAIL_DROPPED)).isBetween(100L, 200L);
        }

        /** A disk with {@link #SLOTS} durable values. */
        private SimDisk written(final int seed) {
            final SimDisk disk =
                    new SimDisk(1, events, new SimRandom(seed), new Values(), new DiskObserver() {}, situations);
            final SimLog log = disk.open(1024, () -> {});
            log.promise(BALLOT);
            for (int slot = 1; slot <= SLOTS; slot++) {
                log.accept(BALLOT, slot, 0, VALUE, 0, 5);
                log.sync();
            }
            disk.crash(true);
            return disk;
        }

        /** Whether a slot cannot be read. The log stays usable, like the production log. */
        private boolean isNoticed(final SimLog log) {
            try {
                readAll(log);
                return false;
            } catch (final IllegalStateException e) {
                assertThat(log.promised()).isEqualTo(BALLOT);
                return true;
            }
        }

        private void readAll(final SimLog log) {
            log.promised();
            for (long slot = 1; slot <= log.lastSlot(); slot++) {
                log.read(
                        slot,
                        (at, ballot, buffer, offset, length) ->
                                assertThat(length).isEqualTo(5));
            }
        }
    }

    @Nested
    class A_cluster {
        private final SimCluster cluster = Setup.of(3).start();

        @Test
        void goes_on_without_a_member_whose_disk_has_lost_a_file_and_never_lets_it_vote_again() {
            write(60);
            cluster.loseFile(3).restart(3);
            assertThat(cluster.isUp(3)).isFalse();
            write(10);
            cluster.heal().converge();
            assertThat(cluster.isUp(3)).isFalse();
            assertThat(cluster.situations().count(Situation.DAMAGED_LOG_REFUSED))
                    .isPositive();
        }

        @Test
        void refuses_a_member_that_comes_back_with_an_older_disk() {
            write(60);
            cluster.rollBackDisk(2).restart(2);
            assertThat(cluster.isUp(2)).isFalse();
            assertThat(cluster.situations().count(Situation.OLDER_DISK_REFUSED)).isPositive();
            cluster.heal().converge();
        }

        @Test
        void loses_no_more_disks_than_it_can_do_without() {
            write(60);
            cluster.rollBackDisk(1).loseFile(2).loseFile(3);
            assertThat(cluster.isLost(1)).isTrue();
            assertThat(cluster.isUp(2)).isTrue();
            assertThat(cluster.isUp(3)).isTrue();
            cluster.heal().converge();
        }

        @Test
        void stops_a_member_that_reads_a_damaged_value_and_goes_on_without_it() {
            write(60);
            cluster.crash(3);
            write(60);
            final int follower = 3 - cluster.leader(); // a member that was away asks a follower before the leader
            for (int i = 0; i < 200; i++) {
                cluster.flipBit(follower);
            }
            cluster.restart(3); // it needs values that the follower cannot read from its own disk
            assertThat(cluster.runUntil(() -> !cluster.isUp(follower), SECOND)).isTrue();
            assertThat(cluster.situations().count(Situation.DAMAGED_VALUE_NOTICED))
                    .isPositive();
            cluster.heal().converge();
            assertThat(cluster.isUp(follower)).isFalse();
        }

        /** L17: a full disk ended the replica, although nothing was lost. */
        @Test
        void goes_on_without_the_votes_of_a_follower_whose_disk_is_full_and_with_them_when_there_is_room() {
            write(5);
            final int follower = 1 + cluster.leader() % 3;
            cluster.disk(follower).fill();
            write(20);
            assertThat(cluster.situations().count(Situation.NO_ROOM_FOR_VOTE)).isPositive();
            assertThat(cluster.isUp(follower)).isTrue();
            final long refused = cluster.submitTo(follower);
            assertThat(cluster.runUntil(() -> !cluster.isOpen(refused), 20 * Setup.MILLISECOND))
                    .isTrue();
            assertThat(cluster.isAcknowledged(refused)).isFalse();
            cluster.disk(follower).free();
            final long chosen = cluster.status(cluster.leader()).chosenThrough();
            assertThat(cluster.runUntil(() -> cluster.status(follower).chosenThrough() >= chosen, SECOND))
                    .isTrue();
            cluster.heal().converge();
        }

        @Test
        void refuses_new_commands_while_the_disk_of_the_leader_is_full_and_takes_them_again_by_itself() {
            write(5);
            final int leader = cluster.leader();
            cluster.disk(leader).fill();
            final long refused = cluster.submitTo(leader);
            assertThat(cluster.runUntil(() -> !cluster.isOpen(refused), 20 * Setup.MILLISECOND))
                    .isTrue();
            assertThat(cluster.isAcknowledged(refused)).isFalse();
            assertThat(cluster.isUp(leader)).isTrue();
            cluster.runUntil(() -> false, 200 * Setup.MILLISECOND); // the leader tells its followers
            final long forwarded = cluster.submitTo(1 + leader % 3);
            assertThat(cluster.runUntil(() -> !cluster.isOpen(forwarded), 20 * Setup.MILLISECOND))
                    .isTrue();
            assertThat(cluster.isAcknowledged(forwarded)).isFalse();
            cluster.disk(leader).free();
            write(5);
            cluster.heal().converge();
        }

        private void write(final int commands) {
            for (int i = 0; i < commands; i++) {
                assertThat(cluster.runUntil(() -> cluster.leader() != 0, SECOND))
                        .isTrue();
                final long number = cluster.submitTo(cluster.leader());
                assertThat(cluster.runUntil(() -> cluster.isAcknowledged(number), SECOND))
                        .isTrue();
            }
        }
    }

    @Nested
    class The_atlas {
        @Test
        void takes_as_many_disks_as_leave_quorums_of_both_phases() {
            for (int members = 1; members <= 7; members++) {
                for (int phase2 = 1; phase2 <= members; phase2++) {
                    final Quorums quorums = Quorums.flexible(members, members + 1 - phase2, phase2);
                    final FaultAtlas atlas = new FaultAtlas(members, quorums);
                    int taken = 0;
                    for (int id = 1; id <= members; id++) {
                        taken += atlas.takesDisk(id) ? 1 : 0;
                    }
                    assertThat(members - taken).isEqualTo(Math.max(quorums.phase1(), quorums.phase2()));
                    assertThat(atlas.casualtiesLeft()).isZero();
                }
            }
        }

        @Test
        void takes_the_same_disk_again() {
            final FaultAtlas atlas = new FaultAtlas(3, Quorums.majority(3));
            assertThat(atlas.takesDisk(2)).isTrue();
            assertThat(atlas.takesDisk(2)).isTrue();
            assertThat(atlas.takesDisk(1)).isFalse();
            assertThat(atlas.isLost(2)).isTrue();
            assertThat(atlas.isLost(1)).isFalse();
        }
    }
}
