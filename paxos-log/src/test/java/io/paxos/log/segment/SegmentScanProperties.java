package io.paxos.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;

class SegmentScanProperties {
    private static final long STORAGE_ID = 0x1234_5678_9ABC_DEF0L;

    @Property(tries = 60)
    void arbitrary_bytes_are_never_a_record(@ForAll @Size(max = 4096) final byte[] bytes) throws IOException {
        assertThat(sequences(bytes, STORAGE_ID)).isEmpty();
    }

    @Property(tries = 60)
    void a_record_is_found_among_arbitrary_bytes_and_only_by_its_own_log(
            @ForAll @Size(max = 512) final byte[] before,
            @ForAll @Size(max = 512) final byte[] value,
            @ForAll @Size(max = 512) final byte[] after)
            throws IOException {
        final byte[] file = file(before, value, after);
        assertThat(sequences(file, STORAGE_ID)).containsExactly(42L);
        assertThat(sequences(file, STORAGE_ID + 1)).isEmpty();
    }

    @Property(tries = 60)
    void a_record_with_a_flipped_bit_is_none(
            @ForAll @Size(max = 300) final byte[] value, @ForAll @IntRange(max = 1 << 20) final int position)
            throws IOException {
        final byte[] file = file(new byte[0], value, new byte[0]);
        final int bit = position % (8 * file.length);
        file[bit / 8] ^= (byte) (1 << bit % 8);
        assertThat(sequences(file, STORAGE_ID)).isEmpty();
    }

    private static byte[] file(final byte[] before, final byte[] value, final byte[] after) {
        final int at = (before.length + 3) & ~3;
        final int length = Frame.frameLength(value.length);
        final byte[] file = Arrays.copyOf(before, at + length + after.length);
        final ByteBuffer bytes = ByteBuffer.wrap(file);
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        Frame.header(buffer, at, Frame.ACCEPT, 1, 1, 42, 41, 5, 7, 0, value.length);
        buffer.putBytes(at + Frame.HEADER_BYTES, value);
        new Frame(STORAGE_ID).seal(buffer, bytes, at);
        System.arraycopy(after, 0, file, at + length, after.length);
        return file;
    }

    private static List<Long> sequences(final byte[] bytes, final long storageId) throws IOException {
        final Path file = Files.createTempFile("paxos-scan", ".cq4");
        try (SegmentScan scan = new SegmentScan(new Frame(storageId))) {
            Files.write(file, bytes);
            final List<Long> sequences = new ArrayList<>();
            scan.scan(file, (buffer, at, offset) -> sequences.add(Frame.sequence(buffer, at)));
            return sequences;
        } finally {
            Files.delete(file);
        }
    }
}
