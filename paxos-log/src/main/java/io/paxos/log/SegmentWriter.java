package io.paxos.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.bytes.PointerBytesStore;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Appends frames to the segments of one incarnation, through Chronicle.
 *
 * <p>The queue lives in a directory that did not exist before, so Chronicle meets no file that it has not written itself,
 * and no lock of a dead process. A segment is what Chronicle calls a cycle; its clock is ours, and moves when we say.
 */
final class SegmentWriter implements AutoCloseable {
    /** Room for an index page (32 KiB) that Chronicle may add, its document headers and its end mark. */
    static final int RESERVE_BYTES = 64 << 10;

    private static final RollCycle DAILY = RollCycles.FAST_DAILY;
    private static final int BLOCK_UNIT_BYTES = 64 << 10;
    private static final int DOCUMENT_HEADER_BYTES = 4;
    private static final long TIMEOUT_MS = 1000;

    private final Disk disk;
    private final int segmentBytes;
    private final Clock clock = new Clock();
    private final SingleChronicleQueue queue;
    private final ExcerptAppender appender;
    private final ByteBuffer frameBytes;
    private final UnsafeBuffer frame;
    private final PointerBytesStore pointer = BytesStore.nativePointer();
    private long position;

    /** {@code number} is that of the first segment. No file is created before the first {@link #append}. */
    SegmentWriter(
            final Path directory, final int number, final int segmentBytes, final int frameLengthMax, final Disk disk) {
        this.disk = disk;
        this.segmentBytes = segmentBytes;
        clock.day = number;
        frameBytes = ByteBuffer.allocateDirect(frameLengthMax);
        frame = new UnsafeBuffer(frameBytes);
        queue = SingleChronicleQueueBuilder.binary(directory)
                .rollCycle(DAILY)
                .timeProvider(clock)
                .blockSize(blockBytes(frameLengthMax))
                .syncMode(SyncMode.NONE)
                .timeoutMS(TIMEOUT_MS)
                .build();
        appender = queue.createAppender();
        appender.singleThreadedCheckDisabled(true);
    }

    /** The smallest segment that makes sense for frames of this length. */
    static long segmentBytesMin(final long frameLengthMax) {
        return 4 * frameLengthMax + 4L * RESERVE_BYTES;
    }

    /** Where the next frame is built, before {@link #append}. */
    UnsafeBuffer frame() {
        return frame;
    }

    ByteBuffer frameBytes() {
        return frameBytes;
    }

    /** How many bytes of the segment are used. */
    long position() {
        return position;
    }

    boolean hasRoomFor(final int frameLength) {
        return position + DOCUMENT_HEADER_BYTES + frameLength + RESERVE_BYTES <= segmentBytes;
    }

    /** The next append begins the next segment, of which the file has been prepared. */
    void roll() {
        clock.day++;
        position = 0;
    }

    /** Appends the frame that was built; returns where it begins in the file of the segment. */
    int append(final int frameLength) {
        pointer.set(frame.addressOffset(), frameLength);
        disk.append(appender, pointer);
        position = appender.wire().bytes().writePosition();
        return (int) (position - frameLength);
    }

    /** The file that Chronicle writes to. */
    Path file() {
        return appender.currentFile().toPath();
    }

    /** From now on only one thread may append: the first that does. */
    void handOver() {
        appender.singleThreadedCheckDisabled(false);
        appender.singleThreadedCheckReset();
    }

    /** Any thread. */
    @Override
    public void close() throws IOException {
        appender.singleThreadedCheckDisabled(true);
        try {
            appender.close();
        } finally {
            queue.close();
            BufferUtil.free(frameBytes);
        }
    }

    /** A quarter of a block is the longest document that Chronicle takes. */
    private static long blockBytes(final int frameLengthMax) {
        final long bytes = 4L * (frameLengthMax + DOCUMENT_HEADER_BYTES);
        return (bytes + BLOCK_UNIT_BYTES - 1) / BLOCK_UNIT_BYTES * BLOCK_UNIT_BYTES;
    }

    /** Tells Chronicle which day it is; one day for each segment. */
    private static final class Clock implements TimeProvider {
        private int day;

        @Override
        public long currentTimeMillis() {
            return (long) day * DAILY.lengthInMillis();
        }
    }
}
