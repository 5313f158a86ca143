package io.paxos.log.segment;

import io.paxos.spi.AcceptorLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads values back from the segments and checks each CRC again. One thread, the replica's.
 *
 * <p>A read takes up to 16 KiB into memory, so the values behind it need no further read of the file. Records never
 * change once they are written, so what was read stays valid.
 */
public final class RecordReader implements AutoCloseable {
    private static final int WINDOW_BYTES = 16 << 10;
    private static final int NO_SEGMENT = 0;

    private final Segments segments;
    private final SlotIndex index;
    private final Frame frame;

    /** The value that a reader looks at. Empty while nobody reads, so that a view that was kept shows nothing. */
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);

    /** Holds {@code windowLength} bytes of segment {@code windowSegment}, from byte {@code windowOffset} on. */
    private ByteBuffer bytes;

    /** Views all of {@link #bytes}. */
    private UnsafeBuffer buffer;

    /** The number of the segment that the window shows. {@link #NO_SEGMENT} if it shows none. */
    private int windowSegment = NO_SEGMENT;

    private int windowOffset;
    private int windowLength;

    /** True while a reader looks at {@link #view}; there is one view, so no second value can be read meanwhile. */
    private boolean isReading;

    /** @throws StorageException if the JVM allows no more direct memory */
    public RecordReader(final LogDirectory directory) throws StorageException {
        segments = directory.segments();
        index = directory.index();
        frame = new Frame(directory.identity().storageId());
        bytes = DirectMemory.allocate(WINDOW_BYTES, "reading values");
        buffer = new UnsafeBuffer(bytes);
    }

    /**
     * Hands the value at {@code place}, accepted in {@code slot}, to the reader. The record must have been written to
     * its file, which was written up to byte {@code limit}.
     *
     * @throws StorageException if the record is damaged, its file cannot be read, or memory for it is lacking
     */
    public void read(final long slot, final long place, final int limit, final AcceptorLog.ValueReader reader)
            throws StorageException {
        requireNotReading(slot);
        final int segment = SlotIndex.segment(place);
        final int offset = SlotIndex.offset(place);
        final long ballot = index.acceptedBallot(slot);
        final int at = load(segment, offset, limit, slot);
        if (at < 0 || !isSound(at, slot, ballot)) {
            windowSegment = NO_SEGMENT;
            throw damaged(segment, offset, slot);
        }
        tell(slot, ballot, buffer, at, reader);
    }

    /** Hands the value to the reader whose record begins there in the memory of what was appended last. */
    public void readMemory(
            final long slot, final DirectBuffer memory, final int at, final AcceptorLog.ValueReader reader) {
        requireNotReading(slot);
        assert Frame.slot(memory, at) == slot : "slot=" + slot + " at=" + at;
        tell(slot, index.acceptedBallot(slot), memory, at, reader);
    }

    /**
     * Refuses an append while a reader is being called: it could move what the reader looks at.
     *
     * @throws IllegalStateException if one is
     */
    public void requireNoReader() {
        if (isReading) {
            throw new IllegalStateException("a reader must not append");
        }
    }

    private void requireNotReading(final long slot) {
        if (isReading) {
            throw new IllegalStateException("a reader must not read another slot: slot=" + slot);
        }
    }

    private void tell(
            final long slot,
            final long ballot,
            final DirectBuffer from,
            final int at,
            final AcceptorLog.ValueReader reader) {
        final int length = Frame.valueLength(from, at);
        view.wrap(from, at + Frame.HEADER_BYTES, length);
        isReading = true;
        try {
            reader.value(slot, ballot, view, 0, length);
        } finally {
            isReading = false;
            view.wrap(0, 0);
        }
    }

    /** Frees the memory. No value can be read any more. */
    @Override
    public void close() {
        windowSegment = NO_SEGMENT;
        buffer.wrap(0, 0);
        BufferUtil.free(bytes);
    }

    /** Sees to it that the frame at {@code offset} is in the window; returns where, or -1 if there is none. */
    private int load(final int segment, final int offset, final int limit, final long slot) throws StorageException {
        final int held = offset - windowOffset;
        if (segment == windowSegment && held >= 0 && frameLength(held, limit - offset) <= windowLength - held) {
            return held;
        }
        try {
            fill(segment, offset, limit, Frame.HEADER_BYTES);
            final int length = frameLength(0, limit - offset);
            if (length > windowLength) {
                if (length > bytes.capacity()) {
                    grow(length);
                }
                fill(segment, offset, limit, length);
            }
            return length <= windowLength ? 0 : -1;
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            throw new StorageException(
                    "cannot read the value of slot " + slot + " at offset " + offset + " of " + segments.file(segment)
                            + " (" + e.getMessage() + "): fetch it from another replica, and check the disk",
                    e);
        }
    }

    /** The length of the frame at {@code at}, or more than any window holds if no whole header is there. */
    private int frameLength(final int at, final int lengthMax) {
        if (windowLength - at < Frame.HEADER_BYTES) {
            return Integer.MAX_VALUE;
        }
        final int length = Frame.plausibleLength(buffer, at, lengthMax);
        return length > 0 ? length : Frame.HEADER_BYTES; // not sound, whatever follows
    }

    /** Reads at least {@code least} bytes into the window, or as many as there are before the file ends. */
    private void fill(final int segment, final int offset, final int limit, final int least) throws IOException {
        windowSegment = NO_SEGMENT;
        windowLength = 0;
        bytes.clear().limit(Math.min(bytes.capacity(), limit - offset));
        try {
            segments.read(segment, bytes, offset, least);
            windowLength = bytes.position();
        } finally {
            bytes.clear();
        }
        windowOffset = offset;
        windowSegment = segment;
    }

    private void grow(final int length) throws StorageException {
        final ByteBuffer larger = DirectMemory.allocate(length, "reading a value");
        BufferUtil.free(bytes);
        bytes = larger;
        buffer.wrap(bytes);
    }

    private boolean isSound(final int at, final long slot, final long ballot) {
        final int length = Frame.plausibleLength(buffer, at, windowLength - at);
        return length > 0
                && frame.isSound(buffer, bytes, at, length)
                && Frame.type(buffer, at) == Frame.ACCEPT
                && Frame.slot(buffer, at) == slot
                && Frame.ballot(buffer, at) == ballot;
    }

    private StorageException damaged(final int segment, final int offset, final long slot) {
        return new StorageException("the value of slot " + slot + " at offset " + offset + " of "
                + segments.file(segment) + " is damaged: fetch it from another replica, and check the disk");
    }
}
