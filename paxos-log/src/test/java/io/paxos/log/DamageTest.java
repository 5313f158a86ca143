package io.paxos.log;

import static io.paxos.log.Logs.accept;
import static io.paxos.log.Logs.read;
import static io.paxos.log.Logs.small;
import static io.paxos.log.Logs.syncAndWait;
import static io.paxos.log.Logs.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.log.segment.FaultyDisk;
import io.paxos.log.segment.Frames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damage is noticed and named, and never repaired in silence. Only records that were never durable are dropped. */
class DamageTest {
    @TempDir
    Path temporary;

    private Path directory;
    private long storageId;

    /** A log that was closed: slots 1..n, in as many segments as they need. */
    private void closedLog(final int slots) {
        directory = temporary.resolve("closed");
        try (ChronicleLog log = small(directory).open()) {
            storageId = log.storageId();
            log.promise(5);
            for (int slot = 1; slot <= slots; slot++) {
                accept(log, 5, slot);
            }
        }
    }

    /** The files of a log after the machine died: slots 1..10 were synced, 11..13 were not. */
    private void crashedLog() throws IOException {
        final Path original = temporary.resolve("original");
        directory = temporary.resolve("crashed");
        final FaultyDisk disk = new FaultyDisk();
        try (ChronicleLog log = small(original).disk(disk).open()) {
            storageId = log.storageId();
            for (int slot = 1; slot <= 10; slot++) {
                accept(log, 5, slot);
            }
            syncAndWait(log);
            disk.freeze();
            for (int slot = 11; slot <= 13; slot++) {
                accept(log, 5, slot);
            }
            log.sync(); // writes them
            Logs.copy(original, directory);
            disk.thaw();
        }
    }

    private void damage(final int slot) throws IOException {
        final Frames.Place place = Frames.ofSlot(directory, storageId, slot);
        Frames.flip(place.file(), place.offset() + place.length() - 1L, 3);
    }

    private void requireSlots(final ChronicleLog log, final int slots) {
        assertThat(log.lastSlot()).isEqualTo(slots);
        for (int slot = 1; slot <= slots; slot++) {
            assertThat(read(log, slot)).isEqualTo(value(5, slot));
        }
    }

    private void requireRefused(final String... told) {
        for (int attempt = 1; attempt <= 2; attempt++) {
            assertThatThrownBy(() -> small(directory).open())
                    .isInstanceOf(LogException.class)
                    .hasMessageContainingAll(told)
                    .hasMessageNotContainingAny("restore", "copy", "rejoin")
                    .hasMessageEndingWith("leave this replica stopped: the others go on without it");
        }
    }

    /** Opens a log and prints that it did, behind what the log had to say. */
    static final class Opener {
        private Opener() {}

        public static void main(final String[] arguments) {
            small(Path.of(arguments[0])).open().close();
            System.out.println("opened");
        }
    }

    @Nested
    class Never_durable {
        @Test
        void a_whole_tail_is_kept() throws IOException {
            crashedLog();
            try (ChronicleLog log = small(directory).open()) {
                requireSlots(log, 13);
            }
        }

        /** L14: camunda #6098, rabbitmq #10808: only a tail that was never durable may be cut. */
        @Test
        void a_torn_last_record_is_dropped() throws IOException {
            crashedLog();
            damage(13);
            requireDroppedBehind(12);
        }

        /** L3: openraft, io_ordering.md: a record is not kept without the records that were written before it. */
        @Test
        void what_follows_a_torn_record_is_dropped_with_it_and_never_comes_back() throws IOException {
            crashedLog();
            damage(12);
            requireDroppedBehind(11);
        }

        @Test
        void a_record_without_chronicles_header_counts_if_it_is_whole() throws IOException {
            crashedLog();
            final Frames.Place place = Frames.ofSlot(directory, storageId, 13);
            Frames.overwrite(place.file(), place.offset() - 4L, new byte[4]);
            try (ChronicleLog log = small(directory).open()) {
                requireSlots(log, 13);
            }
        }

        @Test
        void a_tail_cut_off_at_a_record_is_gone() throws IOException {
            crashedLog();
            final Frames.Place place = Frames.ofSlot(directory, storageId, 12);
            Frames.truncate(place.file(), place.offset() - 4L);
            requireDroppedBehind(11);
        }

        /** F46: a truncated log started and said that what was missing had never been durable. */
        @Test
        void what_is_dropped_is_told_with_file_and_record_and_that_its_loss_cannot_be_judged() throws IOException {
            crashedLog();
            final Frames.Place place = Frames.ofSlot(directory, storageId, 12);
            Frames.truncate(place.file(), place.offset() - 4L);
            final String told = ChildJvm.output(ChildJvm.start(Opener.class, directory.toString()));
            assertThat(told)
                    .contains("nothing can be read behind offset " + (place.offset() - 4) + " of " + place.file())
                    .contains("so record " + place.sequence() + " and those behind it are dropped")
                    .contains("covers the records through ")
                    .contains("cannot be told")
                    .doesNotContain("never durable")
                    .endsWith("opened\n");
            assertThat(ChildJvm.output(ChildJvm.start(Opener.class, directory.toString())))
                    .doesNotContain("dropped")
                    .endsWith("opened\n");
        }

