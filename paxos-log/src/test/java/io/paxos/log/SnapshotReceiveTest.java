package io.paxos.log;

import static io.paxos.log.Logs.small;
import static io.paxos.log.SnapshotLogs.CHUNK_BYTES;
import static io.paxos.log.SnapshotLogs.await;
import static io.paxos.log.SnapshotLogs.content;
import static io.paxos.log.SnapshotLogs.file;
import static io.paxos.log.SnapshotLogs.files;
import static io.paxos.log.SnapshotLogs.part;
import static io.paxos.log.SnapshotLogs.read;
import static io.paxos.log.SnapshotLogs.receive;
import static io.paxos.log.SnapshotLogs.receiveRest;
import static io.paxos.log.SnapshotLogs.writeDurably;
import static io.paxos.log.SnapshotLogs.writeThrough;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.spi.SnapshotStore.Input;
import io.paxos.spi.SnapshotStore.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.concurrent.Semaphore;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A snapshot that another replica sends goes on where it ended, and no byte of anything else gets into it. */
class SnapshotReceiveTest {
    private static final long SLOT = 70;
    private static final long ID = 0x5EED_0014L;
    private static final int HEADER_BYTES = 40;
    private static final int STRIDE = 8 + CHUNK_BYTES;

    /** 19 chunks, the last one short: the first force covers 16. */
    private static final byte[] CONTENT = content(SLOT, 18 * CHUNK_BYTES + 5);

    @TempDir
    Path temporary;

    private final SnapshotDisk disk = new SnapshotDisk();

    private Path log(final String name) {
        return temporary.resolve(name);
    }

    private ChronicleLog open(final Path directory) {
        return small(directory).disk(disk).open();
    }

    /** Receives this many bytes, and closes the log. */
    private void receiveUntil(final Path directory, final int limit) {
        try (ChronicleLog log = open(directory)) {
            final Semaphore woken = new Semaphore(0);
            writeThrough(receive(log, SLOT, ID, woken), CONTENT, limit, woken);
        }
    }

    @Test
    void a_received_snapshot_has_the_slot_the_id_and_the_bytes_of_its_sender_and_can_be_sent_on() {
        try (ChronicleLog sender = open(log("sender"));
                ChronicleLog second = open(log("second"));
                ChronicleLog third = open(log("third"))) {
            writeDurably(sender, SLOT, CONTENT);
            final long id = id(sender);
            assertThat(receiveRest(second, SLOT, id, read(sender, SLOT))).isZero();
            final Semaphore woken = new Semaphore(0);
            final Output output = receive(third, SLOT, id, woken);
            writeThrough(output, read(sender, SLOT), 3 * CHUNK_BYTES, woken);
            output.abandon();
            assertThat(receiveRest(third, SLOT, id, read(second, SLOT))).isEqualTo(3 * CHUNK_BYTES);
            for (final ChronicleLog log : new ChronicleLog[] {second, third}) {
                assertThat(log.snapshots().slots()).containsExactly(SLOT);
                assertThat(id(log)).isEqualTo(id);
                assertThat(read(log, SLOT)).isEqualTo(CONTENT);
            }
        }
    }

    @Test
    void each_snapshot_that_is_written_has_an_id_of_its_own() {
        try (ChronicleLog one = open(log("one"));
                ChronicleLog two = open(log("two"))) {
            writeDurably(one, SLOT, CONTENT);
            writeDurably(two, SLOT, CONTENT);
            assertThat(id(one)).isNotEqualTo(id(two));
        }
    }

    private static long id(final ChronicleLog log) {
        try (Input input = log.snapshots().open(SLOT)) {
            return input.id();
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0,
                1,
                CHUNK_BYTES - 1,
                CHUNK_BYTES,
                CHUNK_BYTES + 1,
                2 * CHUNK_BYTES,
                15 * CHUNK_BYTES + 7,
                16 * CHUNK_BYTES,
                17 * CHUNK_BYTES + 7,
                18 * CHUNK_BYTES,
                18 * CHUNK_BYTES + 5
            })
    void whole_chunks_that_were_received_are_there_after_an_opening(final int limit) throws IOException {
        final Path directory = log("log");
        receiveUntil(directory, limit);
        for (int opening = 0; opening < 2; opening++) {
            try (ChronicleLog log = open(directory)) {
                assertThat(log.snapshots().slots()).isEmpty();
                assertThat(log.snapshots().unfinishedSlot()).isEqualTo(SLOT);
                assertThat(log.snapshots().unfinishedId()).isEqualTo(ID);
                assertThat(receive(log, SLOT, ID, new Semaphore(0)).length()).isEqualTo(wholeChunks(limit));
            }
        }
        try (ChronicleLog log = open(directory)) {
            assertThat(receiveRest(log, SLOT, ID, CONTENT)).isEqualTo(wholeChunks(limit));
            requireComplete(log, directory);
        }
        try (ChronicleLog log = open(directory)) {
            requireComplete(log, directory);
        }
    }

