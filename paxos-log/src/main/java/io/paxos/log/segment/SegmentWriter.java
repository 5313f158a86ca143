package io.paxos.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.BooleanSupplier;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.bytes.PointerBytesStore;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueStore;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Appends frames to the segments of one incarnation, which are files of a Chronicle queue.
 *
 * <p>The queue lives in a directory that did not exist before, so Chronicle meets no file that it has not written
 * itself, and no lock of a dead process. A segment is what Chronicle calls a cycle. Chronicle's clock is ours: it moves
 * only at a roll.
 *
 * <p>Chronicle makes each file and writes the first document. Those behind it are gathered here and written by one
 * plain write, in the form of Chronicle's documents. Chronicle would store them through its mapping. The kernel would
 * then unmap such a page on all processors for each force, and the next store would fault. At 100 KB per force this
 * costs several times what the write costs.
 *
 * <p>A file that was a segment before has old bytes behind the records. Chronicle must not take them for a document. So
 * each write ends with some zeros, and the header of its first document is written behind all else. Example:
 * documents end at byte 5000, where there is a zero. Those to be written take 300 bytes: bytes 5004 to 5300 and zeros
 * from 5300 on are written, then the header at 5000. A tailer finds a zero at 5000 or whole documents.
 *
 * <p>If the file system is full, the records stay gathered: nobody was told that they are written. The next
 * {@link #flush} tries again. Meanwhile the writer is stalled, and its owner appends nothing.
 */
final class SegmentWriter implements AutoCloseable {
    /** Room for an index page (32 KiB) that Chronicle may add, its document headers and its end mark. */
    static final int RESERVE_BYTES = 64 << 10;

    /** Chronicle's end mark, behind the last document of a file that has a successor. */
    static final int END_MARK = 0xC000_0000;

    private static final RollCycle DAILY = RollCycles.FAST_DAILY;
    private static final int BLOCK_UNIT_BYTES = 64 << 10;
    private static final int DOCUMENT_HEADER_BYTES = 4;
    private static final int GATHER_BYTES = 256 << 10;

    /** Zeros behind the records of each write: room for a promise and an end mark, in blocks that exist. */
    private static final int AHEAD_BYTES = 256;

    private static final long TIMEOUT_MS = 1000;

    /** What Chronicle maps of the file in which it keeps its lock and its list of files. */
    private static final int METADATA_BYTES = 128 << 10;

    private final Disk disk;
    private final BooleanSupplier giveBack;
    private final Clock clock = new Clock();
    private final SingleChronicleQueue queue;
    private final ExcerptAppender appender;
    private final SegmentTail tail;
    private final PointerBytesStore pointer = BytesStore.nativePointer();
    private final long blockBytes;

    /** The file that Chronicle made last. Null before the first {@link #begin}. */
    private Path file;

    /** Chronicle's view of {@code file}. Null between a roll and the next {@link #begin}. */
    private SingleChronicleQueueStore store;

    /** Writes to {@code file}. Null when {@code store} is. */
    private FileChannel channel;

    /** The length of {@code file}. */
    private int segmentBytes;

    /** Whether {@code file} has old bytes behind the records. */
    private boolean isReused;

    /** Where in the file the last document begins. */
    private int lastAt;

    /** With more gathered bytes than this, a flush is due before the next record. */
    private final int gatheredMax;

    /** And this is what is gathered at most, while the file system is full. */
    private final int stalledMax;

    /** Whether the last write found no space. The gathered bytes wait. */
    private boolean isStalled;

    /**
     * Makes Chronicle's own file, but no segment before {@link #begin}.
     *
     * @param number that of the first segment
     * @param giveBack is called when a write finds no space, and frees some that holds no records; false if there is
     *     none
     * @throws IOException if there is no space for Chronicle's file, or no memory; nothing stays open
     */
    SegmentWriter(
            final Path directory,
            final int number,
            final int frameLengthMax,
            final Disk disk,
            final BooleanSupplier giveBack)
            throws IOException {
        this.disk = disk;
        this.giveBack = giveBack;
        clock.day = number;
        blockBytes = blockBytes(frameLengthMax);
        final int gatherBytes = (int) Math.min(GATHER_BYTES, blockBytes / 2);
        fillMetadata(directory.resolve(Layout.QUEUE_METADATA));
        gatheredMax = Math.max(gatherBytes, 2 * DOCUMENT_HEADER_BYTES + frameLengthMax);
        stalledMax = // a writer that has just stalled still takes a promise and a value
                gatheredMax + DOCUMENT_HEADER_BYTES + frameLengthMax + 2 * AHEAD_BYTES;
        tail = new SegmentTail(2 * gatherBytes, stalledMax);
        queue = SingleChronicleQueueBuilder.binary(directory)
                .rollCycle(DAILY)
                .timeProvider(clock)
                .blockSize(blockBytes)
                .syncMode(SyncMode.NONE)
                .timeoutMS(TIMEOUT_MS)
                .build();
        appender = queue.createAppender();
        appender.singleThreadedCheckDisabled(true);
    }

    /**
     * Chronicle stores to this file through a mapping, and would make it of holes. On a full disk a store to a hole
     * raises a signal. Chronicle takes zeros for an empty file.
     */
    private void fillMetadata(final Path file) throws IOException {
        try (FileChannel filled = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            disk.zero(filled, 0, METADATA_BYTES);
        }
    }

    /** The smallest segment that makes sense for frames of this length. */
    static long segmentBytesMin(final long frameLengthMax) {
        return 4 * frameLengthMax + 4L * RESERVE_BYTES;
    }

    /** Where frames are built; it views all of {@link #bytes}. */
    UnsafeBuffer buffer() {
        return tail.buffer();
    }

    ByteBuffer bytes() {
        return tail.bytes();
    }

    /** How many bytes of the segment are used, written or gathered. */
    int position() {
        return tail.end();
    }

    /** How many bytes of the segment are in the file. */
    int written() {
        return tail.written();
    }

    boolean hasRoomFor(final int frameLength) {
        return position() + DOCUMENT_HEADER_BYTES + frameLength + RESERVE_BYTES <= segmentBytes;
    }

    /** Whether the file system was full at the last write. Then nothing must be appended before a flush succeeds. */
    boolean isStalled() {
        return isStalled;
    }

    /** Whether a frame that begins at this byte of the file is in memory. If not, it is written. */
    boolean isInMemory(final int offset) {
        return tail.holds(offset);
    }

    /** Where in {@link #buffer} a frame is that begins at this byte of the file. It is in memory. */
    int memoryAt(final int offset) {
        return tail.at(offset);
    }

    /**
     * Where in {@link #buffer} a frame of this length has to be built, before {@link #append} or {@link #begin}.
     *
     * @throws IOException if the file system is full, and as many bytes are gathered as there is room for
     */
    int reserve(final int frameLength) throws IOException {
        final int length = 2 * DOCUMENT_HEADER_BYTES + frameLength;
        if (tail.gathered() + length > gatheredMax && !flush() && tail.gathered() + length + AHEAD_BYTES > stalledMax) {
            throw new IOException("No space left on device for " + tail.gathered() + " bytes of records");
        }
        tail.makeRoom(length + AHEAD_BYTES);
        return tail.at(tail.end()) + DOCUMENT_HEADER_BYTES;
    }

    /**
     * Adds the frame that was built to what the next {@link #flush} writes; returns where in the file it will begin.
     */
    int append(final int frameLength) {
        lastAt = position();
        tail.buffer().putInt(tail.at(lastAt), frameLength);
        tail.gather(DOCUMENT_HEADER_BYTES + frameLength);
        return lastAt + DOCUMENT_HEADER_BYTES;
    }

    /**
     * Ends this segment. {@link #begin} then begins the next one, whose file exists.
     *
     * @throws IOException if what is gathered finds no space. Not if it was flushed before, up to a promise.
     */
    void roll() throws IOException {
        tail.buffer().putInt(tail.at(position()), END_MARK);
        tail.gather(DOCUMENT_HEADER_BYTES);
        if (!flush()) {
            throw new IOException("No space left on device for the end of " + file);
        }
        store.writePosition(lastAt);
        closeFile();
        clock.day++;
    }

    /**
     * Makes Chronicle open the file, which has this length, and append the frame that was built. Returns where in the
     * file the frame begins. {@code newIsReused}: whether the file has old bytes behind its head.
     */
    int begin(final int frameLength, final int newSegmentBytes, final boolean newIsReused) throws IOException {
        segmentBytes = newSegmentBytes;
        isReused = newIsReused;
        pointer.set(tail.buffer().addressOffset() + tail.at(position()) + DOCUMENT_HEADER_BYTES, frameLength);
        disk.append(appender, pointer);
        final int written = Math.toIntExact(appender.wire().bytes().writePosition());
        tail.reset(written);
        lastAt = written - frameLength - DOCUMENT_HEADER_BYTES;
        file = appender.currentFile().toPath();
        store = queue.storeForCycle(appender.cycle(), 0, false, null);
        channel = FileChannel.open(file, StandardOpenOption.WRITE);
        return written - frameLength;
    }

    /**
     * Writes what was gathered to the file: from then on it can be read there, and forced.
     *
     * @return false if the file system is full; the records stay gathered
     */
    boolean flush() throws IOException {
        boolean interrupted = Thread.interrupted(); // an interrupt closes file channels
        try {
            while (tail.gathered() > 0) {
                try {
                    writeGathered();
                    tail.allWritten();
                    isStalled = false;
                    publishToChronicle();
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                    channel = FileChannel.open(file, StandardOpenOption.WRITE);
                } catch (IOException e) {
                    if (!disk.isFull(file, e)) {
                        throw e;
                    }
                    if (!giveBack.getAsBoolean()) {
                        isStalled = true;
                        return false;
                    }
                } finally {
                    tail.bytes().clear();
                }
            }
            return true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void writeGathered() throws IOException {
        final ByteBuffer bytes = tail.bytes();
        final int from = tail.at(tail.written());
        final int gatheredEnd = tail.at(position());
        final int end = gatheredEnd + Math.min(AHEAD_BYTES, segmentBytes - position());
        tail.buffer().setMemory(gatheredEnd, end - gatheredEnd, (byte) 0);
        final int behindHeader = from + DOCUMENT_HEADER_BYTES;
        if (isReused) {
            bytes.limit(end).position(behindHeader);
            disk.write(channel, bytes, tail.written() + (long) DOCUMENT_HEADER_BYTES);
            bytes.limit(behindHeader).position(from);
        } else {
            bytes.limit(end).position(from);
        }
        disk.write(channel, bytes, tail.written());
    }

    /**
     * Tells Chronicle where the last document begins. Before Chronicle makes the next file, it walks through this one
     * from the last document that it knows. No step may be longer than a block.
     */
    private void publishToChronicle() {
        if (lastAt - store.writePosition() > blockBytes / 4) {
            store.writePosition(lastAt);
        }
    }

    /** The file that Chronicle made. */
    Path file() {
        return file;
    }

    /** From now on only one thread may append: the one that appends first. */
    void handOver() {
        appender.singleThreadedCheckDisabled(false);
        appender.singleThreadedCheckReset();
    }

    /** Any thread. */
    @Override
    public void close() throws IOException {
        appender.singleThreadedCheckDisabled(true);
        try {
            closeFile();
            appender.close();
        } finally {
            queue.close();
            tail.close();
        }
    }

    private void closeFile() throws IOException {
        if (store != null) {
            queue.closeStore(store);
            store = null;
        }
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }

    /** A quarter of a block is the longest document that Chronicle takes. */
    private static long blockBytes(final int frameLengthMax) {
        final long blockBytes = 4L * (frameLengthMax + DOCUMENT_HEADER_BYTES);
        return (blockBytes + BLOCK_UNIT_BYTES - 1) / BLOCK_UNIT_BYTES * BLOCK_UNIT_BYTES;
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
