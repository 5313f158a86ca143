package io.paxos.log.segment;

import java.nio.ByteBuffer;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The end of a segment in memory: what was written to the file last, and behind it what is gathered for the next write.
 * A value that was accepted lately is executed from here, without a read of the file.
 *
 * <p>Example: the memory begins at byte 1000 of the file, which is written up to byte 3000, and records are gathered up
 * to byte 3400. The record at byte 1200 can be read here, and so can the one at 3100, which the file does not have yet.
 *
 * <p>When there is no room behind the end, the last bytes are moved to the front. At least {@code keptBytes} of them
 * stay, and all that is not written.
 */
final class SegmentTail implements AutoCloseable {
    private final ByteBuffer bytes;
    private final UnsafeBuffer buffer;
    private final int keptBytes;

    /** The byte of the file with which the memory begins. */
    private int from;

    /** The file is written up to this byte. At least {@code from}. */
    private int written;

    /** The byte of the file behind the last one that is gathered. At least {@code written}. */
    private int end;

    /**
     * Takes up to {@code gatheredMax} bytes that are not written.
     *
     * @throws StorageException if the JVM allows no more direct memory
     */
    SegmentTail(final int keptBytes, final int gatheredMax) throws StorageException {
        this.keptBytes = keptBytes;
        bytes = DirectMemory.allocate(keptBytes + gatheredMax, "gathering records");
        buffer = new UnsafeBuffer(bytes);
    }

    /** Views all of {@link #bytes}. */
    UnsafeBuffer buffer() {
        return buffer;
    }

    ByteBuffer bytes() {
        return bytes;
    }

    int written() {
        return written;
    }

    int end() {
        return end;
    }

    int gathered() {
        return end - written;
    }

    /** Forgets everything. The file, perhaps another one, is written up to this byte. */
    void reset(final int newWritten) {
        from = newWritten;
        written = newWritten;
        end = newWritten;
    }

    /** Whether this byte of the file is in memory, and all behind it. */
    boolean holds(final int offset) {
        return offset >= from;
    }

    /** Where in {@link #buffer} this byte of the file is, which is held, or the end. */
    int at(final int offset) {
        assert offset >= from && offset <= end : "offset=" + offset + " from=" + from + " end=" + end;
        return offset - from;
    }

    /** Sees to it that this many bytes can be put behind the end. At most what the memory takes beside what is kept. */
    void makeRoom(final int length) {
        if (at(end) + length > bytes.capacity()) {
            final int newFrom = Math.max(from, Math.min(written, end - keptBytes));
            bytes.limit(at(end)).position(at(newFrom));
            bytes.compact().clear();
            from = newFrom;
        }
        assert at(end) + length <= bytes.capacity() : "end=" + at(end) + " length=" + length;
    }

    /** This many bytes were put behind the end. */
    void gather(final int length) {
        end += length;
        assert at(end) <= bytes.capacity() : "end=" + at(end) + " capacity=" + bytes.capacity();
    }

    /** What was gathered is written. */
    void allWritten() {
        written = end;
    }

    /** Frees the memory. */
    @Override
    public void close() {
        BufferUtil.free(bytes);
    }
}
