package io.paxos.log;

import static io.paxos.log.Logs.accept;
import static io.paxos.log.Logs.small;
import static io.paxos.log.Logs.syncAndWait;
import static io.paxos.log.Logs.value;

import io.paxos.log.segment.Frames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsCollector;

/** After any damage to the files, the log holds every acknowledged value unaltered, or refuses to open. */
class DamageProperties {
    private static final int SLOTS = 2400;
    private static final int NOT_ACKNOWLEDGED = 5;
    private static final int PAGE_BYTES = 4096;

    private static Path temporary;

    /** Opened twice, then closed: every value is acknowledged. */
    private static Image closed;

    /** Opened twice, then crashed: the last few values were not synced, and can be lost. */
    private static Image crashed;

    /** Opened twice, trimmed, then closed. */
    private static Image trimmed;

    /** Opened twice, trimmed, then crashed before the trimmed segments were deleted. */
    private static Image crashedTrimmed;

    /** Trimmed while it was written, so that segments were used again, then closed. */
    private static Image reused;

    /** The same, but crashed: the last few values were not synced, and can be lost. */
    private static Image crashedReused;

    /** Slots through {@code trimmedThrough} can be missing. Those through {@code acknowledgedSlots} must be there. */
    private record Image(Path directory, long storageId, int trimmedThrough, int acknowledgedSlots) {}

    enum Kind {
        FLIP_BIT,
        ZERO_PAGE,
        ZERO_WORD,
        GARBAGE,
        TRUNCATE,
        TRUNCATE_AT_RECORD,
        DAMAGE_RECORD,
        DELETE
    }

    /** {@code file} counts modulo the files there are, {@code position} modulo its length or its records. */
    record Mutation(Kind kind, int file, int position, int bit) {}

    @BeforeContainer
    static void write() throws IOException {
        temporary = Files.createTempDirectory("paxos-damage");
        final Path directory = temporary.resolve("closed");
        final Path crash = temporary.resolve("crashed");
        final long storageId;
        try (ChronicleLog log = small(directory).open()) {
            storageId = log.storageId();
            log.promise(5);
            for (int slot = 1; slot <= SLOTS / 2; slot++) {
                accept(log, 5, slot);
            }
        }
        try (ChronicleLog log = small(directory).watermarkIntervalNs(0).open()) {
            for (int slot = SLOTS / 2 + 1; slot <= SLOTS; slot++) {
                accept(log, 5, slot);
            }
            syncAndWait(log);
            accept(log, 5, SLOTS + 1L);
            syncAndWait(log); // this force began after the watermark of the one before was written,
            accept(log, 5, SLOTS + 2L);
            syncAndWait(log); // and so did this one: both halves of the watermark cover what is acknowledged
            for (int more = 3; more <= NOT_ACKNOWLEDGED; more++) {
                accept(log, 5, SLOTS + more);
            }
            Logs.copy(directory, crash);
            deletePrepared(crash);
        }
        closed = new Image(directory, storageId, 0, SLOTS + NOT_ACKNOWLEDGED);
        crashed = new Image(crash, storageId, 0, SLOTS);
        trim();
        reuse();
    }

    private static void reuse() throws IOException {
        final Path clean = temporary.resolve("reused");
        final Path torn = temporary.resolve("crashedReused");
        final int slots = 4 * SLOTS;
        final int through = slots - SLOTS;
        final long storageId;
        try (ChronicleLog log = small(clean).watermarkIntervalNs(0).open()) {
            storageId = log.storageId();
            log.promise(5);
            for (int slot = 1; slot <= slots; slot++) {
                accept(log, 5, slot);
                if (slot % 200 == 0) {
                    syncAndWait(log);
                    log.trim(slot - SLOTS);
                }
            }
            accept(log, 5, slots + 1L);
            syncAndWait(log); // as above: both halves of the watermark cover what is acknowledged
            accept(log, 5, slots + 2L);
            syncAndWait(log);
            for (int more = 3; more <= NOT_ACKNOWLEDGED; more++) {
                accept(log, 5, slots + more);
            }
            TrimTest.await(() -> hasCopied(clean, torn));
            deletePrepared(torn);
        }
        reused = new Image(clean, storageId, through, slots + NOT_ACKNOWLEDGED);
        crashedReused = new Image(torn, storageId, through, slots);
    }

