package io.paxos.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.ManualLog;
import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.protocol.Configuration;
import io.paxos.spi.Handshake;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Who is admitted, who must stop, and who may take part at its first start. */
class MemberHandshakeTest {
    private static final int VALUE_LENGTH_MAX = 1 << 20;
    private static final Pace PACE = new Pace(100_000_000, 3, 128, 1 << 24);
    private static final Members THREE = Members.of(1, 2, 3);

    private final Map<Integer, DiskImage> disks = new HashMap<>();
    private long lastRandom = 1000; // the last number that a disk or an opening drew

    /** What a disk holds, apart from the log that is open on it. A copy shares nothing with its original. */
    private final class DiskImage {
        private final long storageId;
        private final Map<Integer, Long> openings = new HashMap<>();
        private byte[] notes = {};
        private long promised;

        DiskImage() {
            storageId = ++lastRandom;
        }

        private DiskImage(final DiskImage original) {
            storageId = original.storageId;
            openings.putAll(original.openings);
            notes = original.notes;
            promised = original.promised;
        }

        DiskImage copy() {
            return new DiskImage(this);
        }

        DiskLog open() {
            openings.put(openings.size() + 1, ++lastRandom);
            return new DiskLog(this);
        }
    }

    private static final class DiskLog extends ManualLog {
        private final DiskImage disk;
        private final int incarnation;
        private long clusterId;

        DiskLog(final DiskImage disk) {
            this.disk = disk;
            incarnation = disk.openings.size();
        }

        @Override
        public long clusterId() {
            return clusterId;
        }

        @Override
        public long storageId() {
            return disk.storageId;
        }

        @Override
        public int incarnation() {
            return incarnation;
        }

        @Override
        public long openingId(final int openedAs) {
            return disk.openings.getOrDefault(openedAs, 0L);
        }

        @Override
        public byte[] notes() {
            return disk.notes;
        }

        @Override
        public void putNotes(final byte[] notes) {
            disk.notes = notes;
        }

        @Override
        public long promised() {
            return disk.promised;
        }
    }

    /** One life of one member. */
    private static final class Life {
        private final int id;
        private final DiskImage disk;
        private final MemberHandshake handshake;

        Life(final int id, final DiskImage disk, final Settings settings) {
            this.id = id;
            this.disk = disk;
            final DiskLog log = disk.open();
            log.clusterId = settings.logClusterId;
            handshake = new MemberHandshake(
                    new Configuration(1, id, settings.members, settings.quorums),
                    settings.clusterId,
                    0,
                    settings.isBootstrap,
                    settings.valueLengthMax,
                    1,
                    settings.pace,
                    log);
            handshake.carried(true);
        }

        /** What this one thinks of the card of the other; null if it admits it. */
        String admits(final Life other) {
            final byte[] card = other.cardFor(id);
            return handshake.admit(other.id, new UnsafeBuffer(card), 0, card.length);
        }

        String takesMessageOf(final Life other) {
            final byte[] card = other.cardFor(id);
            return handshake.confirm(other.id, new UnsafeBuffer(card), 0, card.length);
        }

        byte[] cardFor(final int peer) {
            final UnsafeBuffer buffer = new UnsafeBuffer(new byte[Handshake.CARD_LENGTH_MAX]);
            final byte[] card = new byte[handshake.card(peer, buffer, 0)];
            buffer.getBytes(0, card);
            return card;
        }
    }

    private static final class Settings {
        private Members members = THREE;
        private Quorums quorums = Quorums.majority(3);
        private long clusterId;
        private long logClusterId;
        private boolean isBootstrap;
        private int valueLengthMax = VALUE_LENGTH_MAX;
        private Pace pace = PACE;

        Settings cluster(final long value) {
            clusterId = value;
            return this;
        }

        Settings clusterOfLog(final long value) {
            logClusterId = value;
            return this;
        }

        Settings bootstrap() {
            isBootstrap = true;
            return this;
        }

        Settings members(final int... ids) {
            members = Members.of(ids);
            quorums = Quorums.majority(ids.length);
            return this;
        }

        Settings quorums(final int phase1, final int phase2) {
            quorums = Quorums.flexible(members.size(), phase1, phase2);
            return this;
        }

        Settings valueLengthMax(final int value) {
            valueLengthMax = value;
            return this;
        }

        Settings pace(final Pace value) {
            pace = value;
            return this;
        }
    }

    private Life start(final int id) {
        return start(id, new Settings());
    }

    private Life start(final int id, final Settings settings) {
        return new Life(id, disks.computeIfAbsent(id, any -> new DiskImage()), settings);
    }

    /** Both see each other's cards, as over two connections. */
    private static void meet(final Life one, final Life other) {
        one.admits(other);
        other.admits(one);
    }

