package io.paxos.log;

import static io.paxos.log.Logs.small;
import static io.paxos.log.SnapshotLogs.CHUNK_BYTES;
import static io.paxos.log.SnapshotLogs.content;
import static io.paxos.log.SnapshotLogs.file;
import static io.paxos.log.SnapshotLogs.read;
import static io.paxos.log.SnapshotLogs.writeDurably;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.spi.SnapshotStore.Input;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that is not exactly the snapshot that was written is refused by name, before a wrong byte is given out. */
class SnapshotDamageTest {
    private static final long SLOT = 70;
    private static final long BEFORE = 60;
    private static final int SECTOR_BYTES = 512;
    private static final int HEADER_BYTES = 40;
    private static final int CHUNK_HEADER_BYTES = 8;
    private static final int DAMAGES = 1000;

    @TempDir
    Path temporary;

    private Path directory;
    private ChronicleLog log;

    @BeforeEach
    void open() {
        directory = temporary.resolve("log");
        log = small(directory).open();
        writeDurably(log, BEFORE, content(BEFORE, 1000));
    }

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void every_flipped_bit_and_every_cut_of_a_small_snapshot_is_refused() throws IOException {
        writeDurably(log, SLOT, content(SLOT, 3));
        final byte[] sound = Files.readAllBytes(file(directory, SLOT));
        for (int bit = 0; bit < sound.length * 8; bit++) {
            final byte[] damaged = sound.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            requireRefused(damaged, content(SLOT, 3), "bit " + bit);
        }
        for (int length = 0; length < sound.length; length++) {
            requireRefused(Arrays.copyOf(sound, length), content(SLOT, 3), "cut to " + length);
        }
        requireRefused(Arrays.copyOf(sound, sound.length + 1), content(SLOT, 3), "one byte more");
        Files.write(file(directory, SLOT), sound);
        assertThat(read(log, SLOT)).isEqualTo(content(SLOT, 3));
    }

    @Test
    void a_thousand_damages_of_a_large_snapshot_are_refused() throws IOException {
        final byte[] content = content(SLOT, 2 * CHUNK_BYTES + 77_777);
        writeDurably(log, SLOT, content);
        final byte[] sound = Files.readAllBytes(file(directory, SLOT));
        for (int seed = 0; seed < DAMAGES; seed++) {
            requireRefused(damaged(sound, new Random(seed)), content, "seed " + seed);
        }
        Files.write(file(directory, SLOT), sound);
        assertThat(read(log, SLOT)).isEqualTo(content);
    }

    private static byte[] damaged(final byte[] sound, final Random random) {
        final byte[] damaged = sound.clone();
        final int at = random.nextInt(sound.length);
        final int sector = at / SECTOR_BYTES * SECTOR_BYTES;
        final int limit = Math.min(sector + SECTOR_BYTES, sound.length);
        switch (random.nextInt(5)) {
            case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> {
                return Arrays.copyOf(sound, at);
            }
            case 2 -> Arrays.fill(damaged, sector, limit, (byte) 0);
            case 3 -> Arrays.fill(damaged, at, sound.length, (byte) 0); // its length was written, and its end was not
            default -> { // another sector in its place
                final int from = (sector + SECTOR_BYTES * (1 + random.nextInt(300))) % (sound.length - SECTOR_BYTES);
                System.arraycopy(sound, from, damaged, sector, limit - sector);
            }
        }
        if (Arrays.equals(sound, damaged)) {
            damaged[at]++; // zeros in the place of zeros
        }
        return damaged;
    }

