package io.paxos.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Finds every sound frame in a segment, whatever surrounds it.
 *
 * <p>It looks at each position where a frame could begin, and believes nothing but the CRC: neither Chronicle's
 * document headers, nor its index, nor its end marks. So damage can hide a record, but never those behind it, and
 * damage to Chronicle's own parts hides nothing. Streams through plain reads, in which a bad disk is an exception and
 * not a signal.
 */
final class SegmentScan implements AutoCloseable {
    /** Takes one sound frame, which begins at {@code at} in the buffer and at {@code offset} in the file. */
    interface Visitor {
        void frame(DirectBuffer buffer, int at, int offset) throws IOException;

        /** Whether the header at {@code at} is of a former life of the file. Such bytes are no record. */
        default boolean isOld(final DirectBuffer buffer, final int at) {
            return false;
        }
    }

    private static final int WINDOW_BYTES = 4 << 20;

    private final Frame frame;
    private ByteBuffer bytes;
    private UnsafeBuffer window;
    private FileChannel channel;
    private long size;
    private long windowOffset;
    private int windowLength;

    private long end;
    private boolean cleanTail;
    private boolean hasEndMark;
    private long damagedSlot;
    private long zerosFrom;
    private int wordAtEnd;
    private Visitor visitor;

    /** @throws StorageException if the JVM allows no more direct memory */
    SegmentScan(final Frame frame) throws StorageException {
        this.frame = frame;
        bytes = DirectMemory.allocate(WINDOW_BYTES, "reading the segments");
        window = new UnsafeBuffer(bytes);
    }

    /** Reads the whole file. Meanwhile and afterwards the accessors tell about what follows the last frame. */
    void scan(final Path file, final Visitor newVisitor) throws IOException {
        visitor = newVisitor;
        end = 0;
        wordAtEnd = 0;
        cleanTail = true;
        hasEndMark = false;
        damagedSlot = 0;
        zerosFrom = 0;
        windowLength = 0;
        try (FileChannel opened = FileChannel.open(file, StandardOpenOption.READ)) {
            channel = opened;
            size = Math.min(opened.size(), Integer.MAX_VALUE);
            long offset = 0;
            while (offset + Frame.HEADER_BYTES <= size) {
                final int at = load(offset, Frame.HEADER_BYTES);
                final int length = Frame.hasMagic(window, at) ? soundLength(offset) : 0;
                if (length > 0) {
                    visitor.frame(window, load(offset, length), (int) offset);
                    offset += length;
                    end = offset;
                    wordAtEnd = 0;
                    cleanTail = true;
                    hasEndMark = false;
                    damagedSlot = 0;
                    zerosFrom = offset;
                } else {
                    noteTail(offset);
                    offset += 4;
                }
            }
            for (; offset + 4 <= size; offset += 4) {
                noteTail(offset);
            }
        }
    }

    /** How long the file is, in bytes. */
    long size() {
        return size;
    }

    /** The offset from which on the file has only zeros; its length if the last word is not zero. */
    long zerosFrom() {
        return zerosFrom;
    }

    /** Where the last sound frame ends; 0 if there is none. */
    long end() {
        return end;
    }

    /** Whether the word behind the last sound frame says that nothing follows. Old bytes may be behind that word. */
    boolean isEndMarked() {
        return wordAtEnd == 0 || wordAtEnd == SegmentWriter.END_MARK;
    }

    /** Whether nothing but zeros, and perhaps Chronicle's end mark, follows the last sound frame. */
    boolean cleanTail() {
        return cleanTail;
    }

    /** Whether Chronicle's end mark follows the last sound frame. */
    boolean hasEndMark() {
        return hasEndMark;
    }

    /** The slot that the first broken frame behind the last sound one seems to be about; 0 if it cannot be told. */
    long damagedSlot() {
        return damagedSlot;
    }

    @Override
    public void close() {
        BufferUtil.free(bytes);
    }

    /** The length of the frame at {@code offset}, or 0 if there is none, or it is broken or old. */
    private int soundLength(final long offset) throws IOException {
        final int header = load(offset, Frame.HEADER_BYTES);
        final int length = Frame.plausibleLength(window, header, size - offset);
        if (length > 0 && !visitor.isOld(window, header)) {
            final int at = load(offset, length);
            if (frame.isSound(window, bytes, at, length)) {
                return length;
            }
            if (damagedSlot == 0) {
                damagedSlot = Frame.slot(window, at);
            }
        }
        return 0;
    }

    private void noteTail(final long offset) throws IOException {
        final int word = window.getInt(load(offset, 4));
        if (offset == end) {
            wordAtEnd = word;
        }
        if (word != 0) {
            final boolean isEndMark = word == SegmentWriter.END_MARK && offset == end;
            hasEndMark |= isEndMark && cleanTail;
            cleanTail &= isEndMark;
            zerosFrom = offset + 4;
        }
    }

    /** Sees to it that these bytes of the file, which exist, are in the window; returns where. */
    private int load(final long offset, final int length) throws IOException {
        final long at = offset - windowOffset;
        if (at >= 0 && at + length <= windowLength) {
            return (int) at;
        }
        if (length > bytes.capacity()) {
            grow(length);
        }
        windowOffset = offset;
        windowLength = (int) Math.min(bytes.capacity(), size - offset);
        bytes.clear().limit(windowLength);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw new IOException("the file became shorter while it was read");
            }
        }
        bytes.clear();
        return 0;
    }

    private void grow(final int length) throws StorageException {
        final ByteBuffer larger =
                DirectMemory.allocate(Math.max(length, 2 * bytes.capacity()), "reading a long record");
        BufferUtil.free(bytes);
        bytes = larger;
        window = new UnsafeBuffer(bytes);
    }
}