        /** A replica that lost its power twelve times kept the zeros of a prepared segment each time. */
        @ParameterizedTest
        @ValueSource(ints = {11, 12, 13})
        void zeros_behind_a_torn_record_take_no_space_after_a_restart(final int torn) throws IOException {
            crashedLog();
            damage(torn);
            final Path segment = Logs.segments(directory).get(0);
            final byte[] before = Files.readAllBytes(segment);
            small(directory).open().close();
            final byte[] after = Files.readAllBytes(segment);
            assertThat(after.length).isLessThan(before.length / 2);
            assertThat(Arrays.copyOf(after, before.length)).isEqualTo(before);
            requireDroppedBehind(torn - 1);
        }

        private void requireDroppedBehind(final int slots) {
            try (ChronicleLog log = small(directory).open()) {
                requireSlots(log, slots);
                assertThat(log.acceptedBallot(slots + 1)).isZero();
            }
            try (ChronicleLog log = small(directory).open()) {
                requireSlots(log, slots);
                accept(log, 5, slots + 1L);
            }
            try (ChronicleLog log = small(directory).open()) {
                requireSlots(log, slots + 1);
            }
        }
    }

    @Nested
    class Once_durable {
        /**
         * L15: jgroups-raft, LogIntegrity; ra #299: the failure names file and offset, also at the next start.
         */
        @Test
        void a_damaged_record_refuses_the_log_and_is_named() throws IOException {
            closedLog(20);
            damage(7);
            requireRefused(Frames.of(directory, storageId).get(0).file().toString(), "slot 7", "offset");
        }

        @Test
        void a_damaged_last_record_refuses_the_log() throws IOException {
            closedLog(20);
            damage(20);
            requireRefused(".cq4", "slot 20");
        }

        /** L14: openraft #1795: a record that cannot be read is not the end of the log. */
        @Test
        void later_records_show_that_an_earlier_one_was_durable() throws IOException {
            crashedLog();
            damage(10);
            requireRefused(".cq4", "slot 10");
        }

        /** L14: camunda #6098, openraft #1795: an end that looks clean is not the end. */
        @Test
        void a_file_cut_off_exactly_at_a_record_refuses_the_log() throws IOException {
            closedLog(20);
            final Frames.Place place = Frames.ofSlot(directory, storageId, 15);
            Frames.truncate(place.file(), place.offset() - 4L);
            requireRefused(place.file().toString());
        }

        @ParameterizedTest
        @ValueSource(longs = {0, 4096})
        void a_damaged_half_of_the_watermark_does_not_hide_that_the_last_record_is_gone(final long half)
                throws IOException {
            closedLog(20);
            final Frames.Place place = Frames.ofSlot(directory, storageId, 20);
            Frames.truncate(place.file(), place.offset() - 4L);
            Frames.flip(directory.resolve("WATERMARK"), half + 48, 0);
            requireRefused(place.file().toString());
        }

        @Test
        void a_lost_last_segment_refuses_the_log() throws IOException {
            closedLog(5000);
            final List<Path> files = Logs.segments(directory);
            Files.delete(files.get(files.size() - 1));
            requireRefused(files.get(files.size() - 2).toString());
        }

        /** F46: a deleted segment was refused without its name. */
        @Test
        void a_missing_segment_is_named_wherever_it_was() throws IOException {
            closedLog(5000);
            final List<Path> files = Logs.segments(directory);
            for (final Path file : files) {
                final Path away = Files.move(file, temporary.resolve("away"));
                requireRefused("segment " + file.getFileName() + " is missing in " + file.getParent());
                Files.move(away, file);
            }
            small(directory).open().close();
        }

        /** F46: here the directory of a whole opening is gone, or of two. */
        @Test
        void missing_segments_of_missing_directories_are_named() throws IOException {
            closedLog(20);
            small(directory).open().close();
            small(directory).open().close();
            final Path third = Files.move(directory.resolve("00000003"), temporary.resolve("third"));
            requireRefused("segment 19700104F.cq4 is missing in " + directory.resolve("00000003"));
            final Path second = Files.move(directory.resolve("00000002"), temporary.resolve("second"));
            requireRefused(
                    "segment 19700103F.cq4 is missing in " + directory.resolve("00000002")
                            + " or a directory up to 00000003",
                    "behind " + Logs.segments(directory).get(0));
            Files.move(third, directory.resolve("00000003"));
            requireRefused("segment 19700103F.cq4 is missing in " + directory.resolve("00000001")
                    + " or a directory up to 00000003");
            Files.move(second, directory.resolve("00000002"));
            small(directory).open().close();
        }

