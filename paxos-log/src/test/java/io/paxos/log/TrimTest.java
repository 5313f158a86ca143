package io.paxos.log;

import static io.paxos.log.Logs.accept;
import static io.paxos.log.Logs.read;
import static io.paxos.log.Logs.segments;
import static io.paxos.log.Logs.small;
import static io.paxos.log.Logs.syncAndWait;
import static io.paxos.log.Logs.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.log.segment.FaultyDisk;
import io.paxos.log.segment.Frames;
import io.paxos.log.segment.SteppedDisk;
import io.paxos.spi.AcceptorLog.ReadResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log forgets trimmed slots at once, gives their segments back to the disk, and keeps all else, whatever fails. */
class TrimTest {
    private static final int SLOTS = 12_000; // about eleven segments
    private static final long DEADLINE_S = 20;

    @TempDir
    Path temporary;

    private final SteppedDisk disk = new SteppedDisk();
    private Path directory;

    private ChronicleLog open() {
        directory = temporary.resolve("log");
        return small(directory).disk(disk).open();
    }

    /** A log with a promise in its first segment, and values in ballot 5 in slots 1 to {@link #SLOTS}, durable. */
    private ChronicleLog written() {
        final ChronicleLog log = open();
        log.promise(9);
        for (int slot = 1; slot <= SLOTS; slot++) {
            accept(log, 5, slot);
        }
        syncAndWait(log);
        return log;
    }

    private static void requireFrom(final ChronicleLog log, final long firstSlot) {
        assertThat(log.promised()).isEqualTo(9);
        assertThat(log.firstSlot()).isEqualTo(firstSlot);
        assertThat(log.chosenThrough()).isGreaterThanOrEqualTo(firstSlot - 1);
        assertThat(log.lastSlot()).isEqualTo(SLOTS);
        for (long slot = 1; slot <= SLOTS; slot++) {
            final boolean isTrimmed = slot < firstSlot;
            assertThat(log.acceptedBallot(slot)).isEqualTo(isTrimmed ? 0 : 5);
            assertThat(read(log, slot)).isEqualTo(isTrimmed ? null : value(5, slot));
        }
    }

