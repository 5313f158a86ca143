package io.paxos.log.segment;

import io.paxos.spi.AcceptorLog;
import org.agrona.concurrent.UnsafeBuffer;

/** Reads values back from the segments and checks each CRC again. One thread, the replica's. */
public final class RecordReader {
    private final Segments segments;
    private final SlotIndex index;
    private final Frame frame;

    /** The value that a reader looks at. Empty while nobody reads, so that a view that was kept shows nothing. */
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);

    /** True while a reader looks at {@link #view}; there is one view, so no second value can be read meanwhile. */
    private boolean isReading;

    public RecordReader(final LogDirectory directory) {
        segments = directory.segments();
        index = directory.index();
        frame = new Frame(directory.identity().storageId());
    }

    /**
     * Hands the value at {@code place}, accepted in {@code slot}, to the reader. The record must have been written to
     * its file.
     *
     * @throws StorageException if the record is damaged or its file cannot be read
     */
    public void read(final long slot, final long place, final AcceptorLog.ValueReader reader) throws StorageException {
        if (isReading) {
            throw new IllegalStateException("a reader must not read another slot: slot=" + slot);
        }
        final Segments.Segment segment = segments.mapped(SlotIndex.segment(place));
        final int at = SlotIndex.offset(place);
        final long ballot = index.acceptedBallot(slot);
        requireSound(segment, at, slot, ballot);
        final int length = Frame.valueLength(segment.buffer(), at);
        view.wrap(segment.buffer(), at + Frame.HEADER_BYTES, length);
        isReading = true;
        segments.pin(segment);
        try {
            reader.value(slot, ballot, view, 0, length);
        } finally {
            segments.unpin();
            isReading = false;
            view.wrap(0, 0);
        }
    }

    private void requireSound(final Segments.Segment segment, final int at, final long slot, final long ballot)
            throws StorageException {
        final UnsafeBuffer buffer = segment.buffer();
        boolean isSound = false;
        try {
            final int length = at + Frame.HEADER_BYTES <= buffer.capacity()
                    ? Frame.plausibleLength(buffer, at, buffer.capacity() - at)
                    : 0;
            isSound = length > 0
                    && frame.isSound(buffer, segment.bytes(), at, length)
                    && Frame.type(buffer, at) == Frame.ACCEPT
                    && Frame.slot(buffer, at) == slot
                    && Frame.ballot(buffer, at) == ballot;
        } catch (InternalError e) { // the JVM reports a page that the disk cannot read in this way
            throw damaged(segment, at, slot, e);
        }
        if (!isSound) {
            throw damaged(segment, at, slot, null);
        }
    }

    private static StorageException damaged(
            final Segments.Segment segment, final int at, final long slot, final Throwable cause) {
        return new StorageException(
                "the value of slot " + slot + " at offset " + at + " of " + segment.file()
                        + " is damaged: fetch it from another replica, and check the disk",
                cause);
    }
}