    /** False if a trimmed segment was deleted meanwhile. */
    private static boolean hasCopied(final Path directory, final Path copy) {
        try {
            if (Files.exists(copy)) {
                delete(copy);
            }
            Logs.copy(directory, copy);
            return true;
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    private static void trim() throws IOException {
        final Path clean = temporary.resolve("trimmed");
        Logs.copy(closed.directory(), clean);
        final int through;
        try (ChronicleLog log = small(clean).open()) {
            through = (int) log.trimPoint(SLOTS * 2 / 3, 0) + 7;
            log.trim(through);
        }
        final Path torn = temporary.resolve("crashedTrimmed");
        Logs.copy(crashed.directory(), torn);
        try (ChronicleLog log = small(clean).open()) { // the log that was copied last has the same segments
            requireWhole(log, through, SLOTS + NOT_ACKNOWLEDGED);
        }
        Files.copy(clean.resolve("BOTTOM"), torn.resolve("BOTTOM"));
        trimmed = new Image(clean, closed.storageId(), through, SLOTS + NOT_ACKNOWLEDGED);
        crashedTrimmed = new Image(torn, closed.storageId(), through, SLOTS);
    }

    @AfterContainer
    static void delete() throws IOException {
        delete(temporary);
    }

    @Property(tries = 90, shrinking = ShrinkingMode.BOUNDED)
    void a_closed_log_is_whole_or_refused(@ForAll("mutations") final List<Mutation> mutations) throws IOException {
        requireWholeOrRefused(closed, mutations);
    }

    @Property(tries = 90, shrinking = ShrinkingMode.BOUNDED)
    void a_crashed_log_keeps_what_was_acknowledged_or_is_refused(@ForAll("mutations") final List<Mutation> mutations)
            throws IOException {
        requireWholeOrRefused(crashed, mutations);
    }

    @Property(tries = 90, shrinking = ShrinkingMode.BOUNDED)
    void a_trimmed_log_is_whole_above_what_was_trimmed_or_refused(@ForAll("mutations") final List<Mutation> mutations)
            throws IOException {
        requireWholeOrRefused(trimmed, mutations);
    }

    @Property(tries = 90, shrinking = ShrinkingMode.BOUNDED)
    void a_log_that_crashed_while_trimmed_is_whole_above_what_was_trimmed_or_refused(
            @ForAll("mutations") final List<Mutation> mutations) throws IOException {
        requireWholeOrRefused(crashedTrimmed, mutations);
    }

    @Property(tries = 90, shrinking = ShrinkingMode.BOUNDED)
    void a_log_of_segments_that_were_used_again_is_whole_or_refused(@ForAll("mutations") final List<Mutation> mutations)
            throws IOException {
        requireWholeOrRefused(reused, mutations);
    }

    @Property(tries = 90, shrinking = ShrinkingMode.BOUNDED)
    void a_crashed_log_of_segments_that_were_used_again_keeps_what_was_acknowledged_or_is_refused(
            @ForAll("mutations") final List<Mutation> mutations) throws IOException {
        requireWholeOrRefused(crashedReused, mutations);
    }

    @Provide
    Arbitrary<List<Mutation>> mutations() {
        return Combinators.combine(
                        Arbitraries.of(Kind.class),
                        Arbitraries.integers().between(0, 7),
                        Arbitraries.integers().greaterOrEqual(0),
                        Arbitraries.integers().between(0, 7))
                .as(Mutation::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(3);
    }

    private static void requireWholeOrRefused(final Image image, final List<Mutation> mutations) throws IOException {
        outcome(wholeOrRefused(image, mutations));
    }

    /** What the damage of one seed leads to: "whole" or "refused". {@link #write} has run. */
    static String wholeOrRefused(final long seed) throws IOException {
        final Random random = new Random(seed);
        final List<Mutation> mutations = new ArrayList<>();
        for (int left = 1 + random.nextInt(3); left > 0; left--) {
            mutations.add(new Mutation(
                    Kind.values()[random.nextInt(Kind.values().length)],
                    random.nextInt(64),
                    random.nextInt(Integer.MAX_VALUE),
                    random.nextInt(8)));
        }
        final List<Image> images = List.of(closed, crashed, trimmed, crashedTrimmed, reused, crashedReused);
        return wholeOrRefused(images.get(random.nextInt(images.size())), mutations);
    }

    /** Throws an AssertionError if the answer is wrong. */
    private static String wholeOrRefused(final Image image, final List<Mutation> mutations) throws IOException {
        final Path directory = Files.createTempDirectory(temporary, "try");
        Files.delete(directory);
        Logs.copy(image.directory(), directory);
        for (final Mutation mutation : mutations) {
            mutate(directory, image.storageId(), mutation);
        }
        try (ChronicleLog log = small(directory).open()) {
            requireWhole(log, image.trimmedThrough(), image.acknowledgedSlots());
            return "whole";
        } catch (LogException e) {
            if (!e.getMessage().contains(directory.toString())
                    || e.getMessage().lines().count() != 1) {
                throw new AssertionError("a refusal that names no file, or in several lines", e);
            }
            return "refused";
        } finally {
            delete(directory);
        }
    }

    private static void outcome(final String outcome) {
        final StatisticsCollector outcomes = Statistics.label("outcome");
        outcomes.collect(outcome);
        outcomes.coverage(coverage -> {
            coverage.check("whole").percentage(percent -> percent > 5);
            coverage.check("refused").percentage(percent -> percent > 20);
        });
    }

    private static void requireWhole(final ChronicleLog log, final int trimmedThrough, final int slots) {
        if (log.promised() != 5) {
            throw new AssertionError("promised=" + log.promised());
        }
        if (log.firstSlot() > trimmedThrough + 1) {
            throw new AssertionError(
                    "trimmed through " + trimmedThrough + ", but the log begins at " + log.firstSlot());
        }
        for (int slot = (int) log.firstSlot(); slot <= slots; slot++) {
            if (log.acceptedBallot(slot) != 5 || !Arrays.equals(value(5, slot), Logs.read(log, slot))) {
                throw new AssertionError("lost or altered: slot=" + slot);
            }
        }
        for (long slot = slots + 1L; slot <= log.lastSlot(); slot++) { // not acknowledged, but kept in order
            if (!Arrays.equals(value(5, slot), Logs.read(log, slot))) {
                throw new AssertionError("not a prefix: slot=" + slot + " lastSlot=" + log.lastSlot());
            }
        }
    }

    private static void mutate(final Path directory, final long storageId, final Mutation mutation) throws IOException {
        final List<Path> files;
        try (Stream<Path> paths = Files.walk(directory)) { // segments, WATERMARK, LOCK, Chronicle's own files
            files = paths.filter(Files::isRegularFile).sorted().toList();
        }
        if (files.isEmpty()) {
            return;
        }
        final Path file = files.get(mutation.file() % files.size());
        final long size = Math.max(Files.size(file), 1);
        final long position = mutation.position() % size;
        switch (mutation.kind()) {
            case FLIP_BIT -> Frames.flip(file, position, mutation.bit());
            case ZERO_PAGE -> Frames.overwrite(file, position / PAGE_BYTES * PAGE_BYTES, new byte[PAGE_BYTES]);
            case ZERO_WORD -> Frames.overwrite(file, position / 4 * 4, new byte[4]);
            case GARBAGE -> Frames.overwrite(file, position, garbage(mutation));
            case TRUNCATE -> Frames.truncate(file, position);
            case TRUNCATE_AT_RECORD -> {
                final Frames.Place place = record(directory, storageId, mutation);
                if (place != null) {
                    Frames.truncate(place.file(), place.offset() - 4L * (mutation.bit() % 2));
                }
            }
            case DAMAGE_RECORD -> {
                final Frames.Place place = record(directory, storageId, mutation);
                if (place != null) {
                    Frames.flip(place.file(), place.offset() + mutation.position() % place.length(), mutation.bit());
                }
            }
            case DELETE -> Files.delete(file);
        }
    }

    /** Mostly one of the last records: there it is hard to know what was durable. */
    private static Frames.Place record(final Path directory, final long storageId, final Mutation mutation)
            throws IOException {
        final List<Frames.Place> places = Frames.of(directory, storageId);
        final int behind = mutation.file() % 2 == 0 ? mutation.position() : mutation.position() % 12;
        return places.isEmpty() ? null : places.get(places.size() - 1 - behind % places.size());
    }

    private static byte[] garbage(final Mutation mutation) {
        final byte[] bytes = new byte[64];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (mutation.position() * 31 + mutation.bit() * 17 + i * i);
        }
        return bytes;
    }

    private static void deletePrepared(final Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (final Path path : paths.toList()) {
                if (path.toString().endsWith(".precreated")) {
                    Files.delete(path);
                }
            }
        }
    }

    private static void delete(final Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
