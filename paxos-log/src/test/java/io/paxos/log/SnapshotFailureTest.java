package io.paxos.log;

import static io.paxos.log.Logs.accept;
import static io.paxos.log.Logs.readString;
import static io.paxos.log.Logs.small;
import static io.paxos.log.Logs.syncAndWait;
import static io.paxos.log.SnapshotLogs.CHUNK_BYTES;
import static io.paxos.log.SnapshotLogs.content;
import static io.paxos.log.SnapshotLogs.file;
import static io.paxos.log.SnapshotLogs.files;
import static io.paxos.log.SnapshotLogs.read;
import static io.paxos.log.SnapshotLogs.write;
import static io.paxos.log.SnapshotLogs.writeDurably;
import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.spi.SnapshotStore.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot that fails leaves the older ones and the log as they are, and says why. */
class SnapshotFailureTest {
    /** Three chunks, the last one short. */
    private static final byte[] CONTENT = content(30, 2 * CHUNK_BYTES + 5);

    @TempDir
    Path temporary;

    private final SnapshotDisk disk = new SnapshotDisk();

    private ChronicleLog open(final Path directory) {
        return small(directory).disk(disk).open();
    }

    @Test
    void a_failed_write_or_force_or_rename_leaves_the_older_ones_and_says_why() throws IOException {
        final List<String> steps = steps();
        assertThat(steps)
                .containsExactly(
                        "write", // header
                        "write",
                        "write",
                        "write",
                        "write", // trailer
                        "force",
                        "rename",
                        "force directory",
                        "delete");
        for (int step = 0; step < steps.indexOf("delete"); step++) {
            requireFails(steps.get(step), step, step);
            requireFails(steps.get(step), step, Integer.MAX_VALUE);
        }
    }

    /** The operations of a snapshot when there are two before it. */
    private List<String> steps() {
        try (ChronicleLog log = open(temporary.resolve("steps"))) {
            writeDurably(log, 10, content(10, 100));
            writeDurably(log, 20, content(20, 100));
            disk.fail(Integer.MAX_VALUE, Integer.MAX_VALUE);
            writeDurably(log, 30, CONTENT);
            return disk.steps();
        }
    }

    private void requireFails(final String step, final int first, final int last) throws IOException {
        final Path directory = temporary.resolve(first + "-" + last);
        try (ChronicleLog log = open(directory)) {
            writeDurably(log, 10, content(10, 100));
            writeDurably(log, 20, content(20, 100));
            disk.fail(first, last);
            final Output output = write(log, 30, CONTENT);
            disk.fail(Integer.MAX_VALUE, Integer.MAX_VALUE);
            assertThat(output.state()).as(step).isEqualTo(Output.State.FAILED);
            assertThat(output.failure())
                    .as(step)
                    .startsWith("the snapshot of slot 30 cannot be written to " + SnapshotLogs.directory(directory)
                            + ": java.io.IOException: Input/output error (injected): check the disk."
                            + " The log goes on, and older snapshots stay")
                    .hasLineCount(1);
            assertThat(log.snapshots().slots()).containsExactly(20, 10);
            requireOlder(log);
            if (first == last) {
                assertThat(files(directory)).as(step).hasSize(2);
            } else {
                assertThat(output.failure()).endsWith("cannot be deleted either (Input/output error (injected))");
            }
            accept(log, 5, 1, "one");
            syncAndWait(log);
            writeDurably(log, 40, CONTENT);
            assertThat(read(log, 40)).isEqualTo(CONTENT);
        }
        try (ChronicleLog log = open(directory)) {
            assertThat(readString(log, 1)).isEqualTo("one");
            assertThat(log.snapshots().slots()).startsWith(40);
            assertThat(read(log, 40)).isEqualTo(CONTENT);
        }
    }

    private static void requireOlder(final ChronicleLog log) {
        assertThat(read(log, 20)).isEqualTo(content(20, 100));
        assertThat(read(log, 10)).isEqualTo(content(10, 100));
    }

