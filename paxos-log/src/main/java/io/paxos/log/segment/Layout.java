package io.paxos.log.segment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The names of directories and files; see the package for a picture. */
final class Layout {
    static final String SEGMENT_SUFFIX = ".cq4";
    static final String PREPARED_SUFFIX = ".precreated";

    static final String QUEUE_METADATA = "metadata.cq4t";

    /** How Chronicle names the file of a cycle when cycles are days. */
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyyMMdd'F'", Locale.ROOT);

    private final Path directory;

    Layout(final Path directory) {
        this.directory = directory;
    }

    /** A segment found on disk. */
    record Found(int number, int incarnation, Path file) {}

    Path directory() {
        return directory;
    }

    Path incarnation(final int incarnation) {
        return directory.resolve(String.format(Locale.ROOT, "%08d", incarnation));
    }

    Path segment(final int incarnation, final int number) {
        return incarnation(incarnation).resolve(name(number) + SEGMENT_SUFFIX);
    }

    Path prepared(final int incarnation, final int number) {
        return incarnation(incarnation).resolve(name(number) + PREPARED_SUFFIX);
    }

    /** Creates a directory, and its parents, durably. Only the owner has access. An existing directory is kept. */
    static void create(final Path directory, final Disk disk) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        final Path parent = directory.getParent();
        create(parent, disk);
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectory(directory);
        }
        disk.forceDirectory(parent);
    }

    /** The highest incarnation that has a directory; 0 if none has. */
    int lastIncarnation() throws IOException {
        int last = 0;
        for (final Path path : list(directory)) {
            last = Math.max(last, incarnationOf(path));
        }
        return last;
    }

    /**
     * All segments in order, from the bottom on.
     *
     * @throws StorageException if one is missing before another; the message names it
     */
    List<Found> segments(final Bottom bottom) throws IOException {
        final List<Found> segments = all();
        segments.removeIf(found -> found.number() < bottom.segment());
        for (int i = 0; i < segments.size(); i++) {
            requireNoGap(bottom, i == 0 ? null : segments.get(i - 1), segments.get(i));
        }
        return segments;
    }

    /** Deletes the segments below the bottom, whose file was read. A crash came before they were deleted. */
    void deleteBelow(final Bottom bottom, final Disk disk) throws IOException {
        final List<Found> below = all();
        below.removeIf(found -> found.number() >= bottom.segment());
        if (below.isEmpty()) {
            return;
        }
        disk.forceDirectory(directory); // the crash may have come before the file of the bottom had its name on disk
        for (final Found found : below) {
            disk.delete(found.file());
        }
    }

    private List<Found> all() throws IOException {
        final List<Found> segments = new ArrayList<>();
        for (final Path path : list(directory)) {
            final int incarnation = incarnationOf(path);
            if (incarnation > 0) {
                for (final Path file : list(path)) {
                    final int number = numberOf(file);
                    if (number > 0) {
                        segments.add(new Found(number, incarnation, file));
                    }
                }
            }
        }
        segments.sort(Comparator.comparingInt(Found::incarnation).thenComparingInt(Found::number));
        return segments;
    }

    private void requireNoGap(final Bottom bottom, final Found before, final Found found) throws StorageException {
        final int expected = before == null ? bottom.segment() : before.number() + 1;
        if (found.number() != expected) {
            final int fromIncarnation = before == null ? bottom.incarnation() : before.incarnation();
            final String missing = found.number() < expected
                    ? found.file() + " is there twice"
                    : missing(expected, found.number() - 1, fromIncarnation, found.incarnation());
            throw new StorageException(missing + (before == null ? "" : ", behind " + before.file()) + ", before "
                    + found.file() + ". If a file was moved away, put it back. " + OpeningFailure.KEEP);
        }
    }

    /** Says which segments are missing, and in which directories of incarnations they may have been. */
    String missing(final int fromNumber, final int throughNumber, final int fromIncarnation, final int last) {
        final String first = name(fromNumber) + SEGMENT_SUFFIX;
        final String names = fromNumber == throughNumber
                ? first + " is missing"
                : first + " to " + name(throughNumber) + SEGMENT_SUFFIX + " are missing";
        return "segment " + names + " in " + incarnation(fromIncarnation)
                + (last > fromIncarnation
                        ? " or a directory up to " + incarnation(last).getFileName()
                        : "");
    }

    /** Deletes what only the process that wrote it needed, unfinished copies too. The caller holds the lock. */
    void sweep() throws IOException {
        for (final Path path : list(directory)) {
            if (incarnationOf(path) > 0) {
                boolean empty = true;
                for (final Path file : list(path)) {
                    final String name = file.getFileName().toString();
                    if (name.equals(QUEUE_METADATA)
                            || name.endsWith(PREPARED_SUFFIX)
                            || name.endsWith(SegmentCopy.SUFFIX)) {
                        Files.delete(file);
                    } else {
                        empty = false;
                    }
                }
                if (empty) {
                    Files.delete(path);
                }
            }
        }
    }

    private static List<Path> list(final Path directory) throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.sorted().toList();
        }
    }

    private static String name(final int number) {
        return LocalDate.ofEpochDay(number).format(DAY);
    }

    private static int incarnationOf(final Path path) {
        final String name = path.getFileName().toString();
        return name.matches("\\d{8}") && Files.isDirectory(path) ? Integer.parseInt(name) : 0;
    }

    private static int numberOf(final Path file) {
        final String name = file.getFileName().toString();
        if (!name.endsWith(SEGMENT_SUFFIX)) {
            return 0;
        }
        try {
            final String day = name.substring(0, name.length() - SEGMENT_SUFFIX.length());
            return (int) LocalDate.parse(day, DAY).toEpochDay();
        } catch (DateTimeParseException e) {
            return 0; // not a segment
        }
    }
}
