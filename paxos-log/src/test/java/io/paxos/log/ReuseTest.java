package io.paxos.log;

import static io.paxos.log.Logs.accept;
import static io.paxos.log.Logs.read;
import static io.paxos.log.Logs.segments;
import static io.paxos.log.Logs.small;
import static io.paxos.log.Logs.syncAndWait;
import static io.paxos.log.Logs.value;
import static io.paxos.log.TrimTest.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.log.segment.FaultyDisk;
import io.paxos.log.segment.Frames;
import io.paxos.log.segment.SteppedDisk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A given-up segment becomes the next one, and nothing that it held before is taken for a record. */
class ReuseTest {
    private static final int KEPT = 300;
    private static final int STEP = 100; // slots between two trims; a segment holds about 1,100

    @TempDir
    Path temporary;

    private final SteppedDisk disk = new SteppedDisk();
    private Path directory;

    private ChronicleLog open(final Durability durability) {
        directory = temporary.resolve("log");
        return small(directory)
                .durability(durability)
                .forceIntervalNs(1_000_000)
                .disk(disk)
                .open();
    }

    /** Accepts these slots, and trims what lies {@link #KEPT} slots behind. */
    private static void write(final ChronicleLog log, final long fromSlot, final long throughSlot) {
        if (log.promised() == 0) {
            log.promise(9);
        }
        for (long slot = fromSlot; slot <= throughSlot; slot++) {
            accept(log, 5, slot);
            if (slot % STEP == 0) {
                syncAndWait(log);
                log.trim(slot - KEPT);
            }
        }
        log.sync();
    }

    private static void requireSlots(final ChronicleLog log, final long firstSlot, final long lastSlot) {
        assertThat(log.promised()).isEqualTo(9);
        assertThat(log.lastSlot()).isEqualTo(lastSlot);
        assertThat(log.firstSlot()).isLessThanOrEqualTo(Math.max(1, firstSlot));
        for (long slot = log.firstSlot(); slot <= lastSlot; slot++) {
            assertThat(read(log, slot)).as("slot %d", slot).isEqualTo(value(5, slot));
        }
    }