    private static void meet(final List<Life> lives) {
        lives.forEach(one -> lives.stream().filter(other -> other != one).forEach(one::admits));
    }

    /** Three members that have started and have taken messages of each other. */
    private List<Life> cluster() {
        final List<Life> lives = List.of(start(1), start(2), start(3));
        meet(lives);
        lives.forEach(life -> assertThat(life.handshake.tryStart()).isTrue());
        exchange(lives);
        return lives;
    }

    private static void exchange(final List<Life> lives) {
        lives.forEach(one -> lives.stream()
                .filter(other -> other != one)
                .forEach(other -> assertThat(one.takesMessageOf(other)).isNull()));
        lives.forEach(life -> life.disk.promised = 7);
    }

    @Nested
    class The_first_start {
        @Test
        void waits_until_every_member_has_answered_and_says_for_whom() {
            final Life one = start(1);
            final Life two = start(2);
            assertThat(one.handshake.waiting()).contains("not yet: 2, 3").contains("bootstrap()");
            meet(one, two);
            assertThat(one.handshake.tryStart()).isFalse();
            assertThat(one.handshake.isStarted()).isFalse();
            assertThat(one.handshake.waiting()).contains("not yet: 3.");
        }

        @Test
        void of_three_empty_disks_makes_one_id_for_the_cluster() {
            final List<Life> lives = cluster();
            assertThat(lives.stream().map(life -> life.handshake.clusterId()).distinct())
                    .singleElement()
                    .isNotEqualTo(0L);
        }

        @Test
        void of_another_cluster_makes_another_id() {
            final long first = cluster().get(0).handshake.clusterId();
            disks.clear();
            assertThat(cluster().get(0).handshake.clusterId()).isNotEqualTo(first);
        }

        @Test
        void takes_the_id_that_one_member_was_given() {
            final List<Life> lives = List.of(start(1), start(2, new Settings().cluster(42)), start(3));
            meet(lives);
            lives.forEach(life -> assertThat(life.handshake.tryStart()).isTrue());
            assertThat(lives)
                    .allSatisfy(life -> assertThat(life.handshake.clusterId()).isEqualTo(42));
        }

        /** The others may have promised something before the last one has seen all answers. */
        @Test
        void needs_no_empty_disks_of_those_who_know_this_one() {
            final Life one = start(1);
            final Life two = start(2);
            final Life three = start(3);
            meet(List.of(one, two, three));
            one.handshake.tryStart();
            two.handshake.tryStart();
            one.disk.promised = 7;
            meet(List.of(one, two, three));
            assertThat(three.handshake.tryStart()).isTrue();
            assertThat(three.handshake.clusterId()).isEqualTo(one.handshake.clusterId());
        }

        @Test
        void waits_for_ever_if_another_one_has_data_and_does_not_know_this_disk() {
            final Life one = start(1, new Settings().cluster(42).bootstrap());
            final Life two = start(2, new Settings().cluster(42).bootstrap());
            exchange(List.of(one, two));
            final Life three = start(3);
            meet(List.of(one, two, three));
            assertThat(three.handshake.tryStart()).isFalse();
            assertThat(three.handshake.waiting())
                    .contains("replica 1 has started before and does not know this log")
                    .contains("its directory was lost: leave it stopped");
        }

        @Test
        void need_not_wait_if_it_is_said_to_be_one() {
            final Life one = start(1, new Settings().cluster(42).bootstrap());
            assertThat(one.handshake.isStarted()).isTrue();
            assertThat(one.handshake.clusterId()).isEqualTo(42);
        }