        @Test
        void a_lost_segment_in_the_middle_refuses_the_log() throws IOException {
            closedLog(5000);
            final List<Path> files = Logs.segments(directory);
            Files.delete(files.get(2));
            requireRefused(files.get(1).toString(), files.get(3).toString(), "missing");
        }

        /** L16: tigerbeetle #2767, sofa-jraft #954: an emptied disk is not an empty log. */
        @Test
        void the_loss_of_all_segments_refuses_the_log() throws IOException {
            closedLog(20);
            for (final Path file : Logs.segments(directory)) {
                Files.delete(file);
            }
            requireRefused(directory.toString());
        }

        @Test
        void an_empty_first_segment_refuses_the_log() throws IOException {
            closedLog(5000);
            Frames.truncate(Logs.segments(directory).get(0), 0);
            requireRefused(Logs.segments(directory).get(0).toString());
        }

        /** L16: aeron #1533, rabbitmq #15725: each record carries the storage id that its log got when it was made. */
        @Test
        void a_segment_of_another_log_refuses_the_log() throws IOException {
            closedLog(5000);
            final Path mine = Logs.segments(directory).get(1);
            final Path other = temporary.resolve("other");
            try (ChronicleLog log = small(other).open()) {
                for (int slot = 1; slot <= 5000; slot++) {
                    accept(log, 5, slot);
                }
            }
            Files.write(mine, Files.readAllBytes(Logs.segments(other).get(1)));
            requireRefused(Logs.segments(directory).get(2).toString());
        }

        @Test
        void damage_to_what_only_chronicle_needs_harms_nothing() throws IOException {
            closedLog(5000);
            for (final Path file : Logs.segments(directory)) {
                Frames.overwrite(file, 0, new byte[60_000]);
            }
            try (ChronicleLog log = small(directory).open()) {
                requireSlots(log, 5000);
            }
        }

        /**
         * L14, L15: openraft #1795, ra #299: one bad record is an error of its own kind, and can be replaced by a good
         * copy.
         */
        @Test
        void a_record_damaged_while_the_log_is_open_is_refused_when_read_and_others_are_not() throws IOException {
            closedLog(20);
            try (ChronicleLog log = small(directory).open()) {
                damage(7);
                assertThatThrownBy(() -> read(log, 7))
                        .isInstanceOf(LogException.class)
                        .hasMessageContainingAll("slot 7", ".cq4", "offset", "another replica");
                assertThat(read(log, 8)).isEqualTo(value(5, 8));
                accept(log, 6, 7, value(6, 7));
                assertThat(read(log, 7)).isEqualTo(value(6, 7));
            }
        }

        /** F20: a value in a page that is no longer there raised a signal when it was read through a mapping. */
        @Test
        void a_value_that_cannot_be_read_is_one_clear_line_and_others_can_be_read() throws IOException {
            closedLog(200);
            final Frames.Place place = Frames.ofSlot(directory, storageId, 190);
            try (ChronicleLog log = small(directory).open()) {
                Frames.truncate(place.file(), place.offset() - 4L);
                assertThatThrownBy(() -> read(log, 190))
                        .isInstanceOf(LogException.class)
                        .hasMessageContainingAll("slot 190", place.file().toString(), "offset", "another replica");
                assertThat(read(log, 189)).isEqualTo(value(5, 189));
                accept(log, 6, 190, value(6, 190));
                assertThat(read(log, 190)).isEqualTo(value(6, 190));
            }
        }
    }

    @Nested
    class The_watermark {
        @Test
        void is_good_with_one_sound_slot() throws IOException {
            for (int slot = 0; slot < 2; slot++) {
                temporary = Files.createTempDirectory(temporary, "slot");
                closedLog(20);
                Frames.flip(directory.resolve("WATERMARK"), slot * 4096L + 50, 1);
                try (ChronicleLog log = small(directory).open()) {
                    requireSlots(log, 20);
                }
            }
        }

        @Test
        void refuses_the_log_if_it_is_damaged_twice() throws IOException {
            closedLog(20);
            Frames.flip(directory.resolve("WATERMARK"), 50, 1);
            Frames.flip(directory.resolve("WATERMARK"), 4096 + 50, 1);
            requireRefused("WATERMARK", "damaged");
        }

        /** L16: tigerbeetle #2767: a replica that cannot know what is missing does not start. */
        @Test
        void refuses_the_log_if_it_is_gone() throws IOException {
            closedLog(20);
            Files.delete(directory.resolve("WATERMARK"));
            requireRefused("WATERMARK", "missing");
        }
    }
}
