package io.paxos.log.snapshot;

import io.paxos.log.segment.OpeningFailure;
import io.paxos.spi.SnapshotStore;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.CloseHelper;
import org.agrona.MutableDirectBuffer;

/**
 * Reads one snapshot, a chunk at a time. Checks header, trailer and the length of the file first, and each chunk before
 * any of its bytes is given out.
 *
 * <p>Plain reads, which no interrupt can end. The file is not deleted meanwhile, unless it was found damaged.
 */
final class SnapshotFileReader implements SnapshotStore.Input {
    private final Path path;
    private final long slot;
    private final KeptSnapshots kept;
    private final RandomAccessFile file;
    private final byte[] bytes = new byte[SnapshotFileFormat.CHUNK_HEADER_BYTES + SnapshotFileFormat.CHUNK_BYTES];

    /** Wraps {@code bytes}. Between position and limit is what was checked and not yet given out. */
    private final ByteBuffer chunk = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);

    private final SnapshotFileFormat format;
    private final long length;

    /** The number of the chunk that is read next. The one before it is in {@code chunk}, if any is. */
    private long nextChunk;

    /** How many bytes of that chunk are left out. 0 unless {@link #seek} was called after the last read. */
    private int skippedBytes;

    /** The first failure, which each later read throws too. Null while there is none. */
    private String failure;

    private boolean isClosed;

    /** @throws IllegalStateException if it is damaged or cannot be read; the message names the file */
    SnapshotFileReader(final Path path, final long storageId, final long slot, final KeptSnapshots kept) {
        this.path = path;
        this.slot = slot;
        this.kept = kept;
        if (!kept.opened(slot)) {
            throw refused(new FileNotFoundException(path + " is not there"));
        }
        RandomAccessFile opened = null;
        try {
            opened = new RandomAccessFile(path.toFile(), "r");
            file = opened;
            final long fileLength = file.length();
            final long least = SnapshotFileFormat.fileLength(0);
            if (fileLength < least) {
                throw new SnapshotFileException(
                        "it has " + fileLength + " bytes, and the shortest snapshot has " + least);
            }
            format = SnapshotFileFormat.of(read(0, SnapshotFileFormat.HEADER_BYTES), storageId, slot);
            final int trailer = SnapshotFileFormat.TRAILER_BYTES;
            length = format.length(read(fileLength - trailer, trailer), fileLength);
            chunk.limit(0);
        } catch (IOException e) {
            CloseHelper.quietClose(opened);
            kept.closed(slot);
            throw refused(e);
        }
    }

    @Override
    public int read(final MutableDirectBuffer buffer, final int offset, final int maxLength) {
        if (maxLength < 1) {
            throw new IllegalArgumentException("length=" + maxLength);
        }
        buffer.boundsCheck(offset, maxLength);
        requireUsable();
        if (!chunk.hasRemaining() && !readChunk()) {
            return -1;
        }
        final int part = Math.min(maxLength, chunk.remaining());
        buffer.putBytes(offset, chunk, part);
        return part;
    }

    /** Stays within the chunk that was read last if it can, so that reading in small parts reads each chunk once. */
    @Override
    public void seek(final long position) {
        if (position < 0 || position > length) {
            throw new IllegalArgumentException("position=" + position + " length=" + length);
        }
        requireUsable();
        final long number = position / SnapshotFileFormat.CHUNK_BYTES;
        final int within = (int) (position % SnapshotFileFormat.CHUNK_BYTES);
        if (chunk.limit() > 0 && number == nextChunk - 1) {
            chunk.position(SnapshotFileFormat.CHUNK_HEADER_BYTES + within);
            return;
        }
        chunk.clear().limit(0);
        nextChunk = position == length ? SnapshotFileFormat.chunks(length) : number;
        skippedBytes = position == length ? 0 : within;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public long id() {
        return format.fileId();
    }

    @Override
    public void close() {
        if (!isClosed) {
            kept.closed(slot);
        }
        isClosed = true;
        CloseHelper.quietClose(file); // nothing was written
    }

    private boolean readChunk() {
        if (nextChunk == SnapshotFileFormat.chunks(length)) {
            return false;
        }
        try {
            final int chunkLength = SnapshotFileFormat.chunkLength(length, nextChunk);
            read(SnapshotFileFormat.offset(nextChunk), SnapshotFileFormat.CHUNK_HEADER_BYTES + chunkLength);
            format.require(chunk, nextChunk);
        } catch (IOException e) {
            chunk.clear().limit(0);
            throw refused(e);
        }
        chunk.position(SnapshotFileFormat.CHUNK_HEADER_BYTES + skippedBytes);
        skippedBytes = 0;
        nextChunk++;
        return true;
    }

    private void requireUsable() {
        if (isClosed || failure != null) {
            throw new IllegalStateException(isClosed ? path + " is closed" : failure);
        }
    }

    private ByteBuffer read(final long offset, final int count) throws IOException {
        file.seek(offset);
        file.readFully(bytes, 0, count);
        return chunk.clear().limit(count);
    }

    private IllegalStateException refused(final IOException cause) {
        if (!(cause instanceof FileNotFoundException) || Files.notExists(path)) { // or it is a lack of file handles
            kept.refuse(slot);
        }
        final String what;
        if (Files.notExists(path)) {
            what = path + " does not exist";
        } else if (cause instanceof SnapshotFileException) {
            what = path + " is not used: " + cause.getMessage();
        } else if (cause instanceof EOFException) {
            what = path + " is not used: it became shorter while it was read";
        } else {
            what = OpeningFailure.explained("cannot read " + path, path.getParent(), cause)
                    .getMessage();
        }
        final long before = kept.newestBefore(slot);
        failure = what + ". "
                + (before == 0 ? "There is no snapshot before it" : "The one before it is used, of slot " + before);
        return new IllegalStateException(failure, cause);
    }
}