    private static long wholeChunks(final int limit) {
        return (long) limit - limit % CHUNK_BYTES;
    }

    private static void requireComplete(final ChronicleLog log, final Path directory) throws IOException {
        assertThat(read(log, SLOT)).isEqualTo(CONTENT);
        assertThat(log.snapshots().unfinishedSlot()).isZero();
        assertThat(log.snapshots().unfinishedId()).isZero();
        assertThat(files(directory))
                .containsExactly(file(directory, SLOT).getFileName().toString());
    }

    /** What lies there when a process is killed: the file as it is, also in the middle of a chunk. */
    @Test
    void a_file_that_ends_anywhere_is_resumed_behind_its_last_whole_chunk() throws IOException {
        final Path directory = log("log");
        receiveUntil(directory, 3 * CHUNK_BYTES);
        final byte[] whole = Files.readAllBytes(part(directory, SLOT));
        assertThat(whole).hasSize(HEADER_BYTES + 3 * STRIDE);
        for (final int length : new int[] {
            0,
            1,
            HEADER_BYTES - 1,
            HEADER_BYTES,
            HEADER_BYTES + 7,
            HEADER_BYTES + STRIDE - 1,
            HEADER_BYTES + STRIDE,
            HEADER_BYTES + STRIDE + 1,
            HEADER_BYTES + 3 * STRIDE - 1
        }) {
            final int chunks = Math.max(0, (length - HEADER_BYTES) / STRIDE);
            requireResumed(directory, Arrays.copyOf(whole, length), chunks, "cut to " + length);
        }
        for (final int chunks : new int[] {1, 20}) { // space never written, also behind the end of the snapshot
            final byte[] longer = Arrays.copyOf(whole, whole.length + chunks * STRIDE);
            requireResumed(directory, longer, 3, "with zeros behind");
        }
    }

    @Test
    void a_flipped_bit_in_the_part_that_was_received_costs_what_follows_it_and_nothing_else() throws IOException {
        final Path directory = log("log");
        receiveUntil(directory, 3 * CHUNK_BYTES);
        final byte[] whole = Files.readAllBytes(part(directory, SLOT));
        for (int at = 0; at < HEADER_BYTES; at++) {
            requireResumed(directory, flipped(whole, at), 0, "header byte " + at);
        }
        for (int chunk = 0; chunk < 3; chunk++) {
            for (final int within : new int[] {0, 3, 4, 7, 8, 1000, STRIDE - 1}) {
                final int at = HEADER_BYTES + chunk * STRIDE + within;
                requireResumed(directory, flipped(whole, at), chunk, "chunk " + chunk + " byte " + within);
            }
        }
    }

    private static byte[] flipped(final byte[] whole, final int at) {
        final byte[] damaged = whole.clone();
        damaged[at] ^= 0x10;
        return damaged;
    }

    @Test
    void no_chunk_of_another_snapshot_or_place_or_log_is_taken() throws IOException {
        final Path directory = log("log");
        final byte[] otherId = partOf(directory, SLOT, ID + 1);
        final byte[] otherSlot = partOf(directory, SLOT + 1, ID);
        final byte[] otherLog = partOf(log("other"), SLOT, ID);
        receiveUntil(directory, 3 * CHUNK_BYTES);
        final byte[] own = Files.readAllBytes(part(directory, SLOT));
        for (final byte[] other : new byte[][] {otherId, otherSlot, otherLog}) {
            requireResumed(directory, other, 0, "all of another one");
            for (int chunk = 0; chunk < 3; chunk++) {
                final byte[] mixed = own.clone();
                final int at = HEADER_BYTES + chunk * STRIDE;
                System.arraycopy(other, at, mixed, at, STRIDE);
                requireResumed(directory, mixed, chunk, "chunk " + chunk + " of another one");
            }
        }
        final byte[] moved = own.clone();
        System.arraycopy(own, HEADER_BYTES, moved, HEADER_BYTES + STRIDE, STRIDE);
        requireResumed(directory, moved, 1, "chunk 0 in the place of chunk 1");
    }

    /** The first chunks of a snapshot with other bytes. */
    private byte[] partOf(final Path directory, final long slot, final long id) throws IOException {
        try (ChronicleLog log = open(directory)) {
            final Semaphore woken = new Semaphore(0);
            writeThrough(receive(log, slot, id, woken), content(slot + id, 3 * CHUNK_BYTES), 3 * CHUNK_BYTES, woken);
        }
        return Files.readAllBytes(part(directory, slot));
    }

