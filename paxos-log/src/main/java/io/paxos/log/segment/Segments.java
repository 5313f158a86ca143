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

    /** What all segments but the last one take on disk. */
    private long endedBytes;

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
        private final int incarnation;
        private final Path file;
        private final long firstSequence;

        /** The highest slot of the records in it that are about one slot; 0 if there is none. Never falls. */
        private long maxSlot;

        /** What it takes on disk. 0 until it is known, at the end of the segment. */
        private long bytes;

        /** Null while the file is not open. */
        private FileChannel channel;

        /** The value of {@code reads} when this segment was read last. */
        private long lastRead;

        private Segment(final int number, final int incarnation, final Path file, final long firstSequence) {
            this.number = number;
            this.incarnation = incarnation;
            this.file = file;
            this.firstSequence = firstSequence;
        }

        /** A record in it is about this slot, or about none if it is 0. */
        void noteSlot(final long slot) {
            maxSlot = Math.max(maxSlot, slot);
        }

        int number() {
            return number;
        }

        Path file() {
            return file;
        }
    }

    /** The number that the next segment gets. Numbers have no gap. */
    int nextNumber() {
        return segments.isEmpty() ? 1 : segments.get(segments.size() - 1).number + 1;
    }

    /** {@code firstSequence}: that of its first record. */
    Segment add(final int number, final int incarnation, final Path file, final long firstSequence) {
        final Segment segment = new Segment(number, incarnation, file, firstSequence);
        segments.add(segment);
        return segment;
    }

    /** Nothing is appended to this segment any more. It takes this much on disk. */
    void ended(final Segment segment, final long bytes) {
        endedBytes += bytes - segment.bytes;
        segment.bytes = bytes;
    }

    /** What the segments take on disk that have ended. */
    long endedBytes() {
        return endedBytes;
    }

    /**
     * Removes the segments that hold only slots through this one, from the oldest on, but never the last segment.
     * Returns them in order.
     */
    List<Segment> giveUp(final long throughSlot) {
        int count = 0;
        while (count < segments.size() - 1 && segments.get(count).maxSlot <= throughSlot) {
            final Segment segment = segments.get(count);
            close(segment);
            endedBytes -= segment.bytes;
            count++;
        }
        final List<Segment> oldest = segments.subList(0, count);
        final List<Segment> givenUp = List.copyOf(oldest);
        oldest.clear();
        return givenUp;
    }

    /**
     * The lowest slot through which all segments can be given up that hold only slots through {@code throughSlot}, if
     * {@code keepBytes} of {@code allBytes} are to stay. 0 if no segment can.
     */
    long trimPoint(final long throughSlot, final long keepBytes, final long allBytes) {
        long point = 0;
        long left = allBytes;
        for (int i = 0; i < segments.size() - 1; i++) {
            final Segment segment = segments.get(i);
            left -= segment.bytes;
            if (segment.maxSlot > throughSlot || left < keepBytes) {
                return point;
            }
            point = Math.max(point, segment.maxSlot);
        }
        return point;
    }

    /** Where the log begins if all slots below {@code firstSlot} are trimmed. There is a segment. */
    Bottom bottom(final long firstSlot) {
        final Segment first = segments.get(0);
        return new Bottom(first.number, first.incarnation, first.firstSequence, firstSlot);
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
