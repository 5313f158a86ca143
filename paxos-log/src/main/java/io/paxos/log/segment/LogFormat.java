package io.paxos.log.segment;

import java.nio.file.Path;

/**
 * Which logs this build reads. Two numbers stand in {@code WATERMARK} and at the head of each segment.
 *
 * <p>The <b>format</b> says how the bytes are laid out. A build reads one format: its own. The <b>feature level</b>
 * says which kinds of records and values a log of that format may contain. A build reads all levels up to its own.
 *
 * <p>Format 1 had no epoch and no feature level. Format 2 has both. Feature level 2 added the files {@link
 * Openings#FILE} and {@link NotesFile#FILE}. Feature level 3 added the file {@link Bottom#FILE}: older builds would
 * call trimmed segments missing.
 */
final class LogFormat {
    static final int VERSION = 2;
    static final int FEATURE_LEVEL = 3;

    /** From this level on there is a file {@link Openings#FILE}. */
    static final int OPENINGS_FEATURE_LEVEL = 2;

    private static final int FIRST_FEATURE_LEVEL = 1;

    private LogFormat() {}

    /** @throws StorageException unless this build reads this format */
    static void requireVersion(final Path file, final int found) throws StorageException {
        if (found != VERSION) {
            throw refused(file, "format " + found, "format " + VERSION + " only", found < VERSION);
        }
    }

    /** @throws StorageException unless this build reads this feature level */
    static void requireFeatureLevel(final Path file, final int found) throws StorageException {
        if (found < FIRST_FEATURE_LEVEL || found > FEATURE_LEVEL) {
            throw refused(
                    file,
                    "feature level " + found,
                    "feature levels " + FIRST_FEATURE_LEVEL + " to " + FEATURE_LEVEL,
                    found < FIRST_FEATURE_LEVEL);
        }
    }

    private static StorageException refused(
            final Path file, final String found, final String readable, final boolean isOlder) {
        return new StorageException(file + " has " + found + ", but this build reads " + readable
                + ": open the directory with the " + (isOlder ? "older" : "newer")
                + " build that wrote it; nothing was changed");
    }
}
