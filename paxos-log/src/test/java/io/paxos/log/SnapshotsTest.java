package io.paxos.log;

import static io.paxos.log.Logs.small;
import static io.paxos.log.SnapshotLogs.CHUNK_BYTES;
import static io.paxos.log.SnapshotLogs.await;
import static io.paxos.log.SnapshotLogs.content;
import static io.paxos.log.SnapshotLogs.file;
import static io.paxos.log.SnapshotLogs.files;
import static io.paxos.log.SnapshotLogs.read;
import static io.paxos.log.SnapshotLogs.writeDurably;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.spi.SnapshotStore.Input;
import io.paxos.spi.SnapshotStore.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Snapshots beside a log: what was written is read, the newest two stay, and nothing waits for the disk. */
class SnapshotsTest {
    private static final int ROOM_BYTES = 8 * CHUNK_BYTES;

    @TempDir
    Path directory;

    private final SnapshotDisk disk = new SnapshotDisk();

    private ChronicleLog open() {
        return small(directory).disk(disk).open();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES})
    void a_snapshot_of_any_length_is_read_as_it_was_written(final int length) {
        final byte[] content = content(7, length);
        try (ChronicleLog log = open()) {
            assertThat(log.snapshots().isAvailable()).isTrue();
            writeDurably(log, 7, content);
            assertThat(log.snapshots().slots()).containsExactly(7);
            assertThat(read(log, 7)).isEqualTo(content);
        }
        try (ChronicleLog log = open()) {
            assertThat(log.snapshots().slots()).containsExactly(7);
            assertThat(read(log, 7)).isEqualTo(content);
        }
    }

    @Test
    void slices_of_any_size_come_back_in_slices_of_any_other() {
        final long seed = 20_14;
        final Random random = new Random(seed);
        final byte[] content = content(3, (9 << 20) + 12_345);
        try (ChronicleLog log = open()) {
            final Semaphore woken = new Semaphore(0);
            final Output output = log.snapshots().begin(3, woken::release);
            for (int at = 0; at < content.length; ) {
                final int length = Math.min(random.nextInt(700_000), content.length - at);
                output.write(new UnsafeBuffer(content), at, length);
                at += length;
            }
            output.finish();
            assertThat(await(output, woken).failure()).isNull();
            final byte[] found = new byte[content.length];
            try (Input input = log.snapshots().open(3)) {
                assertThat(input.length()).isEqualTo(content.length);
                for (int at = 0; at < found.length; ) {
                    final int length = 1 + random.nextInt(Math.min(700_000, found.length - at));
                    final int read = input.read(new UnsafeBuffer(found), at, length);
                    assertThat(read).as("seed %s", seed).isBetween(1, length);
                    at += read;
                }
                assertThat(input.read(new UnsafeBuffer(found), 0, 1)).isEqualTo(-1);
                assertThat(input.read(new UnsafeBuffer(found), 0, 1)).isEqualTo(-1);
            }
            assertThat(found).as("seed %s", seed).isEqualTo(content);
        }
    }

    @Test
    void reading_begins_at_any_byte_that_is_sought() {
        final long seed = 14_14;
        final Random random = new Random(seed);
        final byte[] content = content(3, 3 * CHUNK_BYTES + 12_345);
        try (ChronicleLog log = open()) {
            writeDurably(log, 3, content);
            try (Input input = log.snapshots().open(3)) {
                final UnsafeBuffer buffer = new UnsafeBuffer(new byte[CHUNK_BYTES]);
                for (int round = 0; round < 300; round++) {
                    final int position = round < 5
                            ? round == 4 ? content.length : round * CHUNK_BYTES
                            : random.nextInt(content.length + 1);
                    input.seek(position);
                    final int read = input.read(buffer, 0, 1 + random.nextInt(CHUNK_BYTES));
                    final int part = Math.max(0, read);
                    assertThat(read).as("seed %s position %s", seed, position).isNotZero();
                    assertThat(read == -1).isEqualTo(position == content.length);
                    assertThat(Arrays.equals(content, position, position + part, buffer.byteArray(), 0, part))
                            .as("seed %s position %s", seed, position)
                            .isTrue();
                }
                input.seek(0);
                assertThatThrownBy(() -> input.seek(-1)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> input.seek(content.length + 1L)).isInstanceOf(IllegalArgumentException.class);
                assertThat(input.read(buffer, 0, CHUNK_BYTES)).isEqualTo(CHUNK_BYTES);
                assertThat(buffer.byteArray()).isEqualTo(Arrays.copyOf(content, CHUNK_BYTES));
            }
        }
    }

    @Test
    void the_newest_two_are_kept_over_openings() throws IOException {
        for (int slot = 1; slot <= 5; slot++) {
            try (ChronicleLog log = open()) {
                writeDurably(log, slot * 10L, content(slot, 1000));
                writeDurably(log, slot * 10L + 5, content(slot, 2000));
                assertThat(log.snapshots().slots()).containsExactly(slot * 10L + 5, slot * 10L);
                assertThat(files(directory)).hasSize(2);
            }
        }
        try (ChronicleLog log = open()) {
            assertThat(log.snapshots().slots()).containsExactly(55, 50);
            assertThat(read(log, 55)).isEqualTo(content(5, 2000));
            assertThat(read(log, 50)).isEqualTo(content(5, 1000));
        }
    }

    @Test
    void a_snapshot_that_is_being_read_stays_until_one_is_written_behind_its_last_reader() {
        final byte[] content = content(1, 3 * CHUNK_BYTES);
        try (ChronicleLog log = open()) {
            writeDurably(log, 1, content);
            try (Input input = log.snapshots().open(1)) {
                writeDurably(log, 2, content);
                writeDurably(log, 3, content);
                assertThat(file(directory, 1)).exists();
                final UnsafeBuffer buffer = new UnsafeBuffer(new byte[CHUNK_BYTES]);
                for (int chunk = 0; chunk < 3; chunk++) {
                    assertThat(input.read(buffer, 0, CHUNK_BYTES)).isEqualTo(CHUNK_BYTES);
                }
                assertThat(input.read(buffer, 0, 1)).isEqualTo(-1);
            }
            writeDurably(log, 4, content);
            assertThat(file(directory, 1)).doesNotExist();
            assertThat(log.snapshots().slots()).containsExactly(4, 3);
        }
    }

    @Test
    void a_snapshot_does_not_exist_before_it_is_durable() {
        disk.freeze();
        try (ChronicleLog log = open()) {
            final Semaphore woken = new Semaphore(0);
            final Output output = log.snapshots().begin(9, woken::release);
            output.write(new UnsafeBuffer(new byte[10]), 0, 10);
            assertThat(output.state()).isEqualTo(Output.State.WRITING);
            output.finish();
            assertThat(output.state()).isEqualTo(Output.State.FINISHING);
            assertThat(log.snapshots().slots()).isEmpty();
            assertThatThrownBy(() -> log.snapshots().begin(10, () -> {})).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(output::finish).isInstanceOf(IllegalStateException.class);
            disk.thaw(3); // header, chunk, trailer
            assertThat(await(output, woken).state()).isEqualTo(Output.State.DURABLE);
            assertThat(log.snapshots().slots()).containsExactly(9);
        }
    }

    @Test
    void room_goes_down_to_nothing_while_the_disk_is_slow_and_comes_back() {
        final byte[] content = content(9, ROOM_BYTES);
        disk.freeze();
        try (ChronicleLog log = open()) {
            final Semaphore woken = new Semaphore(0);
            final Output output = log.snapshots().begin(9, woken::release);
            assertThat(output.room()).isEqualTo(ROOM_BYTES);
            output.write(new UnsafeBuffer(content), 0, 1000);
            assertThat(output.room()).isEqualTo(ROOM_BYTES - 1000);
            output.write(new UnsafeBuffer(content), 1000, ROOM_BYTES - 1000);
            assertThat(output.room()).isZero();
            assertThat(woken.availablePermits()).isZero();
            disk.thaw(2); // the header and one chunk
            await(woken);
            assertThat(output.room()).isEqualTo(CHUNK_BYTES);
            output.write(new UnsafeBuffer(content), 0, 2 * CHUNK_BYTES); // more than there is room for
            assertThat(output.room()).isEqualTo(-CHUNK_BYTES);
            for (int chunk = 0; chunk < 9; chunk++) {
                disk.thaw(1);
                await(woken);
            }
            assertThat(output.room()).isEqualTo(ROOM_BYTES);
            output.finish();
            disk.thaw(1);
            assertThat(await(output, woken).state()).isEqualTo(Output.State.DURABLE);
            assertThat(read(log, 9)).hasSize(ROOM_BYTES + 2 * CHUNK_BYTES);
        }
    }

    @Test
    void a_snapshot_that_was_given_up_leaves_nothing_and_makes_place_for_the_next() throws IOException {
        disk.freeze();
        try (ChronicleLog log = open()) {
            final Semaphore woken = new Semaphore(0);
            final Output output = log.snapshots().begin(9, woken::release);
            output.write(new UnsafeBuffer(content(9, 1 << 20)), 0, 1 << 20);
            output.abandon();
            output.write(new UnsafeBuffer(new byte[10]), 0, 10); // goes nowhere
            final Output next = log.snapshots().begin(9, woken::release);
            next.write(new UnsafeBuffer(content(9, 100)), 0, 100);
            next.finish();
            disk.thaw(100);
            assertThat(await(output, woken).state()).isEqualTo(Output.State.FAILED);
            assertThat(output.failure()).contains("slot 9", "given up");
            assertThat(await(next, woken).failure()).isNull();
            next.abandon(); // too late, so nothing happens
            assertThat(files(directory))
                    .containsExactly(file(directory, 9).getFileName().toString());
            assertThat(read(log, 9)).isEqualTo(content(9, 100));
        }
    }

    @Test
    void closing_the_log_gives_up_a_snapshot_and_waits_for_its_thread() throws IOException {
        final Output[] outputs = new Output[2];
        for (int round = 0; round < 2; round++) {
            final ChronicleLog log = open();
            if (round == 0) {
                writeDurably(log, 5, content(5, 100));
            }
            outputs[round] = log.snapshots().begin(9, () -> {});
            outputs[round].write(new UnsafeBuffer(content(9, 1 << 20)), 0, 1 << 20);
            log.close();
            assertThat(outputs[round].state()).isEqualTo(Output.State.FAILED);
            assertThat(files(directory))
                    .containsExactly(file(directory, 5).getFileName().toString());
            assertThat(Thread.getAllStackTraces().keySet().stream().map(Thread::getName))
                    .doesNotContain("paxos-snapshot-" + Logs.REPLICA);
            assertThatThrownBy(() -> log.snapshots().begin(10, () -> {})).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void what_a_crash_left_of_an_unfinished_snapshot_is_deleted() throws IOException {
        try (ChronicleLog log = open()) {
            writeDurably(log, 5, content(5, 100));
        }
        final Path left = Path.of(file(directory, 9) + ".tmp");
        final Path other = SnapshotLogs.directory(directory).resolve("snapshot-12");
        Files.write(left, content(9, 1000));
        Files.write(other, content(9, 1000));
        Files.createDirectory(file(directory, 77));
        try (ChronicleLog log = open()) {
            assertThat(left).doesNotExist();
            assertThat(other).exists(); // not ours
            assertThat(log.snapshots().slots()).containsExactly(5);
            Files.write(left, content(9, 1000));
            writeDurably(log, 8, content(8, 10));
            assertThat(left).doesNotExist();
        }
    }

    @Test
    void a_slot_must_be_above_the_newest_snapshot() {
        try (ChronicleLog log = open()) {
            assertThatThrownBy(() -> log.snapshots().begin(0, () -> {})).isInstanceOf(IllegalArgumentException.class);
            writeDurably(log, 5, content(5, 100));
            assertThatThrownBy(() -> log.snapshots().begin(5, () -> {})).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> log.snapshots().open(4))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(file(directory, 4) + " does not exist. There is no snapshot before it");
        }
    }

    @Test
    void a_log_whose_snapshots_are_not_in_a_directory_is_refused_in_one_line() throws IOException {
        open().close();
        Files.createFile(SnapshotLogs.directory(directory));
        assertThatThrownBy(this::open)
                .isInstanceOf(LogException.class)
                .hasMessageContaining(SnapshotLogs.directory(directory) + " is a file, not a directory");
    }
}