    /** With these bytes in the part file, this many chunks are there, and the snapshot becomes what was sent. */
    private void requireResumed(final Path directory, final byte[] left, final int chunks, final String what)
            throws IOException {
        Files.write(part(directory, SLOT), left);
        try (ChronicleLog log = open(directory)) {
            assertThat(receiveRest(log, SLOT, ID, CONTENT)).as(what).isEqualTo((long) chunks * CHUNK_BYTES);
            assertThat(read(log, SLOT)).as(what).isEqualTo(CONTENT);
        }
        Files.delete(file(directory, SLOT));
    }

    @Test
    void another_id_or_another_slot_begins_anew_and_deletes_what_was_there() throws IOException {
        final Path directory = log("log");
        final byte[] other = content(1, 2 * CHUNK_BYTES);
        receiveUntil(directory, 3 * CHUNK_BYTES);
        try (ChronicleLog log = open(directory)) {
            final Semaphore woken = new Semaphore(0);
            final Output otherId = receive(log, SLOT, ID + 1, woken);
            assertThat(otherId.length()).isZero();
            assertThat(log.snapshots().unfinishedId()).isEqualTo(ID + 1);
            writeThrough(otherId, other, 2 * CHUNK_BYTES, woken);
            otherId.abandon();
            final Output otherSlot = receive(log, SLOT - 1, ID + 1, woken);
            assertThat(otherSlot.length()).isZero();
            assertThat(log.snapshots().unfinishedSlot()).isEqualTo(SLOT - 1);
            assertThat(files(directory))
                    .containsExactly(part(directory, SLOT - 1).getFileName().toString());
            otherSlot.abandon();
            assertThat(receiveRest(log, SLOT, ID, CONTENT)).isZero();
            requireComplete(log, directory);
        }
    }

    @Test
    void one_that_was_given_up_goes_on_in_the_same_process() throws IOException {
        final Path directory = log("log");
        try (ChronicleLog log = open(directory)) {
            final Semaphore woken = new Semaphore(0);
            for (int chunks = 0; chunks < 18; chunks++) {
                final Output output = receive(log, SLOT, ID, woken);
                assertThat(output.length()).isEqualTo((long) chunks * CHUNK_BYTES);
                writeThrough(output, CONTENT, (chunks + 1) * CHUNK_BYTES + chunks % 5, woken);
                output.abandon();
                assertThat(await(output, woken).failure()).contains("given up");
            }
            assertThat(receiveRest(log, SLOT, ID, CONTENT)).isEqualTo(18 * CHUNK_BYTES);
            requireComplete(log, directory);
        }
    }

