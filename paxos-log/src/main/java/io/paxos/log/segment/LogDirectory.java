package io.paxos.log.segment;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.agrona.CloseHelper;

/** A directory that this log has locked, and whose records were read and checked. Closing it unlocks the directory. */
public final class LogDirectory implements AutoCloseable {
    private final Layout layout;
    private final DirectoryLock lock;
    private final Watermark watermark;

    /** Where the log began when it was opened. */
    private final Bottom bottom;

    /** What the records say: at first those that were read, then those too that the replica appends. */
    private final SlotIndex index;

    /** All segments in the order of their numbers, which have no gap. */
    private final Segments segments;

    /** The incarnation that begins now. Greater than that of every segment read. */
    private final int incarnation;

    /** The random numbers of all openings, this one included. */
    private final Openings openings;

    /** The sequence of the first record of this incarnation: one more than that of the last record read. */
    private final long firstSequence;

    private LogDirectory(
            final Layout layout,
            final DirectoryLock lock,
            final Watermark watermark,
            final Bottom bottom,
            final SlotIndex index,
            final Segments segments,
            final int incarnation,
            final Openings openings,
            final long firstSequence) {
        this.layout = layout;
        this.lock = lock;
        this.watermark = watermark;
        this.bottom = bottom;
        this.index = index;
        this.segments = segments;
        this.incarnation = incarnation;
        this.openings = openings;
        this.firstSequence = firstSequence;
    }

    /**
     * Creates the directory if need be, locks it, and reads and checks every record in it.
     *
     * @throws StorageException if the directory cannot be used, is locked, belongs to another replica, has a format
     *     that this build does not read, or has lost or altered records that were durable; the message says what to do
     */
    public static LogDirectory open(final LogSettings settings) throws IOException {
        final Layout layout = new Layout(settings.directory());
        Layout.create(settings.directory(), settings.disk());
        final DirectoryLock lock = DirectoryLock.acquire(settings.directory());
        final SlotIndex index = new SlotIndex();
        final Segments segments = new Segments();
        Watermark watermark = null;
        try {
            watermark = openWatermark(layout, settings);
            requireOpenings(layout, watermark);
            final Bottom bottom =
                    Bottom.read(layout.directory(), watermark.identity().storageId());
            final LogOpening opening = new LogOpening(layout, watermark, bottom, index, segments, settings.disk());
            opening.run();
            FailureMark.report(layout.directory());
            final int incarnation = opening.incarnation() + 1;
            final Openings openings = Openings.add(settings.directory(), incarnation, settings.disk());
            requireNotes(settings.directory(), openings);
            Layout.create(layout.incarnation(incarnation), settings.disk());
            return new LogDirectory(
                    layout, lock, watermark, bottom, index, segments, incarnation, openings, opening.nextSequence());
        } catch (IOException | RuntimeException | Error e) {
            CloseHelper.quietCloseAll(segments, index, watermark, lock);
            throw e;
        }
    }

    public Path path() {
        return layout.directory();
    }

    /**
     * Creates a directory within this one, durably, unless it is there. Any thread.
     *
     * @throws StorageException if {@link #requireOwned} fails
     */
    public void create(final Path inner, final Disk disk) throws IOException {
        lock.requireOwned();
        Layout.create(inner, disk);
    }

    /** Whose log this is. */
    public Identity identity() {
        return watermark.identity();
    }

    public int incarnation() {
        return incarnation;
    }

    /** The random number of an opening, this one or an earlier one; 0 if there was none with this incarnation. */
    public long openingId(final int openedAs) {
        return openings.id(openedAs);
    }

    /** What {@link #putNotes} has stored last; empty if nothing. */
    public byte[] notes() throws IOException {
        return NotesFile.read(layout.directory());
    }

    /**
     * Replaces the notes. They are durable when this returns. An interrupt closes channels, so they are tried again.
     */
    public void putNotes(final byte[] notes, final Disk disk) throws IOException {
        lock.requireInPlace();
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    NotesFile.write(layout.directory(), notes, disk);
                    openings.noteNotes();
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    public SlotIndex index() {
        return index;
    }

    Layout layout() {
        return layout;
    }

    Watermark watermark() {
        return watermark;
    }

    Bottom bottom() {
        return bottom;
    }

    Segments segments() {
        return segments;
    }

    long firstSequence() {
        return firstSequence;
    }

    /**
     * Checks that no other process can own the directory, and that it is where it was. Any thread.
     *
     * @throws StorageException if it is not so; the message says what to do
     */
    public void requireOwned() throws IOException {
        lock.requireOwned();
    }

    /** Leaves a mark for the next opening, if the disk takes it and the directory is where it was. Any thread. */
    void markFailure(final StorageException failure) {
        try {
            lock.requireInPlace();
            FailureMark.write(layout.directory(), failure.getMessage());
        } catch (IOException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Releases the open segments, the memory of the index, the watermark and the lock: all of them, whichever fails.
     */
    @Override
    public void close() {
        CloseHelper.closeAll(segments, index, watermark, lock);
    }

    private static void requireNotes(final Path directory, final Openings openings) throws StorageException {
        if (openings.hasNotes() && !Files.exists(directory.resolve(NotesFile.FILE))) {
            throw new StorageException(directory.resolve(NotesFile.FILE) + " is missing: this log does not know any "
                    + "more whom it trusts, so it is not used. " + OpeningFailure.KEEP);
        }
    }

    private static void requireOpenings(final Layout layout, final Watermark watermark) throws IOException {
        final Path file = layout.directory().resolve(Openings.FILE);
        if (watermark.featureLevel() >= LogFormat.OPENINGS_FEATURE_LEVEL
                && layout.lastIncarnation() > 0
                && !Files.exists(file)) {
            throw new StorageException(file + " is missing: this log cannot tell itself from a copy, so it is not "
                    + "used. " + OpeningFailure.KEEP);
        }
    }

    private static Watermark openWatermark(final Layout layout, final LogSettings settings) throws IOException {
        final Path file = layout.directory().resolve(Watermark.FILE);
        if (!Files.exists(file)) {
            if (layout.lastIncarnation() > 0) {
                throw new StorageException(file + " is missing although the log was opened before, so records may be "
                        + "missing too. " + OpeningFailure.KEEP);
            }
            final long storageId = new SecureRandom().nextLong();
            Watermark.create(
                    layout.directory(),
                    new Identity(settings.clusterId(), settings.replicaId(), storageId),
                    settings.disk());
        }
        final Watermark watermark = Watermark.open(layout.directory(), settings.disk());
        final Identity found = watermark.identity();
        if (differ(found.clusterId(), settings.clusterId()) || differ(found.replicaId(), settings.replicaId())) {
            CloseHelper.quietClose(watermark);
            throw new StorageException("directory " + layout.directory() + " holds the log of replica "
                    + found.replicaId() + " of cluster " + found.clusterId() + ", not of replica "
                    + settings.replicaId() + " of cluster " + settings.clusterId() + "; choose the right directory");
        }
        return watermark;
    }

    /** Whether both are given, and are not the same. */
    private static boolean differ(final long found, final long given) {
        return found != 0 && given != 0 && found != given;
    }
}
