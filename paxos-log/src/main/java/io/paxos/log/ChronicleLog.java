package io.paxos.log;

import io.paxos.spi.AcceptorLog;
import java.io.IOException;
import java.nio.file.Path;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The memory of one acceptor in a directory, in the files of a Chronicle queue.
 *
 * <p>One thread, the replica's, calls everything but {@link #close}; it may be another than the one that opened the log. It
 * never waits for a force: {@link #sync} writes what was appended since the last and hands over to a flusher thread. It makes
 * a file itself only if a segment is full before the flusher has made the next. Positions count records. Appending allocates
 * nothing.
 *
 * <p>Opening reads every record once and checks its CRC. Records that were written but never known to be durable may be torn
 * by a loss of power, and are dropped with a warning. Any other damage refuses the log, and nothing is ever repaired or cut
 * in silence. What cannot be noticed: records of the last second before a crash that the disk forgot although it had
 * acknowledged them, if nothing behind them tells.
 */
public final class ChronicleLog implements AcceptorLog {
    private static final long FIRST_SEGMENT_BYTES = 16 << 20;
    private static final int DOUBLINGS_MAX = 10;

    private final Identity identity;
    private final int incarnation;
    private final Durability durability;
    private final int valueLengthMax;
    private final int segmentBytesMax;
    private final int firstNumber; // of the segments of this incarnation
    private final Layout layout;
    private final Disk disk;
    private final DirectoryLock lock;
    private final Watermark watermark;
    private final SlotIndex index;
    private final Segments segments;
    private final SegmentWriter writer;
    private final Flusher flusher;
    private final LogFailure failure = new LogFailure();
    private final Frame frame;
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer openedValue = new UnsafeBuffer(new byte[Frame.OPENED_VALUE_BYTES]);

    private Segments.Segment active;
    private NextSegment next;
    private long nextSequence;
    private long synced;
    private boolean reading;
    private boolean closed;

    /** Opens a log whose answers wait for the disk, with the usual sizes. See {@link ChronicleLogBuilder#open} for the errors. */
    public static ChronicleLog open(final Path directory, final long clusterId, final int replicaId) {
        return builder(directory).clusterId(clusterId).replicaId(replicaId).open();
    }

    /** A log in this directory, which is created if need be. */
    public static ChronicleLogBuilder builder(final Path directory) {
        return new ChronicleLogBuilder(directory);
    }

    /** Takes over what the opening has gathered; the recovery has run. */
    ChronicleLog(
            final ChronicleLogBuilder settings,
            final DirectoryLock lock,
            final Watermark watermark,
            final SlotIndex index,
            final Segments segments,
            final int incarnation,
            final long firstSequence)
            throws IOException {
        this.layout = settings.layout();
        this.disk = settings.disk();
        this.durability = settings.durability();
        this.valueLengthMax = settings.valueLengthMax();
        this.segmentBytesMax = settings.segmentBytes();
        this.lock = lock;
        this.watermark = watermark;
        this.identity = watermark.identity();
        this.index = index;
        this.segments = segments;
        this.incarnation = incarnation;
        nextSequence = firstSequence;
        frame = new Frame(identity.storageId());
        Layout.create(layout.incarnation(incarnation), disk);
        firstNumber = segments.nextNumber();
        next = nextSegment(firstNumber);
        flusher = new Flusher(
                disk, watermark, incarnation, failure, settings.forceDelayNs(), settings.watermarkIntervalNs());
        writer = new SegmentWriter(
                layout.incarnation(incarnation), firstNumber, Frame.frameLength(valueLengthMax), disk);
        try {
            next.take();
            beginSegment(firstSequence - 1);
            flusher.start(active.file(), firstSequence, nextSequence);
            synced = nextSequence;
            writer.handOver();
            prepareNext();
        } catch (IOException | RuntimeException | Error e) {
            next.abandon();
            writer.close();
            throw e;
        }
    }

    /** The random number that this directory got when it was first opened; another one means another disk. */
    public long storageId() {
        return identity.storageId();
    }

    /** How often records were forced to disk since the opening. Any thread. */
    public long forces() {
        return flusher.forces();
    }

    @Override
    public int incarnation() {
        return incarnation;
    }

    @Override
    public long promised() {
        return index.promised();
    }

    @Override
    public long promised(final long slot) {
        return index.promised(slot);
    }

    @Override
    public long firstSlot() {
        return 1;
    }

    @Override
    public long lastSlot() {
        return index.lastSlot();
    }

    @Override
    public long chosenThrough() {
        return index.chosenThrough();
    }

    @Override
    public long acceptedBallot(final long slot) {
        return index.acceptedBallot(slot);
    }

    /**
     * Reads the value last accepted in a slot, durable or not; false if nothing was accepted there.
     *
     * <p>The value is a view of the file and dies with the call: the reader copies what it needs, and reads no other slot
     * meanwhile. The CRC is checked each time.
     *
     * @throws LogException if the record is damaged; the log goes on, and other slots can be read
     */
    @Override
    public boolean read(final long slot, final ValueReader reader) {
        check();
        final long place = index.place(slot);
        if (place == 0) {
            return false;
        }
        if (reading) {
            throw new IllegalStateException("a reader must not read another slot: slot=" + slot);
        }
        final Segments.Segment segment = segments.mapped(SlotIndex.segment(place));
        final int at = SlotIndex.offset(place);
        if (segment == active && at >= writer.written()) {
            write();
        }
        final long ballot = index.acceptedBallot(slot);
        requireSound(segment, at, slot, ballot);
        final int length = Frame.valueLength(segment.buffer(), at);
        view.wrap(segment.buffer(), at + Frame.HEADER_BYTES, length);
        reading = true;
        segments.pin(segment);
        try {
            reader.value(slot, ballot, view, 0, length);
        } finally {
            segments.unpin();
            reading = false;
            view.wrap(0, 0);
        }
        return true;
    }

    @Override
    public void promise(final long ballot) {
        if (ballot <= 0 || ballot < index.promised()) {
            throw new IllegalArgumentException(
                    "a promise never falls: promised=" + index.promised() + " ballot=" + ballot);
        }
        append(Frame.PROMISE, ballot, 0, index.chosenThrough(), view, 0, 0);
    }

    @Override
    public void promise(final long ballot, final long slot) {
        requireSlot(slot);
        if (ballot <= 0 || ballot < index.promised(slot)) {
            throw new IllegalArgumentException(
                    "a promise never falls: promised=" + index.promised(slot) + " ballot=" + ballot + " slot=" + slot);
        }
        append(Frame.PROMISE_SLOT, ballot, slot, index.chosenThrough(), view, 0, 0);
    }

    @Override
    public void accept(
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        requireSlot(slot);
        if (ballot <= 0) {
            throw new IllegalArgumentException("ballot=" + ballot);
        }
        if (length > valueLengthMax) {
            throw new IllegalArgumentException(
                    "a value of " + length + " bytes exceeds valueLengthMax=" + valueLengthMax);
        }
        value.boundsCheck(offset, length);
        append(Frame.ACCEPT, ballot, slot, chosenThrough, value, offset, length);
    }

    /** The sequence of the next record. */
    @Override
    public long appendedPosition() {
        return nextSequence;
    }

    /** With {@link Durability#SYNC} what was forced, with {@link Durability#REPLICATED} what {@link #sync} was told of. */
    @Override
    public long durablePosition() {
        check();
        return durability == Durability.SYNC ? flusher.forced() : synced;
    }

    @Override
    public int sync() {
        check();
        if (synced == nextSequence) {
            return 0;
        }
        write();
        synced = nextSequence;
        flusher.request(nextSequence, writer.position());
        return 1;
    }

    @Override
    public void onDurable(final Runnable wakeup) {
        flusher.onForced(wakeup);
    }

    @Override
    public int valueLengthMax() {
        return valueLengthMax;
    }

    @Override
    public String durability() {
        return durability.word();
    }

    /** @throws LogException if the log has failed and no call has told so yet; everything is let go of all the same */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        final boolean wasTold = failure.wasTold();
        if (!failure.happened()) {
            writeLast();
        }
        flusher.close(nextSequence);
        next.abandon();
        releaseAll(segments, index, writer, watermark, lock);
        if (!wasTold) {
            failure.check();
        }
    }

    private void releaseAll(final AutoCloseable... resources) {
        for (final AutoCloseable resource : resources) {
            try {
                resource.close();
            } catch (Exception | Error e) {
                failure.record("closing " + layout.directory() + " failed (" + e.getMessage() + "): check the disk", e);
            }
        }
    }

    private void append(
            final byte type,
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        check();
        try {
            if (!writer.hasRoomFor(Frame.frameLength(length))) {
                roll();
            }
            appendFrame(type, ballot, slot, chosenThrough, value, offset, length);
        } catch (IOException | RuntimeException | Error e) {
            throw failed(e);
        }
    }

    /** Writes what was gathered, so that it can be read and forced. */
    private void write() {
        try {
            writer.flush();
        } catch (IOException | RuntimeException | Error e) {
            throw failed(e);
        }
    }

    private void writeLast() {
        try {
            writer.flush();
        } catch (IOException | RuntimeException | Error e) {
            final LogException unused = failed(e); // it is told when everything is let go of
        }
    }

    private LogException failed(final Throwable cause) {
        return failure.tell(
                "appending to " + layout.directory() + " failed (" + cause.getMessage()
                        + "): free disk space for a segment of " + segmentBytesMax
                        + " bytes or replace the disk, then restart this replica",
                cause);
    }

    private void roll() throws IOException {
        next.take();
        writer.roll();
        final long firstSequence = nextSequence;
        beginSegment(flusher.forced() - 1);
        flusher.rolled(active.file(), firstSequence);
        prepareNext();
    }

    /** The first record of a segment says whose it is, and what is promised, lest old segments be needed for that. */
    private void beginSegment(final long durableSequence) throws IOException {
        Frame.openedValue(openedValue, 0, identity);
        active = segments.add(next.number(), layout.segment(incarnation, next.number()));
        final int frameLength = frame(
                Frame.OPENED,
                durableSequence,
                index.promised(),
                0,
                index.chosenThrough(),
                openedValue,
                0,
                Frame.OPENED_VALUE_BYTES);
        final int at = writer.begin(frameLength, next.length());
        requireWritten(at);
        index.take(Frame.OPENED, index.promised(), 0, index.chosenThrough(), active.number(), at);
        nextSequence++;
    }

    private void appendFrame(
            final byte type,
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length)
            throws IOException {
        final int frameLength = frame(type, flusher.forced() - 1, ballot, slot, chosenThrough, value, offset, length);
        index.take(type, ballot, slot, chosenThrough, active.number(), writer.append(frameLength));
        nextSequence++;
    }

    /** Builds the next frame where the writer wants it. */
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
        final int at = writer.reserve(Frame.frameLength(length));
        final UnsafeBuffer buffer = writer.buffer();
        final int frameLength = Frame.header(
                buffer, at, type, incarnation, nextSequence, durableSequence, ballot, slot, chosenThrough, length);
        buffer.putBytes(at + Frame.HEADER_BYTES, value, offset, length);
        frame.seal(buffer, writer.bytes(), at);
        return frameLength;
    }

    /** Looks through our own mapping whether Chronicle wrote where it says it did. */
    private void requireWritten(final int at) {
        final UnsafeBuffer buffer = segments.mapped(active.number()).buffer();
        if (at < 0
                || at + Frame.HEADER_BYTES > buffer.capacity()
                || !Frame.begins(buffer, at)
                || Frame.sequence(buffer, at) != nextSequence) {
            throw new LogException("record " + nextSequence + " is not at offset " + at + " of " + active.file()
                    + " but somewhere in " + writer.file());
        }
    }

    private void requireSound(final Segments.Segment segment, final int at, final long slot, final long ballot) {
        final UnsafeBuffer buffer = segment.buffer();
        boolean sound = false;
        try {
            final int length = at + Frame.HEADER_BYTES <= buffer.capacity()
                    ? Frame.plausibleLength(buffer, at, buffer.capacity() - at)
                    : 0;
            sound = length > 0
                    && frame.sound(buffer, segment.bytes(), at, length)
                    && Frame.type(buffer, at) == Frame.ACCEPT
                    && Frame.slot(buffer, at) == slot
                    && Frame.ballot(buffer, at) == ballot;
        } catch (InternalError e) { // how the JVM reports a page that the disk cannot read
            throw damaged(segment, at, slot, e);
        }
        if (!sound) {
            throw damaged(segment, at, slot, null);
        }
    }

    private static LogException damaged(
            final Segments.Segment segment, final int at, final long slot, final Throwable cause) {
        return new LogException(
                "the value of slot " + slot + " at offset " + at + " of " + segment.file()
                        + " is damaged: fetch it from another replica, and check the disk",
                cause);
    }

    private void prepareNext() {
        next = nextSegment(active.number() + 1);
        flusher.prepare(next);
    }

    private NextSegment nextSegment(final int number) {
        return new NextSegment(number, layout.prepared(incarnation, number), segmentBytes(number), disk);
    }

    /** The first is short, and each twice as long as the one before: the sooner there are zeros ahead of the records. */
    private int segmentBytes(final int number) {
        final long least = SegmentWriter.segmentBytesMin(Frame.frameLength(valueLengthMax));
        final long grown = Math.max(least, FIRST_SEGMENT_BYTES) << Math.min(number - firstNumber, DOUBLINGS_MAX);
        return (int) Math.min(grown, segmentBytesMax);
    }

    private void check() {
        if (closed) {
            throw new IllegalStateException("the log in " + layout.directory() + " is closed");
        }
        failure.check();
    }

    private static void requireSlot(final long slot) {
        if (slot < 1) {
            throw new IllegalArgumentException("slot=" + slot);
        }
    }
}
