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
 * Reads all segments once, in order, and decides what the log says. Then makes all of it durable.
 *
 * <p>The log is the longest unbroken run of sequences from the first one of the {@link Bottom}, or from 1. What
 * follows a gap within one incarnation is dropped if it may never have been durable: it lies beyond every {@code
 * durableSequence} in a record and beyond the watermark. Otherwise acknowledged records are missing, and the log is
 * refused.
 *
 * <p>The first record of an incarnation has the sequence behind the last record that its opening kept. All records
 * before that one were durable by then. So a dropped record stays dropped, and a kept record counts as durable.
 *
 * <p>A segment that was one before has records of its former life behind the new ones. They are of an older
 * incarnation, or of a lower sequence than the first new record. They are neither taken nor a sign of damage, and they
 * are cut off with the zeros.
 *
 * <p>What lies beyond the last known force may be in the page cache only. A segment with such records is replaced by a
 * copy in new blocks, see {@link SegmentCopy}. Example: records through 90 are known to be durable, and segments 6 and
 * 7 hold the records 41 to 80 and 81 to 95. Segment 7 is copied and segment 6 is not.
 */
final class LogOpening implements SegmentScan.Visitor {
    private static final Logger LOGGER = LoggerFactory.getLogger(LogOpening.class);
    private static final int PAGE_BYTES = 4096;

    private final Layout layout;
    private final Watermark watermark;
    private final Bottom bottom;
    private final SlotIndex index;
    private final Segments taken;
    private final Disk disk;
    private final List<Layout.Found> segments = new ArrayList<>();

    /** The segments with records beyond the watermark, in order. */
    private final List<Run> unforced = new ArrayList<>();

    /** The highest incarnation that left a trace. Set before the sweep deletes traces. */
    private int lastIncarnation;

    /** The log holds exactly the records below this sequence. Never falls. */
    private long nextSequence;

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

    /** How much of the last segment read is kept. */
    private long lastLength;

    /** The slot that the first damaged record behind {@code lastEnd} seems to be about; 0 if unknown. */
    private long damagedSlot;

    /** Where the first sound record behind the gap is. Null if there is no gap. */
    private String resumesAt;

    /** Whether {@code lastFile} has only zeros and an end mark behind {@code lastEnd}. */
    private boolean cleanTail = true;

    /** Whether {@code lastFile} has an end mark behind {@code lastEnd}, so that a segment has to follow. */
    private boolean isEnded;

    /** Reads {@link #segment}. Null before {@link #run}. */
    private SegmentScan scan;

    /** The segment that is read now. */
    private Layout.Found segment;

    /** What becomes of {@link #segment} in the open log. */
    private Segments.Segment segmentTaken;

    /** The sequence from which on records of {@link #segment} are new, if it was one before; otherwise 0. */
    private long reusedFrom;

    /** What was taken from one segment, {@code firstSequence} to {@code lastSequence}; it is to be copied this far. */
    private record Run(Layout.Found segment, long firstSequence, long lastSequence, long length) {}

    /** Fills {@code index} and {@code taken}, which are empty. */
    LogOpening(
            final Layout layout,
            final Watermark watermark,
            final Bottom bottom,
            final SlotIndex index,
            final Segments taken,
            final Disk disk) {
        this.layout = layout;
        this.watermark = watermark;
        this.bottom = bottom;
        this.index = index;
        this.taken = taken;
        this.disk = disk;
        nextSequence = bottom.sequence();
        final long known = bottom.equals(Bottom.NONE) ? 0 : bottom.sequence();
        knownDurable = Math.max(watermark.durableSequence(), known);
        index.trim(bottom.firstSlot() - 1);
    }

