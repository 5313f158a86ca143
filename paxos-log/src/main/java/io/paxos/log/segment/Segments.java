package io.paxos.log.segment;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * All segments of a log by number. Those read last have a read-only mapping of our own.
 *
 * <p>A mapping sees what Chronicle writes at once: both are views of the page cache. One thread.
 */
final class Segments implements AutoCloseable {
    private static final int MAPPED_MAX = 64;

    private final List<Segment> segments = new ArrayList<>();
    private final int mappedMax;

    /** How many segments have a mapping. At most {@code mappedMax}, or one more while a segment is pinned. */
    private int mappedCount;

    /** How often {@link #mapped} was called. Only grows, so it orders the segments by their last use. */
    private long reads;

    /** The segment that a reader looks at; it is not unmapped. Null while nobody reads. */
    private Segment pinned;

    Segments() {
        this(MAPPED_MAX);
    }

    /** {@code mappedMax} >= 2: one is written, one is read. */
    Segments(final int mappedMax) {
        this.mappedMax = mappedMax;
    }

    /** One segment. Its mapping is made when it is read, and freed when others need the room. */
    static final class Segment {
        private final int number;
        private final Path file;
        private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);

        /** Null while the segment is not mapped; {@link #buffer} is empty then. */
        private MappedByteBuffer bytes;

        /** The value of {@code reads} when this segment was last asked for. */
        private long lastRead;

        private Segment(final int number, final Path file) {
            this.number = number;
            this.file = file;
        }

        int number() {
            return number;
        }

        Path file() {
            return file;
        }

        /** The mapping as far as it goes; {@link #buffer} views all of it. */
        MappedByteBuffer bytes() {
            return bytes;
        }

        UnsafeBuffer buffer() {
            return buffer;
        }
    }

    /** The number that the next segment gets. Numbers have no gap, and start at 1. */
    int nextNumber() {
        return segments.isEmpty() ? 1 : segments.get(segments.size() - 1).number + 1;
    }

    Segment add(final int number, final Path file) {
        final Segment segment = new Segment(number, file);
        segments.add(segment);
        return segment;
    }

    /**
     * Maps a segment. The mapping is valid until this method is called for another segment. The mappings of the last
     * segment and of the pinned one stay.
     */
    Segment mapped(final int number) throws StorageException {
        final Segment segment = segments.get(number - segments.get(0).number);
        segment.lastRead = ++reads;
        if (segment.bytes == null) {
            if (mappedCount >= mappedMax) {
                unmapLeastRecent();
            }
            map(segment);
        }
        return segment;
    }

    /** Keeps one segment mapped while a reader looks at it. */
    void pin(final Segment segment) {
        pinned = segment;
    }

    void unpin() {
        pinned = null;
    }

    int mappedCount() {
        return mappedCount;
    }

    @Override
    public void close() {
        for (final Segment segment : segments) {
            unmap(segment);
        }
    }

    private void unmapLeastRecent() {
        Segment oldest = null;
        for (int i = 0; i < segments.size() - 1; i++) {
            final Segment segment = segments.get(i);
            if (segment.bytes != null && segment != pinned && (oldest == null || segment.lastRead < oldest.lastRead)) {
                oldest = segment;
            }
        }
        if (oldest != null) {
            unmap(oldest);
        }
    }

    /** An interrupt closes the channel, and must not fail the log. So the mapping is tried again. */
    private void map(final Segment segment) throws StorageException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try (FileChannel channel = FileChannel.open(segment.file, StandardOpenOption.READ)) {
                    segment.bytes =
                            channel.map(FileChannel.MapMode.READ_ONLY, 0, Math.min(channel.size(), Integer.MAX_VALUE));
                    break;
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } catch (IOException e) {
            throw new StorageException(
                    "cannot map " + segment.file + " (" + e.getMessage()
                            + "): check the disk, then restart this replica",
                    e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        segment.buffer.wrap(segment.bytes);
        mappedCount++;
    }

    private void unmap(final Segment segment) {
        if (segment.bytes != null) {
            segment.buffer.wrap(0, 0);
            BufferUtil.free(segment.bytes);
            segment.bytes = null;
            mappedCount--;
        }
    }
}
