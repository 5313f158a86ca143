package io.paxos.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Appends records, and begins the next segment when one is full. One thread, the replica's; appending allocates
 * nothing.
 *
 * <p>A record is first gathered in memory, and stays there for a while after it is written. {@link #flush} writes what
 * was gathered to the file, and {@link #requestForce} has the flusher force it. A failure leaves the writer in no
 * defined state: the caller must not use it any more, but close it.
 */
public final class RecordWriter implements AutoCloseable {
    private static final long FIRST_SEGMENT_BYTES = 16 << 20;
    private static final int DOUBLINGS_MAX = 10;

    private final LogSettings settings;
    private final LogDirectory directory;
    private final Layout layout;
    private final Identity identity;
    private final int incarnation;
    private final SlotIndex index;
    private final Segments segments;
    private final SegmentWriter segmentWriter;
    private final SpareSegments spares;
    private final Reserve reserve;
    private final Flusher flusher;
    private final Frame frame;
    private final UnsafeBuffer openedValue = new UnsafeBuffer(new byte[Frame.OPENED_VALUE_BYTES]);

    /** The number of the first segment of this incarnation. */
    private final int firstNumber;

    /** The segment that records go to: the last one. */
    private Segments.Segment active;

    /** How many bytes of {@link #active} had blocks before any record was written. */
    private int activeFilled;

    /** The segment behind {@link #active}. The flusher makes its file; nothing is appended to it yet. */
    private NextSegment next;

    /** The sequence of the next record. Every record below it was appended. */
    private long nextSequence;

    /**
     * Begins the first segment of this incarnation: its first record is durable when this returns.
     *
     * @throws IOException if a file cannot be made, written or forced; nothing stays open
     */
    public RecordWriter(final LogSettings settings, final LogDirectory directory, final LogFailure failure)
            throws IOException {
        this.settings = settings;
        this.directory = directory;
        layout = directory.layout();
        identity = directory.identity();
        incarnation = directory.incarnation();
        index = directory.index();
        segments = directory.segments();
        frame = new Frame(identity.storageId());
        nextSequence = directory.firstSequence();
        firstNumber = segments.nextNumber();
        spares = new SpareSegments(directory, settings.segmentBytes(), settings.disk());
        reserve = new Reserve(directory, settings.segmentBytes(), settings.disk());
        next = nextSegment(firstNumber);
        flusher = new Flusher(
                settings.disk(),
                directory,
                failure,
                spares,
                reserve,
                settings.forceDelayNs(),
                settings.watermarkIntervalNs());
        segmentWriter = new SegmentWriter(
                layout.incarnation(incarnation),
                firstNumber,
                Frame.frameLength(settings.valueLengthMax()),
                settings.disk(),
                this::giveBack);
        try {
            final long firstSequence = nextSequence;
            next.take();
            beginSegment(firstSequence - 1);
            flusher.start(active.file(), firstSequence, nextSequence);
            directory.requireOwned();
            segmentWriter.handOver();
            prepareNext();
            giveUpTrimmed();
        } catch (IOException | RuntimeException | Error e) {
            flusher.close(nextSequence);
            next.abandon();
            segmentWriter.close();
            throw e;
        }
    }

    /** The sequence of the next record. */
    public long nextSequence() {
        return nextSequence;
    }

    /** The thread that forces what is written here. */
    public Flusher flusher() {
        return flusher;
    }

    /** Whether there is no space but for votes: see {@link Reserve}. Any thread. */
    public boolean isFull() {
        return reserve.isFull();
    }

    /**
     * Whether a promise and an accepted value of this length can be appended now. Not while what was appended before
     * finds no space, nor if the next segment is needed and cannot be made.
     *
     * @throws IOException if a file cannot be written for another reason than lack of space
     */
    public boolean hasRoomFor(final int valueLength) throws IOException {
        if (segmentWriter.isStalled()) {
            return false;
        }
        final int frames = Frame.frameLength(Frame.OPENED_VALUE_BYTES) + Frame.frameLength(valueLength);
        return segmentWriter.hasRoomFor(frames) || (segmentWriter.flush() && makeNext());
    }

    /** Appends a promise for all slots. */
    public void promise(final long ballot) throws IOException {
        append(Frame.PROMISE, ballot, 0, index.recordedChosenThrough(), openedValue, 0, 0);
    }

    /** Appends a promise for one slot. */
    public void promise(final long ballot, final long slot) throws IOException {
        append(Frame.PROMISE_SLOT, ballot, slot, index.recordedChosenThrough(), openedValue, 0, 0);
    }

    /** Appends an accepted value: {@code length} bytes at {@code offset}, at most {@code valueLengthMax}. */
    public void accept(
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length)
            throws IOException {
        append(Frame.ACCEPT, ballot, slot, chosenThrough, value, offset, length);
    }

    /** Forgets all slots through this one, and gives up the segments that hold no others. */
    public void trim(final long throughSlot) {
        if (throughSlot >= index.firstSlot()) {
            index.trim(throughSlot);
            giveUpTrimmed();
        }
    }

    /**
     * The lowest slot through which as many segments can be given up as {@code throughSlot} and {@code keepBytes}
     * allow. Below the first slot if none can.
     */
    public long trimPoint(final long throughSlot, final long keepBytes) {
        return segments.trimPoint(throughSlot, keepBytes, bytes());
    }

    /** What the segments take on disk. Without those made ahead or given up. */
    public long bytes() {
        return segments.endedBytes() + activeBytes();
    }

    /** Up to which byte the file of this place is written. A record that begins before it can be read. */
    public int written(final long place) {
        return SlotIndex.segment(place) != active.number() ? Integer.MAX_VALUE : segmentWriter.written();
    }

    /** Whether the record of this place is in memory. If not, it is in its file. */
    public boolean isInMemory(final long place) {
        return SlotIndex.segment(place) == active.number() && segmentWriter.isInMemory(SlotIndex.offset(place));
    }

    /**
     * Writes what was gathered to the file. From then on it can be read there, and forced.
     *
     * @return false if the file system is full: it stays gathered, and the next call tries again
     */
    public boolean flush() throws IOException {
        return segmentWriter.flush();
    }

    /** Replaces the notes of the directory. They get space that was set aside if there is no other. */
    public void putNotes(final byte[] notes) throws IOException {
        while (true) {
            try {
                directory.putNotes(notes, settings.disk());
                return;
            } catch (IOException e) {
                requireGivenBack(e);
            }
        }
    }

    /** Where the records are that were appended last. */
    public DirectBuffer memory() {
        return segmentWriter.buffer();
    }

    /** Where in {@link #memory} the record of this place begins. It is there. */
    public int memoryAt(final long place) {
        return segmentWriter.memoryAt(SlotIndex.offset(place));
    }

    /** Asks the flusher to force everything that was appended. It must have been flushed. */
    public void requestForce() {
        flusher.request(nextSequence, segmentWriter.position());
    }

    /**
     * Forces what was flushed, ends the flusher and closes the files. Any thread, once the replica has stopped. What is
     * gathered for lack of space is lost; nobody was told that it is durable.
     */
    @Override
    public void close() throws IOException {
        flusher.close(segmentWriter.isStalled() ? flusher.requested() : nextSequence);
        next.abandon();
        segmentWriter.close();
    }

    private void append(
            final byte type,
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length)
            throws IOException {
        index.reserve(slot); // before anything of the record exists
        if (!segmentWriter.hasRoomFor(Frame.frameLength(length))) {
            roll();
        }
        final int frameLength = frame(type, flusher.forced() - 1, ballot, slot, chosenThrough, value, offset, length);
        index.take(type, ballot, slot, chosenThrough, active.number(), segmentWriter.append(frameLength));
        active.noteSlot(slot);
        nextSequence++;
    }

    /** Chronicle would make a directory that was moved away anew. So the directory is checked before and after. */
    private void roll() throws IOException {
        directory.requireOwned();
        next.take();
        segmentWriter.roll();
        segments.ended(active, activeBytes());
        final long firstSequence = nextSequence;
        beginSegment(flusher.forced() - 1);
        directory.requireOwned();
        flusher.rolled(active.file(), firstSequence);
        prepareNext();
        giveUpTrimmed();
    }

    private void giveUpTrimmed() {
        if (index.firstSlot() > 1) {
            final List<Segments.Segment> givenUp = segments.giveUp(index.firstSlot() - 1);
            flusher.trim(segments.bottom(index.firstSlot()), givenUp);
        }
    }

    private long activeBytes() {
        return Math.max(segmentWriter.position(), activeFilled);
    }

    /**
     * The first record of a segment says whose log it is, and what was promised by then. So no older segment is needed
     * to know the promise.
     */
    private void beginSegment(final long durableSequence) throws IOException {
        Frame.openedValue(openedValue, 0, identity);
        active = segments.add(next.number(), incarnation, layout.segment(incarnation, next.number()), nextSequence);
        activeFilled = next.filled();
        final int frameLength = frame(
                Frame.OPENED,
                durableSequence,
                index.promised(),
                next.isReused() ? Frame.REUSED : 0,
                index.recordedChosenThrough(),
                openedValue,
                0,
                Frame.OPENED_VALUE_BYTES);
        final int at = segmentWriter.begin(frameLength, next.length(), next.isReused());
        requireWritten(at);
        index.take(Frame.OPENED, index.promised(), 0, index.recordedChosenThrough(), active.number(), at);
        nextSequence++;
    }

    /** Builds the next frame at the place where the segment writer expects it; returns its length. */
    private int frame(
            final byte type,
            final long durableSequence,
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length)
            throws IOException {
        assert durableSequence < nextSequence : "durable=" + durableSequence + " next=" + nextSequence;
        final int at = segmentWriter.reserve(Frame.frameLength(length));
        final UnsafeBuffer buffer = segmentWriter.buffer();
        final int frameLength = Frame.header(
                buffer,
                at,
                type,
                settings.epoch(),
                incarnation,
                nextSequence,
                durableSequence,
                ballot,
                slot,
                chosenThrough,
                length);
        buffer.putBytes(at + Frame.HEADER_BYTES, value, offset, length);
        frame.seal(buffer, segmentWriter.bytes(), at);
        return frameLength;
    }

    /** Checks by a read of our own that Chronicle wrote the record where it reported it. */
    private void requireWritten(final int at) throws IOException {
        final ByteBuffer header = ByteBuffer.allocate(Frame.HEADER_BYTES);
        if (at >= 0) {
            segments.read(active.number(), header, at, Frame.HEADER_BYTES);
        }
        final UnsafeBuffer buffer = new UnsafeBuffer(header);
        if (header.hasRemaining() || !Frame.hasMagic(buffer, 0) || Frame.sequence(buffer, 0) != nextSequence) {
            throw new StorageException("record " + nextSequence + " is not at offset " + at + " of " + active.file()
                    + " but somewhere in " + segmentWriter.file()
                    + ": check that nobody moves or replaces files in the directory");
        }
    }

    private boolean makeNext() throws IOException {
        while (true) {
            try {
                next.makeNow();
                return true;
            } catch (IOException e) {
                if (!settings.disk().isFull(directory.path(), e)) {
                    throw e;
                }
                if (!giveBack()) {
                    return false;
                }
            }
        }
    }

    private void requireGivenBack(final IOException cause) throws IOException {
        if (!settings.disk().isFull(directory.path(), cause) || !giveBack()) {
            throw cause;
        }
    }

    /** Gives space to what must be written, if any was set aside; false if there is none. */
    private boolean giveBack() {
        return spares.giveBack() || next.giveBack() || reserve.giveBack();
    }

    private void prepareNext() {
        next = nextSegment(active.number() + 1);
        flusher.prepare(next);
    }

    private NextSegment nextSegment(final int number) {
        return new NextSegment(
                number, layout.prepared(incarnation, number), segmentBytes(number), settings.disk(), spares);
    }

    /** The first segment is short, and each one after it is twice as long: so zeros are ahead of the records soon. */
    private int segmentBytes(final int number) {
        final long least = SegmentWriter.segmentBytesMin(Frame.frameLength(settings.valueLengthMax()));
        final long grown = Math.max(least, FIRST_SEGMENT_BYTES) << Math.min(number - firstNumber, DOUBLINGS_MAX);
        return (int) Math.min(grown, settings.segmentBytes());
    }
}