    @Test
    void a_chunk_of_another_place_or_snapshot_or_log_or_attempt_is_refused() throws IOException {
        final byte[] content = content(SLOT, 2 * CHUNK_BYTES + 100);
        final byte[] otherLog;
        try (ChronicleLog other = small(temporary.resolve("other")).open()) {
            writeDurably(other, SLOT, content);
            otherLog = Files.readAllBytes(file(temporary.resolve("other"), SLOT));
        }
        final byte[] otherSlot = writtenAndDeleted(SLOT + 1, content);
        final byte[] otherAttempt = writtenAndDeleted(SLOT, content);
        writeDurably(log, SLOT, content);
        final byte[] sound = Files.readAllBytes(file(directory, SLOT));
        assertThat(sound).hasSameSizeAs(otherLog).hasSameSizeAs(otherAttempt).hasSameSizeAs(otherSlot);

        requireRefused(withChunk(sound, sound, 0, 1), content, "chunk 0 in the place of chunk 1");
        for (int chunk = 0; chunk <= 2; chunk++) {
            requireRefused(withChunk(sound, otherLog, chunk, chunk), content, "another log");
            requireRefused(withChunk(sound, otherSlot, chunk, chunk), content, "another slot");
            requireRefused(withChunk(sound, otherAttempt, chunk, chunk), content, "another attempt");
        }
        final int trailer = sound.length - 24;
        final byte[] mixed = sound.clone();
        System.arraycopy(otherAttempt, trailer, mixed, trailer, 24);
        requireRefused(mixed, content, "the trailer of another attempt");
    }

    private byte[] writtenAndDeleted(final long slot, final byte[] content) throws IOException {
        writeDurably(log, slot, content);
        final byte[] bytes = Files.readAllBytes(file(directory, slot));
        Files.delete(file(directory, slot));
        log.close();
        log = small(directory).open();
        return bytes;
    }

    private static byte[] withChunk(final byte[] sound, final byte[] other, final int from, final int to) {
        final int stride = CHUNK_HEADER_BYTES + CHUNK_BYTES;
        final byte[] mixed = sound.clone();
        final int at = HEADER_BYTES + to * stride;
        final int length = Math.min(stride, sound.length - 24 - at);
        System.arraycopy(other, HEADER_BYTES + from * stride, mixed, at, length);
        return mixed;
    }

