package io.paxos.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A segment full of valid records of a former life, at each distance from the last new record. */
class FormerLifeTest {
    private static final long STORAGE_ID = 0x1234_5678_9ABC_DEF0L;
    private static final Identity IDENTITY = new Identity(7, 3, STORAGE_ID);
    private static final int INCARNATION = 2;
    private static final int NUMBER = 4; // of the segment
    private static final long FIRST_SEQUENCE = 100;
    private static final int NEW_RECORDS = 5; // behind the first, which opens the segment
    private static final int NEW_VALUE_BYTES = 40;
    private static final int HEAD_BYTES = 512;
    private static final int FILE_BYTES = 16 << 10;
    private static final long CHOSEN = 77; // through this slot, a new record says
    private static final long OLD_BALLOT = 1000; // higher than all new ones: would be seen if it was taken

    @TempDir
    Path path;

    private final Frame frame = new Frame(STORAGE_ID);
    private Path file;
    private SlotIndex index;
    private Segments segments;

    @BeforeEach
    void prepare() throws IOException {
        Watermark.create(path, IDENTITY, new Disk());
        file = Files.createDirectories(path.resolve("00000002")).resolve("19700105F.cq4");
        new Bottom(NUMBER, INCARNATION, FIRST_SEQUENCE, 1).write(path, STORAGE_ID, new Disk());
    }

    /** Writes a document at {@code at}; returns where the next one begins. */
    private int document(
            final ByteBuffer bytes,
            final int at,
            final byte type,
            final int incarnation,
            final long sequence,
            final long ballot,
            final long slot,
            final int valueLength) {
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        final int length = Frame.frameLength(valueLength);
        if (at + 4 + length > bytes.capacity()) {
            return bytes.capacity();
        }
        buffer.putInt(at, length);
        Frame.header(buffer, at + 4, type, 1, incarnation, sequence, sequence - 1, ballot, slot, CHOSEN, valueLength);
        buffer.setMemory(at + 4 + Frame.HEADER_BYTES, valueLength, (byte) (valueLength + 1));
        if (type == Frame.OPENED) {
            Frame.openedValue(buffer, at + 4 + Frame.HEADER_BYTES, IDENTITY);
        }
        frame.seal(buffer, bytes, at + 4);
        return at + 4 + length;
    }

    /** The file, with old documents from {@code phase} bytes behind its head on; returns the end of the new ones. */
    private int write(final int phase, final int oldValueBytes, final int oldIncarnation, final long oldSequence)
            throws IOException {
        final ByteBuffer bytes = ByteBuffer.allocate(FILE_BYTES);
        long sequence = oldSequence;
        int at = HEAD_BYTES + phase;
        while (at < FILE_BYTES) {
            at = document(bytes, at, Frame.ACCEPT, oldIncarnation, sequence, OLD_BALLOT, 900 + sequence, oldValueBytes);
            sequence++;
        }
        int end = document(bytes, HEAD_BYTES - 92, Frame.OPENED, INCARNATION, FIRST_SEQUENCE, 9, Frame.REUSED, 24);
        for (int i = 1; i <= NEW_RECORDS; i++) {
            end = document(bytes, end, Frame.ACCEPT, INCARNATION, FIRST_SEQUENCE + i, 5, i, NEW_VALUE_BYTES);
        }
        bytes.putInt(end, 0);
        Files.write(file, bytes.array());
        return end;
    }

    private LogOpening opened() throws IOException {
        index = new SlotIndex();
        segments = new Segments();
        try (Watermark watermark = Watermark.open(path, new Disk())) {
            final LogOpening opening = new LogOpening(
                    new Layout(path), watermark, Bottom.read(path, STORAGE_ID), index, segments, new Disk());
            opening.run();
            return opening;
        }
    }