    @Test
    void an_own_snapshot_below_it_leaves_the_part_and_one_above_it_deletes_it() throws IOException {
        final Path directory = log("log");
        receiveUntil(directory, 2 * CHUNK_BYTES);
        try (ChronicleLog log = open(directory)) {
            writeDurably(log, SLOT - 1, content(1, 10));
            assertThat(part(directory, SLOT)).exists();
            assertThat(log.snapshots().unfinishedSlot()).isEqualTo(SLOT);
            final Output output = receive(log, SLOT, ID, new Semaphore(0));
            assertThat(output.length()).isEqualTo(2 * CHUNK_BYTES);
            output.abandon();
            writeDurably(log, SLOT, content(2, 10));
            assertThat(part(directory, SLOT)).doesNotExist();
            assertThat(log.snapshots().unfinishedSlot()).isZero();
            assertThatThrownBy(() -> log.snapshots().receive(SLOT, ID, () -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void only_the_newest_part_is_kept_by_an_opening_and_none_that_is_not_above_the_newest_snapshot()
            throws IOException {
        final Path directory = log("log");
        receiveUntil(directory, CHUNK_BYTES);
        final byte[] left = Files.readAllBytes(part(directory, SLOT));
        Files.write(part(directory, SLOT + 1), left); // of another slot, so it is none
        try (ChronicleLog log = open(directory)) {
            assertThat(log.snapshots().unfinishedSlot()).isEqualTo(SLOT);
            assertThat(part(directory, SLOT + 1)).doesNotExist();
            final Output newer = receive(log, SLOT + 5, ID, new Semaphore(0));
            assertThat(part(directory, SLOT)).doesNotExist();
            newer.abandon();
        }
        Files.write(part(directory, SLOT), left);
        try (ChronicleLog log = open(directory)) {
            assertThat(log.snapshots().unfinishedSlot()).isEqualTo(SLOT + 5);
            assertThat(part(directory, SLOT)).doesNotExist();
            writeDurably(log, SLOT, content(2, 10));
        }
        final byte[] newer = Files.readAllBytes(part(directory, SLOT + 5));
        try (ChronicleLog log = open(directory)) {
            writeDurably(log, SLOT + 5, content(2, 10));
        }
        Files.write(part(directory, SLOT + 5), newer);
        try (ChronicleLog log = open(directory)) {
            assertThat(log.snapshots().unfinishedSlot()).isZero();
            assertThat(files(directory)).hasSize(2);
        }
    }

    @Test
    void only_one_snapshot_is_written_or_received_at_a_time() {
        try (ChronicleLog log = open(log("log"))) {
            final Output received = receive(log, SLOT, ID, new Semaphore(0));
            assertThatThrownBy(() -> log.snapshots().begin(SLOT, () -> {})).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> log.snapshots().receive(SLOT, ID, () -> {}))
                    .isInstanceOf(IllegalStateException.class);
            received.abandon();
            final Output written = log.snapshots().begin(SLOT, () -> {});
            assertThat(written.length()).isZero();
            written.write(new UnsafeBuffer(CONTENT), 0, 10);
            assertThat(written.length()).isEqualTo(10);
            assertThatThrownBy(() -> log.snapshots().receive(SLOT, ID, () -> {}))
                    .isInstanceOf(IllegalStateException.class);
            written.abandon();
        }
    }

    /** The replica goes on while a part of a gigabyte is checked. */
    @Test
    void nothing_waits_while_a_store_looks_for_what_is_there_and_no_bytes_are_taken() {
        disk.freeze(); // also the header
        try (ChronicleLog log = open(log("log"))) {
            final Semaphore woken = new Semaphore(0);
            final Output output = log.snapshots().receive(SLOT, ID, woken::release);
            assertThat(output.state()).isEqualTo(Output.State.RESUMING);
            assertThat(output.length()).isEqualTo(-1);
            assertThat(output.room()).isZero();
            assertThatThrownBy(() -> output.write(new UnsafeBuffer(CONTENT), 0, 10))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(output::finish).isInstanceOf(IllegalStateException.class);
            disk.thaw(1);
            await(woken);
            assertThat(output.state()).isEqualTo(Output.State.WRITING);
            assertThat(output.length()).isZero();
            assertThat(output.room()).isEqualTo(8 * CHUNK_BYTES);
            output.abandon();
            disk.thaw(100);
        }
    }

    /** The kernel takes the pages of a failed force for clean. So what is there afterwards cannot be trusted. */
    @Test
    void a_failed_write_or_force_leaves_nothing_of_a_received_snapshot() throws IOException {
        final Path sound = log("sound");
        try (ChronicleLog log = open(sound)) {
            disk.fail(Integer.MAX_VALUE, Integer.MAX_VALUE);
            receiveRest(log, SLOT, ID, CONTENT);
        }
        final int steps = disk.steps().size();
        assertThat(Collections.frequency(disk.steps(), "force"))
                .isEqualTo(CONTENT.length / (4 * CHUNK_BYTES) + 1); // after 4 chunks each, and at the end
        for (int step = 0; step < steps; step++) {
            final Path directory = log("log-" + step);
            try (ChronicleLog log = open(directory)) {
                disk.fail(step, step);
                final Semaphore woken = new Semaphore(0);
                final Output output = receive(log, SLOT, ID, woken);
                if (output.state() == Output.State.WRITING) {
                    output.write(new UnsafeBuffer(CONTENT), 0, CONTENT.length);
                    output.finish();
                }
                assertThat(await(output, woken).failure()).as("step %s", step).contains("Input/output error");
                assertThat(files(directory)).as("step %s", step).isEmpty();
                assertThat(log.snapshots().unfinishedSlot()).isZero();
                disk.fail(Integer.MAX_VALUE, Integer.MAX_VALUE);
                assertThat(receiveRest(log, SLOT, ID, CONTENT)).isZero();
                assertThat(read(log, SLOT)).isEqualTo(CONTENT);
            }
        }
    }

    /** A process can die between a failed force and the deletion. */
    @Test
    void chunks_that_no_force_is_known_to_have_covered_are_written_again_when_they_are_resumed() {
        for (final int chunks : new int[] {0, 1, 3, 4, 5, 8, 9}) {
            final Path directory = log("log-" + chunks);
            receiveUntil(directory, chunks * CHUNK_BYTES);
            try (ChronicleLog log = open(directory)) {
                disk.fail(Integer.MAX_VALUE, Integer.MAX_VALUE);
                receive(log, SLOT, ID, new Semaphore(0));
                assertThat(Collections.frequency(disk.steps(), "write"))
                        .as("%s chunks", chunks)
                        .isEqualTo(chunks == 0 ? 0 : (chunks - 1) % 4 + 1);
            }
        }
    }

    @Test
    void a_store_that_is_closed_receives_nothing() {
        final ChronicleLog log = open(log("log"));
        log.close();
        assertThatThrownBy(() -> log.snapshots().receive(SLOT, ID, () -> {})).isInstanceOf(IllegalStateException.class);
    }
}
