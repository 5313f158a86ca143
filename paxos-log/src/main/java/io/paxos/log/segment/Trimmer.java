package io.paxos.log.segment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the files of trimmed segments back: as spare segments, or to the disk. The replica thread says which; the
 * flusher thread does it.
 *
 * <p>First the file {@link Bottom#FILE} is replaced. Then the segments below it become {@link SpareSegments} while
 * there is room for them, and the others are deleted, 4 MiB in each turn, so that a force waits for no more than that.
 * The file is replaced when it allows a segment to be deleted, and at closing. In between it may name a lower slot than
 * the log does, and everything from that slot on is still there.
 *
 * <p>The first record of the first kept segment holds the promise for all slots. So it must be on disk before any
 * older segment goes.
 *
 * <p>A file that cannot be written or deleted costs space, and nothing else. So the log goes on, warns once, and tries
 * again with the next trim, or when a full file system has space again. A failed force stops the log.
 */
final class Trimmer {
    private static final Logger LOGGER = LoggerFactory.getLogger(Trimmer.class);

    /** To delete 64 MiB at once takes 10 to 50 ms, and a force would wait for it. */
    private static final long SLICE_BYTES = 4 << 20;

    private final LogDirectory directory;
    private final Disk disk;
    private final SpareSegments spares;
    private final Reserve reserve;

    /** Segments below {@code wanted.segment()} that are still there, in order. Guarded by this. */
    private final ArrayDeque<Segments.Segment> givenUp = new ArrayDeque<>();

    /** Where the log begins in memory. Never falls. */
    private volatile Bottom wanted;

    /** True after a failure, until the next trim. */
    private volatile boolean isPaused;

    // owned by the flusher thread
    private Bottom written; // what the file says; durable
    private boolean hasWarned; // since the last success

    Trimmer(final LogDirectory directory, final Disk disk, final SpareSegments spares, final Reserve reserve) {
        this.directory = directory;
        this.disk = disk;
        this.spares = spares;
        this.reserve = reserve;
        written = directory.bottom();
        wanted = written;
    }

    /** There is space again: tries again what has failed. */
    void resume() {
        isPaused = false;
    }

    /** The log begins here now, and these segments below are not read any more. The replica thread. */
    void trim(final Bottom bottom, final List<Segments.Segment> segments) {
        synchronized (this) {
            givenUp.addAll(segments);
        }
        wanted = bottom;
        isPaused = false;
    }

    /**
     * Does one step; returns 0 if there is nothing to do. The flusher thread.
     *
     * @param forced every record below this sequence is on disk
     * @throws StorageException if a force failed, or another process owns the directory
     */
    int step(final long forced) throws IOException {
        final Bottom bottom = wanted;
        if (isPaused) {
            return 0;
        }
        if (bottom.segment() > written.segment() && forced > bottom.sequence()) {
            return write(bottom) ? 1 : 0;
        }
        return giveBackNext() ? 1 : 0;
    }

    /** Makes durable what was trimmed, and deletes what it allows. Everything appended is on disk. */
    void close() throws IOException {
        spares.close();
        isPaused = false;
        if (!written.equals(wanted) && !write(wanted)) {
            return;
        }
        boolean hasMore = true;
        while (hasMore) {
            hasMore = giveBackNext();
        }
    }

    private boolean write(final Bottom bottom) throws IOException {
        directory.requireOwned();
        try {
            bottom.write(directory.path(), directory.identity().storageId(), disk);
            written = bottom;
            hasWarned = false;
            return true;
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            if (disk.isFull(directory.path(), e) && reserve.giveBack()) {
                return write(bottom);
            }
            pause(directory.path().resolve(Bottom.FILE), "written", e);
            return false;
        }
    }

    private boolean giveBackNext() throws IOException {
        final Segments.Segment segment = oldest();
        if (segment == null) {
            return false;
        }
        directory.requireOwned();
        try {
            if (!isGivenBack(segment.file())) {
                return true;
            }
        } catch (IOException e) {
            pause(segment.file(), "deleted", e);
            return false;
        }
        synchronized (this) {
            givenUp.remove();
        }
        return true;
    }

    /**
     * Cuts a slice off at the end of the file, down to the length of a spare segment if one is wanted. Chronicle makes
     * a file longer than its segment, to a multiple of what it maps at a time. Returns whether the file is done with.
     */
    private boolean isGivenBack(final Path file) throws IOException {
        final long size = Files.size(file);
        final long left = Math.max(spares.wanted(size), size - SLICE_BYTES);
        if (left <= 0) {
            disk.delete(file);
            return true;
        }
        if (left < size) {
            disk.truncate(file, left);
            return false;
        }
        return spares.offer(file);
    }

    /** The oldest segment that may be deleted; null if there is none. */
    private synchronized Segments.Segment oldest() {
        final Segments.Segment oldest = givenUp.peek();
        return oldest != null && oldest.number() < written.segment() ? oldest : null;
    }

    private void pause(final Path file, final String done, final IOException cause) {
        isPaused = true;
        if (!hasWarned) {
            hasWarned = true;
            LOGGER.warn(
                    "{} cannot be {} ({}), so trimmed segments keep their space; nothing is lost. The log tries"
                            + " again: check the disk and its space",
                    file,
                    done,
                    cause.toString());
        }
    }
}