    private int segmentCount() {
        try {
            return segments(directory).size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Counts the segments that become the next one. */
    private AtomicInteger observeReuse() {
        final AtomicInteger reused = new AtomicInteger();
        disk.observe((kind, file) -> {
            if (kind == SteppedDisk.Kind.RENAME && file.toString().endsWith(".precreated")) {
                reused.incrementAndGet();
            }
        });
        return reused;
    }

    /** What the opening of a log has to say. */
    private static String told(final Runnable opening) {
        final PrintStream err = System.err;
        final ByteArrayOutputStream told = new ByteArrayOutputStream();
        System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8));
        try {
            opening.run();
        } finally {
            System.setErr(err);
        }
        return told.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource
    void a_trimmed_segment_becomes_the_next_one_again_and_again(final Durability durability) throws IOException {
        final AtomicInteger reused = observeReuse();
        final Path last;
        try (ChronicleLog log = open(durability)) {
            for (int part = 0; part < 30; part++) {
                write(log, part * 1000L + 1, part * 1000L + 1000);
                await(() -> segmentCount() < 7);
            }
            last = segments(directory).get(segments(directory).size() - 1);
            requireSlots(log, 30_000 - KEPT + 1, 30_000);
        }
        assertThat(reused).hasValueGreaterThan(8); // of about 27 segments
        assertThat(told(() -> {
                    for (int opening = 0; opening < 3; opening++) {
                        try (ChronicleLog log = open(durability)) {
                            requireSlots(log, 30_000 - KEPT + 1, 30_000);
                        }
                    }
                }))
                .isEmpty();
        assertThat(Files.size(last)).isLessThan(Logs.SEGMENT_BYTES); // its old bytes were cut off
    }

    /** Chronicle makes a file longer than its segment if the length is no multiple of its blocks. */
    @ParameterizedTest
    @CsvSource({"327680, 8192", "350000, 8192", "400000, 8000", "500000, 20000"})
    void a_segment_of_any_length_is_used_again(final int segmentBytes, final int valueLengthMax) {
        final AtomicInteger reused = observeReuse();
        directory = temporary.resolve("log");
        try (ChronicleLog log = small(directory)
                .segmentBytes(segmentBytes)
                .valueLengthMax(valueLengthMax)
                .disk(disk)
                .open()) {
            for (int part = 0; part < 10; part++) {
                write(log, part * 1000L + 1, part * 1000L + 1000);
                await(() -> segmentCount() < 7);
            }
        }
        assertThat(reused).hasPositiveValue();
    }

    @Test
    void at_most_two_segments_wait_and_none_is_left_after_closing() throws IOException {
        try (ChronicleLog log = open(Durability.SYNC)) {
            log.promise(9);
            for (int slot = 1; slot <= 8000; slot++) {
                accept(log, 5, slot);
            }
            syncAndWait(log);
            log.trim(8000);
            final long first = segments(directory).size();
            assertThat(first).isGreaterThan(5);
            await(() -> segmentCount() == 3); // the last one, and two that wait
        }
        assertThat(segments(directory)).hasSize(1);
        try (Stream<Path> files = Files.list(segments(directory).get(0).getParent())) {
            assertThat(files.filter(file -> file.toString().endsWith(".precreated")))
                    .isEmpty();
        }
    }

    @Test
    void after_a_crash_at_any_step_of_reuse_every_slot_and_the_promise_are_there() throws IOException {
        final List<Path> images = new ArrayList<>();
        final List<String> steps = new ArrayList<>();
        final long[] acknowledged = {0};
        final List<Long> owed = new ArrayList<>();
        final long written = 6000;
        try (ChronicleLog log = open(Durability.SYNC)) {
            write(log, 1, 4000);
            syncAndWait(log);
            acknowledged[0] = 4000;
            disk.observe((kind, file) -> {
                if (file == null || !Thread.currentThread().getName().equals("paxos-log-flusher")) {
                    return;
                }
                final Path image = temporary.resolve("image" + images.size());
                final long before = acknowledged[0];
                if (images.size() < 150 && hasCopied(image)) {
                    images.add(image);
                    steps.add(kind + " " + file.getFileName());
                    owed.add(before);
                }
            });
            for (long slot = 4001; slot <= written; slot++) {
                accept(log, 5, slot);
                if (slot % STEP == 0) {
                    syncAndWait(log);
                    acknowledged[0] = slot;
                    log.trim(slot - KEPT);
                }
            }
            disk.observe((kind, file) -> {});
        }
        assertThat(steps.stream().filter(step -> step.startsWith("RENAME") && step.endsWith("precreated")))
                .isNotEmpty();
        for (int i = 0; i < images.size(); i++) {
            try (ChronicleLog log = small(images.get(i)).open()) {
                assertThat(log.lastSlot()).as(steps.get(i)).isGreaterThanOrEqualTo(owed.get(i));
                requireSlots(log, written, log.lastSlot());
            }
        }
    }

    /** False if the replica has moved a file meanwhile. */
    private boolean hasCopied(final Path image) throws IOException {
        try {
            Logs.copy(directory, image);
            return true;
        } catch (UncheckedIOException | NoSuchFileException e) {
            return false;
        }
    }

    @Test
    void space_of_waiting_segments_is_given_to_records_before_a_write_fails() throws IOException {
        final FaultyDisk full = new FaultyDisk();
        directory = temporary.resolve("full");
        try (ChronicleLog log = small(directory).disk(full).open()) {
            log.promise(9);
            for (int slot = 1; slot <= 8000; slot++) {
                accept(log, 5, slot);
            }
            syncAndWait(log);
            log.trim(8000);
            await(() -> segmentCount() == 3);
            full.fillUp();
            accept(log, 5, 8001);
            assertThat(log.sync()).isZero(); // it never succeeds
            assertThat(segments(directory)).hasSize(1);
        }
    }

    /** It reads while records are written, so it meets the ends of them all. */
    @Test
    void chronicle_itself_reads_a_segment_that_was_one_before_while_it_is_written() throws IOException {
        try (ChronicleLog log = open(Durability.REPLICATED)) {
            write(log, 1, 8000);
            await(() -> segmentCount() <= 4);
            long slot = 8000;
            while (slot % STEP != 0 || !isLastReused(log.storageId())) { // one of the next two is
                accept(log, 5, ++slot);
                log.sync();
            }
            final long firstSequence = lastRecords(log.storageId()).get(0).sequence();
            try (ChronicleQueue queue = SingleChronicleQueueBuilder.binary(directory.resolve("00000001"))
                            .rollCycle(RollCycles.FAST_DAILY)
                            .build();
                    ExcerptTailer tailer = queue.createTailer()) {
                tailer.moveToCycle(queue.rollCycle().toCycle(queue.lastIndex()));
                final long[] next = {firstSequence};
                final long end = slot + 3000;
                while (slot < end) {
                    accept(log, 5, ++slot);
                    if (slot % 7 == 0) {
                        log.sync();
                        readAll(tailer, next);
                        assertThat(next[0]).isEqualTo(log.appendedPosition());
                    }
                    if (slot % STEP == 0) {
                        log.trim(slot - 2000);
                    }
                }
            }
        }
    }

    private static void readAll(final ExcerptTailer tailer, final long[] next) {
        while (tailer.readBytes(bytes -> {
            final long sequence = bytes.readLong(bytes.readPosition() + 24);
            assertThat(sequence).isEqualTo(next[0]);
            next[0]++;
        })) {}
    }

    private boolean isLastReused(final long storageId) throws IOException {
        return lastRecords(storageId).get(0).slot() == 1;
    }

    private List<Frames.Place> lastRecords(final long storageId) throws IOException {
        final List<Path> segments = segments(directory);
        return Frames.ofFile(segments.get(segments.size() - 1), storageId);
    }
}
