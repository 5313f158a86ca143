package io.paxos.log;

import static io.paxos.log.Logs.accept;
import static io.paxos.log.Logs.small;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.log.segment.Frames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records carry their epoch, and a log that this build cannot read is refused by one line and left as it is. */
class FormatTest {
    private static final int LEVEL_IN_WATERMARK = 36;
    private static final int FORMAT_IN_WATERMARK = 8;
    private static final String ONLY_FORMAT = ", but this build reads format 2 only: open the directory with the ";
    private static final String ONLY_LEVEL =
            ", but this build reads feature levels 1 to 3: open the directory with the ";
    private static final String UNCHANGED = " build that wrote it; nothing was changed";

    @TempDir
    Path temporary;

    private Path directory;
    private Path watermark;
    private long storageId;

    @BeforeEach
    void write() {
        directory = temporary.resolve("log");
        watermark = directory.resolve("WATERMARK");
        try (ChronicleLog log = small(directory).open()) {
            storageId = log.storageId();
            log.promise(5);
            log.promise(6, 9);
            for (int slot = 1; slot <= 2000; slot++) {
                accept(log, 7, slot);
            }
        }
    }

    @Nested
    class The_epoch {
        @Test
        void is_in_each_record_and_is_that_of_the_opening_that_wrote_it() throws IOException {
            final int records = Frames.of(directory, storageId).size();
            assertThat(Frames.of(directory, storageId)).allMatch(place -> place.epoch() == 1);
            try (ChronicleLog log = small(directory).epoch(0x0102_0304).open()) {
                log.promise(8);
                log.promise(9, 2001);
                accept(log, 9, 2001);
            }
            assertThat(Frames.of(directory, storageId).subList(0, records)).allMatch(place -> place.epoch() == 1);
            assertThat(Frames.of(directory, storageId).stream().skip(records))
                    .hasSize(4)
                    .allMatch(place -> place.epoch() == 0x0102_0304);
        }

        @Test
        void is_covered_by_the_checksum() throws IOException {
            final Frames.Place place = Frames.ofSlot(directory, storageId, 7);
            Frames.flip(place.file(), place.offset() + 8L, 0);
            assertThatThrownBy(() -> small(directory).open())
                    .isInstanceOf(LogException.class)
                    .hasMessageContaining("slot 7");
        }
    }

    @Nested
    class The_watermark {
        @ParameterizedTest
        @ValueSource(ints = {0, 1})
        void of_an_older_format_refuses_the_log(final int format) throws IOException {
            Frames.resealWatermark(watermark, FORMAT_IN_WATERMARK, format);
            requireRefused(watermark + " has format " + format + ONLY_FORMAT + "older" + UNCHANGED);
        }

        @ParameterizedTest
        @ValueSource(ints = {3, Integer.MAX_VALUE})
        void of_a_newer_format_refuses_the_log(final int format) throws IOException {
            Frames.resealWatermark(watermark, FORMAT_IN_WATERMARK, format);
            requireRefused(watermark + " has format " + format + ONLY_FORMAT + "newer" + UNCHANGED);
        }

        @ParameterizedTest
        @ValueSource(ints = {4, Integer.MAX_VALUE})
        void of_a_feature_level_of_the_future_refuses_the_log(final int level) throws IOException {
            Frames.resealWatermark(watermark, LEVEL_IN_WATERMARK, level);
            requireRefused(watermark + " has feature level " + level + ONLY_LEVEL + "newer" + UNCHANGED);
        }

        @Test
        void of_no_feature_level_refuses_the_log() throws IOException {
            Frames.resealWatermark(watermark, LEVEL_IN_WATERMARK, 0);
            requireRefused(watermark + " has feature level 0" + ONLY_LEVEL + "older" + UNCHANGED);
        }
    }

    /** A segment may be newer than the watermark: somebody copied it into the directory. */
    @Nested
    class A_segment {
        @ParameterizedTest
        @ValueSource(ints = {1, 3, 127})
        void of_another_format_refuses_the_log(final int format) throws IOException {
            final Frames.Place first = firstOf(1);
            Frames.resealByte(first, storageId, 13, format);
            requireRefused(first.file() + " has format " + format + ONLY_FORMAT + (format < 2 ? "older" : "newer")
                    + UNCHANGED);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 4})
        void of_another_feature_level_refuses_the_log(final int level) throws IOException {
            final Frames.Place first = firstOf(1);
            Frames.resealByte(first, storageId, 64 + 20, level);
            requireRefused(first.file() + " has feature level " + level + ONLY_LEVEL + (level < 1 ? "older" : "newer")
                    + UNCHANGED);
        }

        private Frames.Place firstOf(final int segment) throws IOException {
            final Path file = Frames.segments(directory).get(segment);
            return Frames.of(directory, storageId).stream()
                    .filter(place -> place.file().equals(file))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** {@code format-1.zip} was written by the last build of format 1. */
    @Nested
    class A_log_of_the_first_format {
        @BeforeEach
        void unpack() throws IOException {
            directory = temporary.resolve("former");
            watermark = directory.resolve("WATERMARK");
            Files.createDirectories(directory.resolve("00000001"));
            try (ZipInputStream zip = new ZipInputStream(FormatTest.class.getResourceAsStream("format-1.zip"))) {
                for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                    if (!entry.isDirectory()) {
                        Files.write(directory.resolve(entry.getName()), zip.readAllBytes());
                    }
                }
            }
        }

        @Test
        void is_refused() throws IOException {
            requireRefused(watermark + " has format 1" + ONLY_FORMAT + "older" + UNCHANGED);
        }

        @Test
        void is_refused_though_its_watermark_is_of_this_format() throws IOException {
            Frames.resealWatermark(watermark, FORMAT_IN_WATERMARK, 2);
            Frames.resealWatermark(watermark, LEVEL_IN_WATERMARK, 1);
            requireRefused(Frames.segments(directory).get(0) + " has format 1" + ONLY_FORMAT + "older" + UNCHANGED);
        }
    }

    private void requireRefused(final String message) throws IOException {
        final Map<String, byte[]> before = contents();
        for (int attempt = 1; attempt <= 2; attempt++) {
            assertThatThrownBy(() -> small(directory).open())
                    .isInstanceOf(LogException.class)
                    .hasMessage(message);
            final Map<String, byte[]> after = contents();
            assertThat(after.keySet()).isEqualTo(before.keySet());
            before.forEach((name, bytes) -> assertThat(after.get(name)).as(name).isEqualTo(bytes));
        }
    }

    /** All files and directories but the lock, which an opening may create. */
    private Map<String, byte[]> contents() throws IOException {
        final Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(directory)) {
            for (final Path path : paths.filter(path -> !path.endsWith("LOCK")).toList()) {
                contents.put(path.toString(), Files.isDirectory(path) ? new byte[0] : Files.readAllBytes(path));
            }
        }
        return contents;
    }
}