    @Test
    void a_file_without_one_of_its_chunks_is_refused_before_any_byte_is_given_out() throws IOException {
        writeDurably(log, SLOT, content(SLOT, 3 * CHUNK_BYTES));
        final byte[] sound = Files.readAllBytes(file(directory, SLOT));
        final int stride = CHUNK_HEADER_BYTES + CHUNK_BYTES;
        final byte[] shorter = Arrays.copyOf(sound, sound.length - stride);
        final int last = HEADER_BYTES + stride;
        System.arraycopy(sound, last + stride, shorter, last, shorter.length - last);
        Files.write(file(directory, SLOT), shorter);
        assertThatThrownBy(() -> log.snapshots().open(SLOT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("it has " + shorter.length + " bytes, and should have " + sound.length);
    }

    @Test
    void a_file_of_another_log_is_refused_and_says_whose_it_is() throws IOException {
        final long otherId;
        try (ChronicleLog other = small(temporary.resolve("other")).open()) {
            writeDurably(other, SLOT, content(SLOT, 100));
            otherId = other.storageId();
        }
        Files.copy(file(temporary.resolve("other"), SLOT), file(directory, SLOT));
        assertThatThrownBy(() -> read(log, SLOT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(file(directory, SLOT) + " is not used: it belongs to the log with storage id " + otherId
                        + ", and this log has storage id " + log.storageId()
                        + ". The one before it is used, of slot " + BEFORE);
    }

    @Test
    void a_renamed_file_is_refused_and_says_which_slot_it_is_of() throws IOException {
        writeDurably(log, SLOT, content(SLOT, 100));
        Files.move(file(directory, SLOT), file(directory, SLOT + 1));
        assertThatThrownBy(() -> read(log, SLOT + 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(file(directory, SLOT + 1) + " is not used: it is the snapshot of slot " + SLOT);
    }

    @Test
    void a_file_of_another_format_is_refused_and_says_which() throws IOException {
        writeDurably(log, SLOT, content(SLOT, 100));
        final ByteBuffer bytes =
                ByteBuffer.wrap(Files.readAllBytes(file(directory, SLOT))).order(ByteOrder.LITTLE_ENDIAN);
        final CRC32C crc32c = new CRC32C();
        crc32c.update(bytes.putInt(4, 2).array(), 4, HEADER_BYTES - 4);
        Files.write(
                file(directory, SLOT), bytes.putInt(0, (int) crc32c.getValue()).array());
        assertThatThrownBy(() -> read(log, SLOT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("it has format 2, and this build reads format 1 only");
    }

    @Test
    void a_file_that_is_damaged_while_it_is_read_stays_refused() throws IOException {
        final byte[] content = content(SLOT, 3 * CHUNK_BYTES);
        writeDurably(log, SLOT, content);
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[CHUNK_BYTES]);
        try (Input input = log.snapshots().open(SLOT)) {
            assertThat(input.read(buffer, 0, CHUNK_BYTES)).isEqualTo(CHUNK_BYTES);
            Files.write(file(directory, SLOT), Arrays.copyOf(Files.readAllBytes(file(directory, SLOT)), CHUNK_BYTES));
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(() -> input.read(buffer, 0, CHUNK_BYTES))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage(file(directory, SLOT) + " is not used: it became shorter while it was read."
                                + " The one before it is used, of slot " + BEFORE);
            }
        }
    }

    @Test
    void a_damaged_chunk_is_refused_when_it_is_sought_and_others_are_given_out() throws IOException {
        final byte[] content = content(SLOT, 3 * CHUNK_BYTES);
        writeDurably(log, SLOT, content);
        final byte[] damaged = Files.readAllBytes(file(directory, SLOT));
        damaged[HEADER_BYTES + CHUNK_HEADER_BYTES + CHUNK_BYTES + 100] ^= 1;
        Files.write(file(directory, SLOT), damaged);
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[CHUNK_BYTES]);
        try (Input input = log.snapshots().open(SLOT)) {
            input.seek(2 * CHUNK_BYTES + 7);
            assertThat(input.read(buffer, 0, CHUNK_BYTES)).isEqualTo(CHUNK_BYTES - 7);
            input.seek(CHUNK_BYTES + 200_000); // far behind the flipped bit, but in its chunk
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(() -> input.read(buffer, 0, 1))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("chunk 1");
            }
            assertThatThrownBy(() -> input.seek(0)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void a_refused_snapshot_is_replaced_and_is_not_one_of_the_two_that_are_kept() throws IOException {
        writeDurably(log, SLOT, content(SLOT, 100));
        Files.write(file(directory, SLOT), new byte[100]);
        assertThatThrownBy(() -> read(log, SLOT)).isInstanceOf(IllegalStateException.class);
        assertThat(log.snapshots().slots()).containsExactly(SLOT, BEFORE);
        writeDurably(log, SLOT - 5, content(SLOT - 5, 100)); // the log is executed again, from BEFORE on
        assertThat(log.snapshots().slots()).containsExactly(SLOT - 5, BEFORE);
        assertThat(file(directory, SLOT)).doesNotExist();
        assertThat(read(log, BEFORE)).isEqualTo(content(BEFORE, 1000));
    }

    /** Nothing but a beginning of the right bytes may be given out before the refusal. */
    private void requireRefused(final byte[] damaged, final byte[] content, final String what) throws IOException {
        final Path file = file(directory, SLOT);
        Files.write(file, damaged);
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[CHUNK_BYTES]);
        int at = 0;
        try (Input input = log.snapshots().open(SLOT)) {
            for (int read = input.read(buffer, 0, CHUNK_BYTES); read > 0; read = input.read(buffer, 0, CHUNK_BYTES)) {
                if (!Arrays.equals(content, at, at + read, buffer.byteArray(), 0, read)) {
                    throw new AssertionError("wrong bytes at " + at + ": " + what);
                }
                at += read;
            }
        } catch (IllegalStateException e) {
            assertThat(e.getMessage())
                    .as(what)
                    .startsWith(file + " is not used: ")
                    .endsWith(". The one before it is used, of slot " + BEFORE)
                    .hasLineCount(1);
            return;
        }
        throw new AssertionError("not refused: " + what);
    }
}