    @Test
    void an_old_snapshot_that_cannot_be_deleted_does_not_harm_the_new_one() throws IOException {
        final int delete = steps().indexOf("delete");
        final Path directory = temporary.resolve("log");
        try (ChronicleLog log = open(directory)) {
            writeDurably(log, 10, content(10, 100));
            writeDurably(log, 20, content(20, 100));
            disk.fail(delete, delete);
            writeDurably(log, 30, CONTENT);
            assertThat(log.snapshots().slots()).containsExactly(30, 20, 10);
            writeDurably(log, 40, CONTENT);
            assertThat(log.snapshots().slots()).containsExactly(40, 30);
            assertThat(files(directory)).hasSize(2);
        }
    }

    /** The failed force of a part is as bad as that of the whole: the kernel reports it once. */
    @Test
    void a_failed_force_in_the_middle_is_the_end_of_a_snapshot() {
        try (ChronicleLog log = open(temporary.resolve("log"))) {
            writeDurably(log, 10, content(10, 100));
            disk.fail(Integer.MAX_VALUE, Integer.MAX_VALUE);
            writeDurably(log, 20, content(20, 17 * CHUNK_BYTES));
            final int force = disk.steps().indexOf("force");
            assertThat(force).isLessThan(disk.steps().indexOf("rename") - 2);
            disk.fail(force, force);
            assertThat(write(log, 30, content(30, 17 * CHUNK_BYTES)).failure()).contains("Input/output error");
            assertThat(log.snapshots().slots()).containsExactly(20, 10);
        }
    }

    @Test
    void a_full_disk_says_so() {
        disk.reason("No space left on device");
        try (ChronicleLog log = open(temporary.resolve("log"))) {
            disk.fail(2, 2);
            assertThat(write(log, 30, CONTENT).failure()).contains(": No space left on device: free disk space. The");
        }
    }

    /** Decision 0037: space is for records first. */
    @Test
    void a_snapshot_leaves_the_space_of_a_segment_to_the_log() throws IOException {
        final Path directory = temporary.resolve("log");
        disk.usableBytes(Logs.SEGMENT_BYTES + CHUNK_BYTES);
        try (ChronicleLog log = open(directory)) {
            final Output output = write(log, 30, CONTENT);
            assertThat(output.failure())
                    .contains(
                            "has " + (Logs.SEGMENT_BYTES + CHUNK_BYTES) + " bytes left",
                            "the log keeps " + Logs.SEGMENT_BYTES,
                            "free disk space");
            assertThat(files(directory)).isEmpty();
            disk.usableBytes(Logs.SEGMENT_BYTES + 2 * CHUNK_BYTES);
            writeDurably(log, 30, CONTENT);
        }
    }

    @Test
    void a_failed_attempt_in_the_place_of_a_refused_snapshot_leaves_its_file() throws IOException {
        final Path directory = temporary.resolve("log");
        try (ChronicleLog log = open(directory)) {
            writeDurably(log, 10, content(10, 100));
            writeDurably(log, 20, content(20, 100));
            Files.write(file(directory, 20), new byte[7]);
            try {
                read(log, 20);
                throw new AssertionError("not refused");
            } catch (IllegalStateException e) {
                assertThat(e).hasMessageContaining("7 bytes");
            }
            disk.fail(3, 3);
            assertThat(write(log, 20, CONTENT).state()).isEqualTo(Output.State.FAILED);
            assertThat(file(directory, 20)).hasSize(7);
            writeDurably(log, 20, CONTENT);
            assertThat(read(log, 20)).isEqualTo(CONTENT);
            assertThat(log.snapshots().slots()).containsExactly(20, 10);
        }
    }

    @Test
    void nothing_is_written_into_a_directory_that_took_the_place_of_the_log() throws IOException {
        final Path directory = temporary.resolve("log");
        final ChronicleLog log = open(directory);
        writeDurably(log, 10, content(10, 100));
        Files.move(directory, temporary.resolve("moved"));
        final Output output = write(log, 20, CONTENT);
        assertThat(output.failure()).contains("was moved, replaced or emptied").hasLineCount(1);
        assertThat(directory).doesNotExist();
        Files.move(temporary.resolve("moved"), directory);
        assertThat(files(directory)).hasSize(1);
        log.close();
    }
}