    static void await(final BooleanSupplier isReached) {
        final long deadlineNs = System.nanoTime() + DEADLINE_S * 1_000_000_000;
        while (!isReached.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadlineNs);
            LockSupport.parkNanos(50_000);
        }
    }

    private int segmentCount() {
        try {
            return segments(directory).size();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private long usedKilobytes() {
        try {
            final Process du = new ProcessBuilder("du", "-sk", directory.toString()).start();
            final String told = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return Long.parseLong(told.substring(0, told.indexOf('\t')));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** L14: a trimmed slot is told from one in which nothing was accepted. */
    @Test
    void a_trimmed_slot_is_forgotten_at_once_while_the_disk_hangs() throws InterruptedException {
        final FaultyDisk frozen = new FaultyDisk();
        directory = temporary.resolve("frozen");
        try (ChronicleLog log = small(directory).disk(frozen).open()) {
            log.promise(9);
            for (int slot = 1; slot <= SLOTS; slot++) {
                accept(log, 5, slot);
            }
            frozen.freeze();
            log.sync();
            frozen.awaitFrozenForce();
            final int before = segmentCount();
            log.trim(8000);
            requireFrom(log, 8001);
            assertThat(log.read(8000, (slot, ballot, buffer, offset, length) -> {}))
                    .isEqualTo(ReadResult.TRIMMED);
            assertThat(log.read(SLOTS + 1L, (slot, ballot, buffer, offset, length) -> {}))
                    .isEqualTo(ReadResult.ABSENT);
            assertThat(segmentCount()).isEqualTo(before);
            frozen.thaw();
            await(() -> segmentCount() < before);
        }
    }

    @Test
    void the_first_slot_is_the_same_after_closing_though_no_segment_was_given_up() {
        try (ChronicleLog log = written()) {
            log.trim(7);
        }
        try (ChronicleLog log = open()) {
            requireFrom(log, 8);
        }
    }

    @Test
    void a_slot_above_all_values_can_be_trimmed() {
        try (ChronicleLog log = written()) {
            log.trim(SLOTS + 1000L);
            assertThat(log.firstSlot()).isEqualTo(SLOTS + 1001L);
            accept(log, 5, SLOTS + 1001L);
        }
        for (int opening = 0; opening < 2; opening++) {
            try (ChronicleLog log = open()) {
                assertThat(log.firstSlot()).isEqualTo(SLOTS + 1001L);
                assertThat(log.chosenThrough()).isEqualTo(SLOTS + 1000L);
                assertThat(log.lastSlot()).isEqualTo(SLOTS + 1001L);
                assertThat(log.promised()).isEqualTo(9);
            }
        }
        assertThat(segmentCount()).isLessThanOrEqualTo(3);
    }

    @Test
    void the_space_of_whole_segments_is_given_back() {
        try (ChronicleLog log = written()) {
            final long kilobytesBefore = usedKilobytes();
            final long bytesBefore = log.bytes();
            log.trim(10_000);
            assertThat(log.bytes()).isLessThan(bytesBefore * 2 / 5);
            await(() -> usedKilobytes() < kilobytesBefore / 2);
        }
    }

    @Test
    void a_log_that_is_trimmed_as_it_grows_does_not_grow() throws IOException {
        try (ChronicleLog log = open()) {
            log.promise(9);
            long bytesMax = 0;
            for (int slot = 1; slot <= 5 * SLOTS; slot++) {
                accept(log, 5, slot);
                if (slot % 500 == 0) {
                    syncAndWait(log);
                    log.trim(slot - 300L);
                    bytesMax = Math.max(bytesMax, log.bytes());
                }
            }
            assertThat(bytesMax).isLessThan(3L * Logs.SEGMENT_BYTES);
            await(() -> segmentCount() <= 5);
        }
        try (ChronicleLog log = open()) {
            assertThat(log.firstSlot()).isEqualTo(5L * SLOTS - 299);
            assertThat(log.promised()).isEqualTo(9);
            assertThat(read(log, 5L * SLOTS - 299)).isEqualTo(value(5, 5L * SLOTS - 299));
        }
    }

    @Test
    void a_trim_point_frees_a_segment_and_keeps_what_is_to_stay() {
        try (ChronicleLog log = written()) {
            final long all = log.bytes();
            for (long keep = all; keep >= 0; keep -= Logs.SEGMENT_BYTES) {
                final long first = log.firstSlot();
                final long before = log.bytes();
                final long point = log.trimPoint(SLOTS, keep);
                assertThat(log.trimPoint(first - 1, keep)).isEqualTo(first - 1);
                log.trim(point);
                assertThat(log.bytes()).isGreaterThanOrEqualTo(keep);
                if (point >= first) {
                    assertThat(log.bytes()).isLessThan(before);
                } else {
                    assertThat(point).isEqualTo(first - 1);
                }
                assertThat(log.trimPoint(SLOTS, keep)).isEqualTo(log.firstSlot() - 1);
            }
            assertThat(log.firstSlot()).isBetween(SLOTS / 2L, (long) SLOTS);
        }
    }

    /** The promise for all slots was made in the first segment. A candidate that it excludes stays excluded. */
    @Test
    void a_promise_survives_the_segment_that_held_it() {
        try (ChronicleLog log = written()) {
            final int before = segmentCount();
            log.trim(10_000);
            await(() -> segmentCount() < before);
        }
        for (int opening = 0; opening < 3; opening++) {
            try (ChronicleLog log = open()) {
                requireFrom(log, 10_001);
            }
        }
    }

    @Test
    void after_a_crash_at_any_step_of_a_trim_every_higher_slot_and_the_promise_are_there() throws IOException {
        final List<Path> images = new ArrayList<>();
        final List<String> steps = new ArrayList<>();
        try (ChronicleLog log = written()) {
            final int before = segmentCount();
            disk.observe((kind, file) -> {
                final Path image = temporary.resolve("image" + images.size());
                Logs.copy(directory, image);
                steps.add(kind + " " + (file == null ? "" : file.getFileName()));
                images.add(image);
            });
            log.trim(log.trimPoint(5000, 0)); // four, of which two wait to be used again
            await(() -> segmentCount() <= before - 2);
            log.trim(log.trimPoint(8000, 0));
            await(() -> segmentCount() <= before - 4);
        }
        disk.observe((kind, file) -> {});
        assertThat(steps).contains("WRITE ", "FORCE BOTTOM.new", "RENAME BOTTOM", "FORCE_DIRECTORY log");
        assertThat(steps.stream().filter(step -> step.startsWith("DELETE"))).hasSizeGreaterThanOrEqualTo(3);
        for (int i = 0; i < images.size(); i++) {
            final Path image = images.get(i);
            for (int opening = 0; opening < 2; opening++) {
                try (ChronicleLog log = small(image).open()) {
                    assertThat(log.firstSlot()).as(steps.get(i)).isLessThanOrEqualTo(8001);
                    requireFrom(log, log.firstSlot());
                }
            }
        }
    }

    @Test
    void a_segment_that_a_crash_left_below_the_bottom_is_deleted_by_the_next_opening_whatever_is_in_it()
            throws IOException {
        final List<Path> before;
        try (ChronicleLog log = written()) {
            before = segments(directory);
            log.trim(10_000);
        }
        final Path first = before.get(0);
        assertThat(first).doesNotExist();
        Files.write(first, new byte[10_000]);
        try (ChronicleLog log = open()) {
            requireFrom(log, 10_001);
            assertThat(first).doesNotExist();
        }
    }

    @Nested
    class A_disk_that_fails {
        @Test
        void costs_space_and_nothing_else_if_the_bottom_cannot_be_written_and_the_next_trim_tries_again() {
            try (ChronicleLog log = written()) {
                final int before = segmentCount();
                disk.fail(SteppedDisk.Kind.RENAME, "BOTTOM");
                log.trim(8000);
                accept(log, 5, SLOTS + 1L);
                syncAndWait(log);
                accept(log, 5, SLOTS + 2L);
                syncAndWait(log);
                assertThat(segmentCount()).isEqualTo(before);
                disk.mend();
                log.trim(8001);
                await(() -> segmentCount() < before);
            }
            try (ChronicleLog log = open()) {
                assertThat(log.firstSlot()).isEqualTo(8002);
                assertThat(log.lastSlot()).isEqualTo(SLOTS + 2L);
            }
        }

        @Test
        void costs_space_and_nothing_else_if_a_segment_cannot_be_deleted() {
            try (ChronicleLog log = written()) {
                final int before = segmentCount();
                disk.fail(SteppedDisk.Kind.DELETE, ".cq4");
                log.trim(8000);
                await(() -> Files.exists(directory.resolve("BOTTOM")));
                accept(log, 5, SLOTS + 1L);
                syncAndWait(log);
                assertThat(segmentCount()).isEqualTo(before);
                disk.mend();
                log.trim(8001);
                await(() -> segmentCount() < before);
            }
        }

        @Test
        void stops_the_log_if_the_bottom_cannot_be_forced() {
            try (ChronicleLog log = written()) {
                final int before = segmentCount();
                disk.fail(SteppedDisk.Kind.FORCE, "BOTTOM");
                log.trim(8000);
                assertThatThrownBy(() -> await(() -> log.sync() < 0))
                        .isInstanceOf(LogException.class)
                        .hasMessageContaining("BOTTOM.new failed");
                assertThat(segmentCount()).isEqualTo(before);
            }
            disk.mend();
            try (ChronicleLog log = open()) {
                requireFrom(log, log.firstSlot());
            }
        }

        @Test
        void stops_the_log_if_the_name_of_the_bottom_cannot_be_forced() {
            try (ChronicleLog log = written()) {
                final int before = segmentCount();
                disk.fail(SteppedDisk.Kind.FORCE_DIRECTORY, "log");
                log.trim(8000);
                assertThatThrownBy(() -> await(() -> log.sync() < 0))
                        .isInstanceOf(LogException.class)
                        .hasMessageContaining("nothing was deleted");
                assertThat(segmentCount()).isEqualTo(before);
            }
        }
    }

    @Nested
    class The_file_BOTTOM {
        private List<Path> all;
        private byte[] older;

        private void writtenAndTrimmed() throws IOException {
            try (ChronicleLog log = written()) {
                all = segments(directory);
                log.trim(log.trimPoint(4000, 0));
                await(() -> segmentCount() < all.size());
                older = Files.readAllBytes(directory.resolve("BOTTOM"));
                log.trim(10_000);
            }
        }

        private void requireRefused(final String... told) {
            for (int attempt = 1; attempt <= 2; attempt++) {
                assertThatThrownBy(() -> open())
                        .isInstanceOf(LogException.class)
                        .hasMessageContainingAll(told)
                        .hasMessageEndingWith("leave this replica stopped: the others go on without it")
                        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
            }
        }

        @Test
        void refuses_the_log_by_name_if_any_bit_of_it_is_wrong() throws IOException {
            writtenAndTrimmed();
            final Path bottom = directory.resolve("BOTTOM");
            for (int at = 0; at < Files.size(bottom); at++) {
                Frames.flip(bottom, at, at % 8);
                requireRefused(bottom + " is damaged");
                Frames.flip(bottom, at, at % 8);
            }
            Files.write(bottom, new byte[0]);
            requireRefused(bottom + " is damaged");
        }

        @Test
        void is_missed_by_name_of_the_first_segment() throws IOException {
            writtenAndTrimmed();
            Files.delete(directory.resolve("BOTTOM"));
            requireRefused("segment 19700102F.cq4 to ", " are missing in ");
        }

        @Test
        void that_is_older_than_the_segments_is_refused() throws IOException {
            writtenAndTrimmed();
            Files.write(directory.resolve("BOTTOM"), older);
            requireRefused(" missing in ", "before " + segments(directory).get(0));
        }

        @Test
        void that_is_of_another_log_is_refused() throws IOException {
            writtenAndTrimmed();
            final Path other = temporary.resolve("other");
            small(other).open().close();
            Files.copy(directory.resolve("BOTTOM"), other.resolve("BOTTOM"));
            assertThatThrownBy(() -> small(other).open())
                    .isInstanceOf(LogException.class)
                    .hasMessageContaining("belongs to another log");
        }

        @Test
        void names_the_segment_that_is_missed_if_it_is_the_first_or_all_are_gone() throws IOException {
            writtenAndTrimmed();
            final List<Path> left = segments(directory);
            final byte[] first = Files.readAllBytes(left.get(0));
            Files.delete(left.get(0));
            requireRefused("segment " + left.get(0).getFileName() + " is missing in ");
            for (final Path segment : left.subList(1, left.size())) {
                Files.delete(segment);
            }
            requireRefused("segment " + left.get(0).getFileName() + " is missing in ");
            Files.write(left.get(0), first, StandardOpenOption.CREATE);
            requireRefused("missing");
        }
    }
}