        @Test
        void that_is_said_to_be_one_needs_the_id_of_the_cluster() {
            assertThatThrownBy(() -> start(1, new Settings().bootstrap()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bootstrap() needs clusterId");
        }

        @Test
        void of_one_member_waits_for_nobody() {
            final Life one = start(1, new Settings().members(1));
            assertThat(one.handshake.isStarted()).isTrue();
            assertThat(one.handshake.clusterId()).isNotZero();
        }

        @Test
        void of_a_log_with_data_and_without_notes_is_none() {
            disks.put(1, new DiskImage());
            disks.get(1).promised = 7;
            assertThat(start(1, new Settings().clusterOfLog(42)).handshake.isStarted())
                    .isTrue();
        }

        @Test
        void happens_once() {
            cluster();
            assertThat(start(1).handshake.isStarted()).isTrue();
        }

        @Test
        void needs_no_answers_where_the_transport_cannot_ask() {
            final Life one = start(1);
            one.handshake.carried(false);
            assertThat(one.handshake.isStarted()).isTrue();
        }
    }

    @Nested
    class A_disk {
        /** F3: the directory was emptied, and two members went on without what was acknowledged. */
        @Test
        void that_was_emptied_is_refused_and_stops() {
            final Life one = cluster().get(0);
            disks.put(3, new DiskImage());
            final Life emptied = start(3);
            assertThat(one.admits(emptied)).contains("its messages came from disk");
            assertThat(emptied.admits(one)).contains("the directory is empty, or another one");
            assertThat(emptied.handshake.isStarted()).isFalse();
            assertThatThrownBy(emptied.handshake::requireSound)
                    .hasMessageContaining("takes no part")
                    .hasMessageContaining("leave it stopped, the others go on");
        }

        @Test
        void that_was_emptied_is_refused_although_its_start_is_said_to_be_the_first() {
            final List<Life> lives = cluster();
            disks.put(3, new DiskImage());
            final Life emptied = start(
                    3,
                    new Settings().cluster(lives.get(0).handshake.clusterId()).bootstrap());
            assertThat(lives.get(0).admits(emptied)).contains("its messages came from disk");
        }

        @Test
        void that_is_restarted_is_admitted() {
            final Life one = cluster().get(0);
            for (int i = 0; i < 3; i++) {
                final Life again = start(3);
                assertThat(one.takesMessageOf(again)).isNull();
                assertThat(again.takesMessageOf(one)).isNull();
            }
        }

        @Test
        void of_another_member_is_refused_at_the_start() {
            cluster();
            disks.put(3, disks.get(2));
            assertThatThrownBy(() -> start(3))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("its log belongs to replica 2");
        }

        /** F17: the restored copy is older than what the others had messages from. */
        @Test
        void that_is_an_older_copy_is_refused_and_never_starts_again() {
            final Life one = cluster().get(0);
            final DiskImage older = disks.get(3).copy();
            one.takesMessageOf(start(3));
            disks.put(3, older);
            final Life copy = start(3);
            assertThat(one.admits(copy)).contains("an older copy");
            assertThat(copy.admits(one)).contains("an older copy");
            assertThatThrownBy(copy.handshake::requireSound).hasMessageContaining("takes no part");
            assertThatThrownBy(() -> start(3)).hasMessageContaining("this log must not be used any more");
        }

        /** The copy was opened so often that its incarnation is higher than the one that is remembered. */
        @Test
        void that_is_an_older_copy_finds_out_by_the_number_of_the_opening() {
            final Life one = cluster().get(0);
            final DiskImage older = disks.get(3).copy();
            one.takesMessageOf(start(3));
            disks.put(3, older);
            older.open();
            older.open();
            final Life copy = start(3);
            assertThat(one.admits(copy))
                    .as("nothing that member 1 remembers speaks against it")
                    .isNull();
            assertThat(copy.admits(one)).contains("an older copy");
            assertThatThrownBy(copy.handshake::requireSound).isInstanceOf(IllegalStateException.class);
        }

        /** A refused process must not be remembered: the right one could not come back. */
        @Test
        void that_only_said_hello_is_not_remembered() {
            final Life one = cluster().get(0);
            final DiskImage right = disks.get(3);
            disks.put(3, right.copy());
            final Life copy = start(3);
            one.admits(copy);
            disks.put(3, right);
            assertThat(one.takesMessageOf(start(3))).isNull();
        }

        @Test
        void that_is_remembered_is_remembered_after_a_restart() {
            cluster();
            final Life one = start(1);
            disks.put(3, new DiskImage());
            assertThat(one.admits(start(3))).contains("its messages came from disk");
        }
    }

    @Nested
    class What_must_agree {
        /** F15: one wrong address, and a cluster executed the commands of another one. */
        @Test
        void is_the_cluster() {
            final Life one = start(1, new Settings().cluster(42).bootstrap());
            final Life two = start(2, new Settings().cluster(43).bootstrap());
            assertThat(one.admits(two)).contains("cluster 42 here, cluster 43 there");
            assertThat(two.admits(one)).contains("cluster 43 here, cluster 42 there");
        }

        /** F15: a log of another cluster. */
        @Test
        void is_the_cluster_of_builder_and_log() {
            assertThatThrownBy(() -> start(1, new Settings().cluster(42).clusterOfLog(43)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("42")
                    .hasMessageContaining("43 by the log");
        }

        @Test
        void is_the_cluster_of_builder_and_notes() {
            cluster();
            assertThatThrownBy(() -> start(1, new Settings().cluster(42)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("42 by builder, transport and log");
        }

        /** F4, F16: a list of members that differs. */
        @Test
        void is_who_votes() {
            final Life one = start(1);
            final Life two = start(2, new Settings().members(2, 3, 4));
            assertThat(one.admits(two)).contains("members: 1,2,3 at replica 1, 2,3,4 at replica 2");
            assertThat(two.admits(one)).contains("replica 1 is not member 1 of 2,3,4");
        }

        /** F4: one of five had other quorums, and two values were chosen for one slot. */
        @Test
        void is_what_makes_a_quorum() {
            final Life one = start(1);
            final Life two = start(2, new Settings().quorums(3, 1));
            assertThat(one.admits(two)).contains("quorums: 2+2 of 3 at replica 1, 3+1 of 3 at replica 2");
            assertThat(two.admits(one)).contains("quorums: 3+1 of 3 at replica 2, 2+2 of 3 at replica 1");
        }

        /** F5, F31: the leader took longer values than the others. */
        @Test
        void is_how_long_a_value_may_be() {
            final Life one = start(1);
            final Life two = start(2, new Settings().valueLengthMax(64 << 10));
            assertThat(one.admits(two)).contains("1048576 bytes at replica 1, 65536 bytes at replica 2");
        }

        /** F16: stopped, members edited, started. */
        @Test
        void is_what_the_log_has_seen() {
            cluster();
            assertThatThrownBy(() -> start(2, new Settings().members(2, 3, 4)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("members: 1,2,3 in the log, 2,3,4 given now");
            assertThatThrownBy(() -> start(1, new Settings().members(1)))
                    .hasMessageContaining("members: 1,2,3 in the log, 1 given now");
            assertThatThrownBy(() -> start(1, new Settings().quorums(3, 1))).hasMessageContaining("quorums: 2+2");
        }

        @Test
        void may_take_longer_values_later_and_no_shorter_ones() {
            cluster();
            assertThatThrownBy(() -> start(1, new Settings().valueLengthMax(VALUE_LENGTH_MAX - 1)))
                    .hasMessageContaining("raise valueLengthMax");
            assertThat(start(1, new Settings().valueLengthMax(2 * VALUE_LENGTH_MAX))
                            .handshake
                            .isStarted())
                    .isTrue();
            assertThatThrownBy(() -> start(1)).hasMessageContaining("raise valueLengthMax");
        }
    }

    @Nested
    class What_may_differ {
        /** F10: windows of 1, 4 and 16 times 8 slots: all members were slow, and no line said why. */
        @Test
        void is_the_pace_but_it_slows_nobody_in_silence() {
            final Life one = start(1);
            final Life two = start(2, new Settings().pace(new Pace(100_000_000, 3, 8, 1 << 24)));
            assertThat(linesLoggedBy(() -> assertThat(one.admits(two)).isNull()))
                    .contains("WARN")
                    .contains("replica 1 has other settings than replica 2")
                    .containsSubsequence("windowSlots=128 ", " here, ", "windowSlots=8 ", " there");
            assertThat(linesLoggedBy(() -> one.admits(two)))
                    .as("the same again")
                    .isEmpty();
            assertThat(linesLoggedBy(() -> one.admits(start(3)))).as("equal").isEmpty();
        }

        private String linesLoggedBy(final Runnable action) {
            final PrintStream before = System.err;
            final ByteArrayOutputStream written = new ByteArrayOutputStream();
            System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
            try {
                action.run();
            } finally {
                System.setErr(before);
            }
            return written.toString(StandardCharsets.UTF_8);
        }
    }

    @Nested
    class A_card {
        @Test
        void that_is_empty_or_garbled_is_refused_in_one_line() {
            final Life one = start(1);
            final byte[] card = start(2).cardFor(1);
            assertThat(one.handshake.admit(2, new UnsafeBuffer(card), 0, 0)).contains("tells nothing");
            for (int length = 1; length < card.length; length++) {
                assertThat(one.handshake.admit(2, new UnsafeBuffer(card), 0, length))
                        .contains("cannot be read here")
                        .doesNotContain("\n");
            }
        }

        @Test
        void of_another_id_is_refused() {
            final Life one = start(1);
            final byte[] card = start(2).cardFor(1);
            assertThat(one.handshake.admit(3, new UnsafeBuffer(card), 0, card.length))
                    .contains("replica 2 is not member 3");
        }

        @Test
        void of_a_member_before_its_first_start_brings_no_message() {
            final Life one = start(1, new Settings().cluster(42).bootstrap());
            final Life two = start(2);
            assertThat(one.admits(two)).isNull();
            assertThat(one.takesMessageOf(two)).contains("before its first start");
        }
    }

    @Test
    void damaged_notes_refuse_the_log() {
        cluster();
        disks.get(1).notes[9] ^= 1;
        assertThatThrownBy(() -> start(1)).hasMessageContaining("damaged").hasMessageContaining("checksum");
    }
}