    /**
     * @throws StorageException if records that were durable are missing or altered, or what was not yet forced cannot
     *     be copied
     */
    void run() throws IOException {
        segments.addAll(layout.segments(bottom));
        try (SegmentScan opened = new SegmentScan(new Frame(watermark.identity().storageId()))) {
            scan = opened;
            read();
            if (knownDurable >= nextSequence) {
                throw lost();
            }
            lastIncarnation = Math.max(Math.max(incarnation, watermark.incarnation()), layout.lastIncarnation());
            layout.deleteBelow(bottom, disk);
            layout.sweep(); // gives space back that the copies may need
            copyUnforced();
        }
        disk.forceDirectory(layout.directory());
        if (hasDropped()) {
            LOGGER.warn(
                    "nothing can be read behind offset {} of {}{}{}, so record {} and those behind it are dropped. The"
                            + " last known force covers the records through {}. Usually the machine died before a later"
                            + " force; if the disk lost or changed what was forced, acknowledged records are lost:"
                            + " which of the two it is cannot be told",
                    lastEnd,
                    lastFile,
                    damagedSlot(),
                    resumesAt == null ? "" : " until " + resumesAt,
                    nextSequence,
                    knownDurable);
        }
        if (!segments.isEmpty()) {
            releaseZeros();
        }
    }

    /** The sequence of the next record. */
    long nextSequence() {
        return nextSequence;
    }

    /** Whether something behind the last record taken may have been a record. */
    boolean hasDropped() {
        return broken || !cleanTail;
    }

    /** The highest incarnation that left a trace. */
    int incarnation() {
        return lastIncarnation;
    }

    private void read() throws IOException {
        try {
            for (final Layout.Found found : segments) {
                segment = found;
                final long first = nextSequence;
                segmentTaken = taken.add(found.number(), found.incarnation(), found.file(), first);
                reusedFrom = 0;
                scan.scan(found.file(), this);
                noteEnd();
                lastLength = usedLength();
                taken.ended(segmentTaken, lastLength);
                if (nextSequence > first && nextSequence - 1 > watermark.durableSequence()) {
                    unforced.add(new Run(found, first, nextSequence - 1, lastLength));
                }
            }
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            throw OpeningFailure.explained("cannot read " + segment.file(), segment.file(), e);
        }
    }

    @Override
    public boolean isOld(final DirectBuffer buffer, final int at) {
        return reusedFrom > 0
                && (Frame.incarnation(buffer, at) != segment.incarnation() || Frame.sequence(buffer, at) < reusedFrom);
    }

    @Override
    public void frame(final DirectBuffer buffer, final int at, final int offset) throws StorageException {
        final int writer = Frame.incarnation(buffer, at);
        if (writer != segment.incarnation()) {
            return; // the image of a record within a broken one
        }
        LogFormat.requireVersion(segment.file(), Frame.format(buffer, at));
        final long sequence = Frame.sequence(buffer, at);
        final byte type = Frame.type(buffer, at);
        if (type == Frame.OPENED) {
            LogFormat.requireFeatureLevel(segment.file(), Frame.featureLevel(buffer, at));
            if (sequence >= nextSequence && Frame.slot(buffer, at) == Frame.REUSED) {
                reusedFrom = sequence;
            }
        }
        knownDurable = Math.max(knownDurable, Frame.durableSequence(buffer, at));
        if (writer > incarnation && type == Frame.OPENED) {
            begin(buffer, at, sequence);
        }
        if (!broken && sequence == nextSequence && writer == incarnation) {
            take(buffer, at, type, offset);
            nextSequence++;
            lastFile = segment.file();
            lastEnd = (long) offset + Frame.frameLength(Frame.valueLength(buffer, at));
        } else if (!broken && sequence >= nextSequence) {
            broken = true;
            damagedSlot = scan.damagedSlot();
            resumesAt = "offset " + offset + " of " + segment.file();
        }
    }

