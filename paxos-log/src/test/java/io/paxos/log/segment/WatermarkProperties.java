package io.paxos.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class WatermarkProperties {
    private static final Identity OWNER = new Identity(7, 3, 0x1234_5678_9ABC_DEF0L);
    private static final int SLOT_BYTES = 56;
    private static final int STRIDE = 4096;

    @Property(tries = 60)
    void the_value_written_last_is_read(@ForAll @Size(max = 9) final List<@LongRange(min = 0) Long> values)
            throws IOException {
        inDirectory(directory -> {
            write(directory, values);
            assertThat(read(directory)).isEqualTo(last(values));
        });
    }

    @Property(tries = 100)
    void a_torn_write_leaves_the_value_before_or_the_new_one(
            @ForAll @Size(max = 9) final List<@LongRange(min = 0) Long> forced,
            @ForAll @LongRange(min = 0) final long torn,
            @ForAll @IntRange(max = SLOT_BYTES) final int bytesOnDisk)
            throws IOException {
        inDirectory(directory -> {
            write(directory, forced);
            final Path file = directory.resolve(Watermark.FILE);
            final byte[] before = Files.readAllBytes(file);
            append(directory, List.of(torn));
            final byte[] after = Files.readAllBytes(file);
            final int at = slotAt(forced.size());
            System.arraycopy(after, at, before, at, bytesOnDisk);
            Files.write(file, before);
            assertThat(read(directory)).isIn(last(forced), torn);
        });
    }

    @Property(tries = 100)
    void a_flipped_bit_costs_at_most_the_value_written_last(
            @ForAll @Size(max = 9) final List<@LongRange(min = 0) Long> values,
            @ForAll @IntRange(max = 1) final int slot,
            @ForAll @IntRange(max = 8 * SLOT_BYTES - 1) final int bit)
            throws IOException {
        inDirectory(directory -> {
            write(directory, values);
            Frames.flip(directory.resolve(Watermark.FILE), (long) slot * STRIDE + bit / 8, bit % 8);
            final long previous = values.size() < 2 ? 0 : values.get(values.size() - 2);
            final boolean isLast = slot * STRIDE == slotAt(values.size() - 1);
            assertThat(read(directory)).isEqualTo(isLast ? previous : last(values));
        });
    }

    @Property(tries = 60)
    void arbitrary_bytes_in_both_slots_are_refused(@ForAll @Size(max = 2 * STRIDE) final byte[] bytes)
            throws IOException {
        inDirectory(directory -> {
            final Path file = Files.write(directory.resolve(Watermark.FILE), bytes);
            assertThatThrownBy(() -> read(directory))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(file + " is damaged");
        });
    }

    private interface Body {
        void run(Path directory) throws IOException;
    }

    private static void inDirectory(final Body body) throws IOException {
        final Path directory = Files.createTempDirectory("paxos-watermark");
        try {
            body.run(directory);
        } finally {
            Files.deleteIfExists(directory.resolve(Watermark.FILE));
            Files.delete(directory);
        }
    }

    private static void write(final Path directory, final List<Long> values) throws IOException {
        Watermark.create(directory, OWNER, new Disk());
        append(directory, values);
    }

    private static void append(final Path directory, final List<Long> values) throws IOException {
        try (Watermark watermark = Watermark.open(directory, new Disk())) {
            for (final long value : values) {
                watermark.write(1, value);
            }
        }
    }

    private static long read(final Path directory) throws IOException {
        try (Watermark watermark = Watermark.open(directory, new Disk())) {
            assertThat(watermark.identity()).isEqualTo(OWNER);
            return watermark.durableSequence();
        }
    }

    private static long last(final List<Long> values) {
        return values.isEmpty() ? 0 : values.get(values.size() - 1);
    }

    /** Where write number {@code index} goes. The creation wrote both slots, so the first write goes to 0. */
    private static int slotAt(final int index) {
        return (index & 1) * STRIDE;
    }
}
