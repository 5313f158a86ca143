package io.paxos.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.agrona.CloseHelper;

/**
 * All segments of a log by number, for plain reads. Those read last stay open.
 *
 * <p>A read sees what Chronicle has stored through its mapping: both use the page cache. A page that the disk cannot
 * read is an exception here. Through a mapping it would be a signal. One thread.
 */
final class Segments implements AutoCloseable {
    private static final int OPEN_MAX = 64;

    private final List<Segment> segments = new ArrayList<>();
    private final int openMax;

    /** How many segments have an open channel. At most {@code openMax}. */
    private int openCount;

    /** How often {@link #read} was called. Only grows, so it orders the segments by their last use. */
    private long reads;

    Segments() {
        this(OPEN_MAX);
    }

    /** {@code openMax} >= 1. */
    Segments(final int openMax) {
        this.openMax = openMax;
    }

    /** One segment. Its channel is opened when it is read, and closed when others need the room. */
    static final class Segment {
        private final int number;
        private final Path file;

        /** Null while the file is not open. */
        private FileChannel channel;

        /** The value of {@code reads} when this segment was read last. */
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

    Path file(final int number) {
        return segment(number).file;
    }

    /**
     * Reads from byte {@code from} of a segment on, until {@code into} holds {@code least} bytes or the file ends. May
     * read more, at most until {@code into} is full.
     *
     * @throws IOException if the file cannot be opened or the disk cannot read the bytes
     */
    void read(final int number, final ByteBuffer into, final long from, final int least) throws IOException {
        final Segment segment = segment(number);
        segment.lastRead = ++reads;
        final int start = into.position();
        boolean interrupted = Thread.interrupted(); // an interrupt closes file channels
        try {
            while (into.position() - start < least) {
                try {
                    if (opened(segment).read(into, from + into.position() - start) < 0) {
                        return;
                    }
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                    close(segment);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    int openCount() {
        return openCount;
    }

    @Override
    public void close() {
        for (final Segment segment : segments) {
            close(segment);
        }
    }

    private Segment segment(final int number) {
        return segments.get(number - segments.get(0).number);
    }

    private FileChannel opened(final Segment segment) throws IOException {
        if (segment.channel == null) {
            if (openCount >= openMax) {
                closeLeastRecent();
            }
            segment.channel = FileChannel.open(segment.file, StandardOpenOption.READ);
            openCount++;
        }
        return segment.channel;
    }

    private void closeLeastRecent() {
        Segment oldest = null;
        for (int i = 0; i < segments.size(); i++) {
            final Segment segment = segments.get(i);
            if (segment.channel != null && (oldest == null || segment.lastRead < oldest.lastRead)) {
                oldest = segment;
            }
        }
        if (oldest != null) {
            close(oldest);
        }
    }

    private void close(final Segment segment) {
        if (segment.channel != null) {
            CloseHelper.quietClose(segment.channel); // it was only read
            segment.channel = null;
            openCount--;
        }
    }
}
