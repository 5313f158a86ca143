package io.paxos.log.segment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.agrona.CloseHelper;

/** A directory that this log has locked, and whose records were read and checked. Closing it unlocks the directory. */
public final class LogDirectory implements AutoCloseable {
    private final Layout layout;
    private final DirectoryLock lock;
    private final Watermark watermark;

    /** What the records say: at first those that were read, then those too that the replica appends. */
    private final SlotIndex index;

    /** All segments in the order of their numbers, which have no gap. */
    private final Segments segments;

    /** The incarnation that begins now. Greater than that of every segment read. */
    private final int incarnation;

    /** The sequence of the first record of this incarnation: one more than that of the last record read. */
    private final long firstSequence;

    private LogDirectory(
            final Layout layout,
            final DirectoryLock lock,
            final Watermark watermark,
            final SlotIndex index,
            final Segments segments,
            final int incarnation,
            final long firstSequence) {
        this.layout = layout;
        this.lock = lock;
        this.watermark = watermark;
        this.index = index;
        this.segments = segments;
        this.incarnation = incarnation;
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
            final LogOpening opening = new LogOpening(layout, watermark, index, settings.disk());
            opening.run();
            for (final Layout.Found found : opening.segments()) {
                segments.add(found.number(), found.file());
            }
            final int incarnation = opening.incarnation() + 1;
            layout.sweep();
            Layout.create(layout.incarnation(incarnation), settings.disk());
            return new LogDirectory(layout, lock, watermark, index, segments, incarnation, opening.nextSequence());
        } catch (IOException | RuntimeException | Error e) {
            CloseHelper.quietCloseAll(segments, index, watermark, lock);
            throw e;
        }
    }

    /** Whose log this is. */
    public Identity identity() {
        return watermark.identity();
    }

    public int incarnation() {
        return incarnation;
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

    Segments segments() {
        return segments;
    }

    long firstSequence() {
        return firstSequence;
    }

    /** Releases the mappings, the memory of the index, the watermark and the lock: all of them, whichever fails. */
    @Override
    public void close() {
        CloseHelper.closeAll(segments, index, watermark, lock);
    }

    private static Watermark openWatermark(final Layout layout, final LogSettings settings) throws IOException {
        final Path file = layout.directory().resolve(Watermark.FILE);
        if (!Files.exists(file)) {
            if (layout.lastIncarnation() > 0) {
                throw new StorageException(file + " is missing although the log was opened before, so records may be "
                        + "missing too; restore the file, or let this replica rejoin as a new member");
            }
            final long storageId = new SecureRandom().nextLong();
            Watermark.create(
                    layout.directory(),
                    new Identity(settings.clusterId(), settings.replicaId(), storageId),
                    settings.disk());
        }
        final Watermark watermark = Watermark.open(layout.directory(), settings.disk());
        final Identity found = watermark.identity();
        if (found.clusterId() != settings.clusterId() || found.replicaId() != settings.replicaId()) {
            CloseHelper.quietClose(watermark);
            throw new StorageException("directory " + layout.directory() + " holds the log of replica "
                    + found.replicaId() + " of cluster " + found.clusterId() + ", not of replica "
                    + settings.replicaId() + " of cluster " + settings.clusterId() + "; choose the right directory");
        }
        return watermark;
    }
}