    private void requireNewRecordsOnly(final String where) throws IOException {
        final LogOpening opening = opened();
        try (SlotIndex taken = index) {
            assertThat(opening.nextSequence()).as(where).isEqualTo(FIRST_SEQUENCE + 1 + NEW_RECORDS);
            assertThat(opening.hasDropped()).as(where).isFalse();
            assertThat(taken.promised()).as(where).isEqualTo(9);
            assertThat(taken.lastSlot()).as(where).isEqualTo(NEW_RECORDS);
            for (int slot = 1; slot <= NEW_RECORDS; slot++) {
                assertThat(taken.acceptedBallot(slot)).as(where).isEqualTo(5);
            }
        }
    }

    /**
     * The phases are all distances between a new and an old record, so that an old one begins right behind the last new
     * one, within it, or a little later. Old sequences: lower ones, and those of records that were dropped before.
     */
    @ParameterizedTest
    @CsvSource({
        "2, 40, 10", // the same incarnation, the same size
        "2, 0, 10",
        "2, 41, 94", // the last old record precedes the first new one
        "2, 300, 10",
        "1, 40, 10",
        "1, 40, 106", // the very sequence that is next, of an older incarnation
        "1, 40, 100",
        "1, 0, 105",
        "1, 300, 106",
        "1, 3000, 106"
    })
    void no_old_record_is_taken_at_any_distance(final int incarnation, final int valueBytes, final long sequence)
            throws IOException {
        final int period = 4 + Frame.frameLength(valueBytes);
        for (int phase = 0; phase < Math.min(period, 1200); phase += 4) {
            final long first = incarnation == INCARNATION
                    ? Math.min(sequence, FIRST_SEQUENCE - FILE_BYTES / period - 2)
                    : sequence - (phase / 4) % 3; // so that the next one stands at several places
            final int end = write(phase, valueBytes, incarnation, first);
            final String where = "phase " + phase + " end " + end;
            requireNewRecordsOnly(where);
            final long kept = (end / 4096 + 2) * 4096L;
            assertThat(Files.size(file)).as(where).isLessThanOrEqualTo(kept); // the old bytes were cut off
            requireNewRecordsOnly(where + ", again");
        }
    }

    @Test
    void a_torn_record_is_told_from_old_bytes() throws IOException {
        for (int phase = 0; phase < 108; phase += 4) {
            final int end = write(phase, 40, 1, FIRST_SEQUENCE + NEW_RECORDS);
            Frames.flip(file, end - 1L, 3);
            final LogOpening opening = opened();
            index.close();
            assertThat(opening.nextSequence()).isEqualTo(FIRST_SEQUENCE + NEW_RECORDS);
            assertThat(opening.hasDropped()).isTrue();
        }
    }

    /** The loss of power came before the head was written: the file has only the former life, with its own head. */
    @ParameterizedTest
    @CsvSource({"1, 50", "2, 50", "1, 100"})
    void a_file_that_shows_only_its_former_life_has_no_records(final int incarnation, final long sequence)
            throws IOException {
        write(0, 40, 1, 10);
        final List<Long> before = List.of(opened().nextSequence());
        index.close();
        final ByteBuffer bytes = ByteBuffer.allocate(FILE_BYTES);
        int at = document(bytes, HEAD_BYTES - 92, Frame.OPENED, incarnation, sequence, OLD_BALLOT, Frame.REUSED, 24);
        for (long next = sequence + 1; at < FILE_BYTES && next < FIRST_SEQUENCE + incarnation % 2 * 1000L; next++) {
            at = document(bytes, at, Frame.ACCEPT, incarnation, next, OLD_BALLOT, 900, 40);
        }
        Files.write(file.resolveSibling("19700106F.cq4"), bytes.array());
        final LogOpening opening = opened();
        assertThat(opening.nextSequence()).isEqualTo(before.get(0));
        assertThat(index.promised()).isEqualTo(9);
        assertThat(index.lastSlot()).isEqualTo(NEW_RECORDS);
        index.close();
    }
}