    private void take(final DirectBuffer buffer, final int at, final byte type, final int offset)
            throws StorageException {
        final long slot = type == Frame.OPENED ? 0 : Frame.slot(buffer, at);
        final long chosenThrough = Frame.chosenThrough(buffer, at);
        segmentTaken.noteSlot(slot);
        if (slot > 0 && slot < index.firstSlot()) {
            index.takeChosen(chosenThrough);
        } else {
            index.take(type, Frame.ballot(buffer, at), slot, chosenThrough, segment.number(), offset);
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
                    + " holds records through " + (nextSequence - 1) + ", which were not there when it was written:"
                    + " the disk returned other data then, or two processes wrote to the directory. "
                    + OpeningFailure.KEEP);
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
            final boolean isClean = reusedFrom > 0 ? scan.isEndMarked() : scan.cleanTail();
            cleanTail = isClean && scan.size() > lastEnd; // a segment is longer than its records
            isEnded = scan.hasEndMark();
            damagedSlot = scan.damagedSlot();
        }
    }

    private StorageException lost() {
        final StringBuilder message = new StringBuilder("records from ")
                .append(nextSequence)
                .append(" on are damaged or missing although they were durable through ")
                .append(knownDurable)
                .append(": ");
        final String missing = missingSegment();
        if (missing != null) {
            message.append(missing);
        } else {
            message.append("nothing can be read behind offset ")
                    .append(lastEnd)
                    .append(" of ")
                    .append(lastFile == null ? segments.get(0).file() : lastFile);
        }
        message.append(damagedSlot());
        if (resumesAt != null) {
            message.append(" until ").append(resumesAt);
        }
        message.append(". ").append(OpeningFailure.KEEP);
        return new StorageException(message.toString());
    }

    private String damagedSlot() {
        return damagedSlot == 0 ? "" : " (slot " + damagedSlot + ", it seems)";
    }

    /** The segment that has to follow the last one; null if the loss is within those that are there. */
    private String missingSegment() {
        final Layout.Found last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
        if (last != null && (!last.file().equals(lastFile) || broken || !cleanTail)) {
            return null;
        }
        if (last == null) {
            return layout.missing(bottom.segment(), bottom.segment(), bottom.incarnation(), watermark.incarnation());
        }
        final int number = last.number() + 1;
        final int from = last.incarnation() + (isEnded ? 0 : 1);
        if (!isEnded && from > watermark.incarnation()) {
            return null;
        }
        return layout.missing(number, number, from, isEnded ? from : watermark.incarnation()) + ", behind "
                + last.file();
    }

    /** How much of the segment that was just read is kept: a page of the zeros or old bytes at its end, if any. */
    private long usedLength() {
        final long used = reusedFrom > 0 && scan.isEndMarked() ? scan.end() : scan.zerosFrom();
        return Math.min(scan.size(), (used / PAGE_BYTES + 2) * PAGE_BYTES);
    }

    private void copyUnforced() throws StorageException {
        for (final Run run : unforced) {
            if (run.lastSequence > knownDurable) {
                copy(run);
            }
        }
    }

    private void copy(final Run run) throws StorageException {
        final Path file = run.segment.file();
        try {
            SegmentCopy.replace(file, run.length, disk, copy -> requireSame(run, copy));
        } catch (IOException e) {
            throw OpeningFailure.explained(
                    "cannot copy " + run.length + " bytes of " + file + ", which may not be on disk yet", file, e);
        }
    }

    /** A page that was dropped from the cache since it was read may come back from the disk as something else. */
    private void requireSame(final Run run, final Path copy) throws IOException {
        final long[] next = {run.firstSequence};
        scan.scan(copy, (buffer, at, offset) -> {
            if (Frame.incarnation(buffer, at) == run.segment.incarnation() && Frame.sequence(buffer, at) == next[0]) {
                next[0]++;
            }
        });
        if (next[0] <= run.lastSequence) {
            throw new StorageException("record " + next[0] + " in " + run.segment.file()
                    + " could be read once and not a second time; nothing was changed: check the disk");
        }
    }

    /** Frees the zeros at the end of the last segment. Otherwise each restart would use the space of a segment. */
    private void releaseZeros() throws IOException {
        final Path last = segments.get(segments.size() - 1).file();
        try (FileChannel channel = FileChannel.open(last, StandardOpenOption.WRITE)) {
            channel.truncate(lastLength);
        }
    }
}
