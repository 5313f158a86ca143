package io.paxos.log.segment;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all segments once, in order, and decides what the log says.
 *
 * <p>The log is the longest unbroken run of sequences from 1. What follows a gap within one incarnation is dropped if
 * it may never have been durable: it lies beyond every {@code durableSequence} in a record and beyond the watermark.
 * Otherwise acknowledged records are missing, and the log is refused.
 *
 * <p>The first record of an incarnation has the sequence behind the last record that its opening kept. The opening
 * forced all records before that one. So a dropped record stays dropped, and a kept record counts as durable.
 */
final class LogOpening {
    private static final Logger LOGGER = LoggerFactory.getLogger(LogOpening.class);
    private static final int PAGE_BYTES = 4096;

    private final Layout layout;
    private final Watermark watermark;
    private final SlotIndex index;
    private final Disk disk;
    private final List<Layout.Found> segments = new ArrayList<>();

    /** The log holds exactly the records below this sequence. Never falls. */
    private long nextSequence = 1;

    /** The incarnation of the last record taken; 0 before the first. Never falls. */
    private int incarnation;

    /** Every record through this one was durable. Never falls. */
    private long knownDurable;

    /** True behind a gap in the sequences, until an incarnation begins that recovered exactly what was taken. */
    private boolean broken;

    /** The file of the last record taken. Null if none was. */
    private Path lastFile;

    /** Where in {@code lastFile} the last record taken ends. */
    private long lastEnd;

    /** The slot that the first damaged record behind {@code lastEnd} seems to be about; 0 if unknown. */
    private long damagedSlot;

    /** Where the first sound record behind the gap is. Null if there is no gap. */
    private String resumesAt;

    /** Whether {@code lastFile} has only zeros and an end mark behind {@code lastEnd}. */
    private boolean cleanTail = true;

    /** Reads {@link #segment}. Null before {@link #run}. */
    private SegmentScan scan;

    /** The segment that is read now. */
    private Layout.Found segment;

    LogOpening(final Layout layout, final Watermark watermark, final SlotIndex index, final Disk disk) {
        this.layout = layout;
        this.watermark = watermark;
        this.index = index;
        this.disk = disk;
        knownDurable = watermark.durableSequence();
    }

    /** @throws StorageException if records that were durable are missing or altered */
    void run() throws IOException {
        segments.addAll(layout.segments());
        final List<Path> unforced = new ArrayList<>();
        try (SegmentScan opened = new SegmentScan(new Frame(watermark.identity().storageId()))) {
            scan = opened;
            for (final Layout.Found found : segments) {
                segment = found;
                scan.scan(found.file(), this::frame);
                if (nextSequence - 1 > watermark.durableSequence()) {
                    unforced.add(found.file());
                }
                noteEnd();
            }
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            throw OpeningFailure.explained("cannot read " + segment.file(), segment.file(), e);
        }
        if (knownDurable >= nextSequence) {
            throw lost();
        }
        force(unforced);
        if (broken || !cleanTail) {
            LOGGER.warn(
                    "dropped what was written but never durable behind offset {} of {}: the process or the machine died"
                            + " before it was forced",
                    lastEnd,
                    lastFile);
        } else if (!segments.isEmpty()) {
            releaseTail();
        }
    }

    /** The segments read, in order; their numbers have no gap. */
    List<Layout.Found> segments() {
        return segments;
    }

    /** The sequence of the next record. */
    long nextSequence() {
        return nextSequence;
    }

    /** The highest incarnation that left a trace. */
    int incarnation() throws IOException {
        return Math.max(Math.max(incarnation, watermark.incarnation()), layout.lastIncarnation());
    }

    private void frame(final DirectBuffer buffer, final int at, final int offset) throws StorageException {
        final int writer = Frame.incarnation(buffer, at);
        if (writer != segment.incarnation()) {
            return; // the image of a record within a broken one
        }
        LogFormat.requireVersion(segment.file(), Frame.format(buffer, at));
        final long sequence = Frame.sequence(buffer, at);
        final byte type = Frame.type(buffer, at);
        if (type == Frame.OPENED) {
            LogFormat.requireFeatureLevel(segment.file(), Frame.featureLevel(buffer, at));
        }
        knownDurable = Math.max(knownDurable, Frame.durableSequence(buffer, at));
        if (writer > incarnation && type == Frame.OPENED) {
            begin(buffer, at, sequence);
        }
        if (!broken && sequence == nextSequence && writer == incarnation) {
            index.take(
                    type,
                    Frame.ballot(buffer, at),
                    Frame.slot(buffer, at),
                    Frame.chosenThrough(buffer, at),
                    segment.number(),
                    offset);
            nextSequence++;
            lastFile = segment.file();
            lastEnd = (long) offset + Frame.frameLength(Frame.valueLength(buffer, at));
        } else if (!broken && sequence >= nextSequence) {
            broken = true;
            damagedSlot = scan.damagedSlot();
            resumesAt = "offset " + offset + " of " + segment.file();
        }
    }

    /** An incarnation begins: it recovered exactly the records before {@code sequence}. */
    private void begin(final DirectBuffer buffer, final int at, final long sequence) throws StorageException {
        final Identity wrote = Frame.identity(buffer, at);
        if (!wrote.equals(watermark.identity())) {
            throw new StorageException(segment.file() + " belongs to " + wrote + ", but " + watermark + " says "
                    + watermark.identity() + "; put each file back where it came from");
        }
        if (sequence < nextSequence) {
            throw new StorageException(segment.file() + " begins with record " + sequence + ", but " + lastFile
                    + " holds records through " + (nextSequence - 1) + " that were not there when it was written; "
                    + "the disk returned old data: let this replica rejoin as a new member");
        }
        if (sequence == nextSequence) {
            incarnation = segment.incarnation();
            broken = false;
            resumesAt = null;
            cleanTail = true;
        }
    }

    private void noteEnd() {
        if (!broken && segment.file().equals(lastFile)) {
            cleanTail = scan.cleanTail();
            damagedSlot = scan.damagedSlot();
        }
    }

    private StorageException lost() {
        final StringBuilder message = new StringBuilder("records from ")
                .append(nextSequence)
                .append(" on are damaged or missing although they were durable through ")
                .append(knownDurable)
                .append(": ");
        if (lastFile == null) {
            message.append("nothing can be read in ")
                    .append(
                            segments.isEmpty()
                                    ? layout.directory()
                                    : segments.get(0).file());
        } else {
            message.append("nothing can be read behind offset ")
                    .append(lastEnd)
                    .append(" of ")
                    .append(lastFile);
        }
        if (damagedSlot > 0) {
            message.append(" (slot ").append(damagedSlot).append(", it seems)");
        }
        if (resumesAt != null) {
            message.append(" until ").append(resumesAt);
        }
        message.append("; keep the directory, restore it from a copy, or let this replica rejoin as a new member");
        return new StorageException(message.toString());
    }

    /** Forces what was read: the replica will act on it, and it may be in the page cache only. */
    private void force(final List<Path> files) throws IOException {
        for (final Path file : files) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                disk.force(file, channel, true);
            }
            disk.forceDirectory(file.getParent());
        }
        disk.forceDirectory(layout.directory());
    }

    /** Frees the zeros behind the last record. Otherwise each restart would use the space of a whole segment. */
    private void releaseTail() throws IOException {
        final Path file = segments.get(segments.size() - 1).file();
        if (file.equals(lastFile)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate((lastEnd / PAGE_BYTES + 2) * PAGE_BYTES);
            }
        }
    }
}
