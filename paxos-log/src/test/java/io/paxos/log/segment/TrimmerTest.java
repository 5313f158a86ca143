package io.paxos.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The order in which a trim reaches the disk. */
class TrimmerTest {
    private static final int SEGMENTS = 4;
    private static final int SPARE_BYTES = 1 << 20;

    @TempDir
    Path path;

    private LogDirectory directory;
    private Segments segments;
    private SpareSegments spares;
    private Trimmer trimmer;
    private final List<Path> files = new ArrayList<>();

    /** Segment n begins with record 100 n and holds slots through 10 n. */
    @BeforeEach
    void write() throws IOException {
        directory = LogDirectory.open(new LogSettings(path, 7, 3, 1, 1 << 20, 1000, 0, 0, new Disk()));
        segments = new Segments();
        for (int number = 1; number <= SEGMENTS; number++) {
            final Path file = Files.write(path.resolve("segment" + number), new byte[10]);
            files.add(file);
            segments.add(number, 1, file, 100L * number).noteSlot(10L * number);
        }
        spares = new SpareSegments(directory, SPARE_BYTES, new Disk());
        trimmer = new Trimmer(directory, new Disk(), spares, new Reserve(directory, 1 << 20, new Disk()));
    }

    @AfterEach
    void close() {
        directory.close();
    }

    private void trim(final long throughSlot) {
        final List<Segments.Segment> givenUp = segments.giveUp(throughSlot);
        trimmer.trim(segments.bottom(throughSlot + 1), givenUp);
    }

    private Bottom written() throws IOException {
        return Bottom.read(path, directory.identity().storageId());
    }

    /** Record 300 repeats the promise. A loss of power must not leave a log without it. */
    @Test
    void nothing_is_written_before_the_record_that_repeats_the_promise_is_on_disk() throws IOException {
        trim(25);
        for (final long forced : new long[] {1, 299, 300}) {
            assertThat(trimmer.step(forced)).isZero();
            assertThat(written()).isEqualTo(Bottom.NONE);
            assertThat(files).allMatch(Files::exists);
        }
        assertThat(trimmer.step(301)).isEqualTo(1);
        assertThat(written()).isEqualTo(new Bottom(3, 1, 300, 26));
    }

    @Test
    void one_segment_is_deleted_in_each_step_from_the_oldest_on() throws IOException {
        trim(25);
        assertThat(trimmer.step(1000)).isEqualTo(1);
        assertThat(files).allMatch(Files::exists);
        assertThat(trimmer.step(1000)).isEqualTo(1);
        assertThat(files).element(0).matches(Files::notExists);
        assertThat(files).element(1).matches(Files::exists);
        assertThat(trimmer.step(1000)).isEqualTo(1);
        assertThat(files).element(1).matches(Files::notExists);
        assertThat(trimmer.step(1000)).isZero();
        assertThat(files.subList(2, SEGMENTS)).allMatch(Files::exists);
    }

    /** A force waits for one step at most. */
    @Test
    void a_long_segment_is_deleted_in_slices() throws IOException {
        final long slice = 4 << 20;
        lengthen(files.get(0), 2 * slice + 11);
        spares.close();
        trim(10);
        assertThat(trimmer.step(1000)).isEqualTo(1);
        assertThat(trimmer.step(1000)).isEqualTo(1);
        assertThat(files.get(0)).hasSize(slice + 11);
        assertThat(trimmer.step(1000)).isEqualTo(1);
        assertThat(files.get(0)).hasSize(11);
        assertThat(trimmer.step(1000)).isEqualTo(1);
        assertThat(files.get(0)).doesNotExist();
        assertThat(trimmer.step(1000)).isZero();
    }

    @Test
    void a_segment_that_is_too_long_for_a_spare_one_is_cut_in_slices_and_kept() throws IOException {
        final long slice = 4 << 20;
        lengthen(files.get(0), 2 * slice + 11);
        trim(10);
        assertThat(trimmer.step(1000)).isEqualTo(1);
        assertThat(trimmer.step(1000)).isEqualTo(1);
        assertThat(files.get(0)).hasSize(slice + 11);
        assertThat(trimmer.step(1000)).isEqualTo(1);
        assertThat(files.get(0)).hasSize(SPARE_BYTES);
        assertThat(trimmer.step(1000)).isEqualTo(1);
        assertThat(trimmer.step(1000)).isZero();
        final Path next = path.resolve("next");
        assertThat(spares.take(next, SPARE_BYTES)).isTrue();
        assertThat(next).hasSize(SPARE_BYTES);
    }

    private static void lengthen(final Path file, final long length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), length - 1);
        }
    }

    @Test
    void a_segment_given_up_later_waits_for_a_bottom_of_its_own() throws IOException {
        trim(10);
        assertThat(trimmer.step(1000)).isEqualTo(1);
        trim(30);
        assertThat(trimmer.step(400)).isEqualTo(1);
        assertThat(files).element(0).matches(Files::notExists);
        assertThat(trimmer.step(400)).isZero();
        assertThat(files.subList(1, SEGMENTS)).allMatch(Files::exists);
        while (trimmer.step(401) > 0) {}
        assertThat(written()).isEqualTo(new Bottom(4, 1, 400, 31));
        assertThat(files.subList(0, 3)).allMatch(Files::notExists);
        assertThat(files).element(3).matches(Files::exists);
    }

    @Test
    void the_last_segment_is_never_given_up() {
        trim(1000);
        assertThat(segments.bottom(1001)).isEqualTo(new Bottom(4, 1, 400, 1001));
    }

    @Test
    void a_first_slot_that_frees_no_segment_is_written_at_closing() throws IOException {
        trim(5);
        assertThat(trimmer.step(1000)).isZero();
        assertThat(written()).isEqualTo(Bottom.NONE);
        trimmer.close();
        assertThat(written()).isEqualTo(new Bottom(1, 1, 100, 6));
    }
}
