package io.paxos.log.snapshot;

import io.paxos.log.segment.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.CloseHelper;

/**
 * The file of a snapshot that has no complete name yet. Owned by the thread that writes it.
 *
 * <p>A {@code .part} file is used again after a crash. Then each of its chunks is read and checked, and the file is cut
 * behind the last sound one in a row. Example: the file was written through chunk 37 and half of chunk 38 when the
 * process died. Chunks 0 to 37 are sound, so the file is cut behind chunk 37. The last force had covered chunks 0 to
 * 35.
 *
 * <p>A force of chunks 36 and 37 may have failed before the process died. The kernel then takes their pages for clean,
 * and no later force writes them. So chunks that are found, but that no force is known to have covered, are written
 * again.
 */
final class UnfinishedSnapshot implements AutoCloseable {
    /** Chunks are forced whenever their number so far is a multiple of this. */
    static final int CHUNKS_PER_FORCE = 4;

    private final Path path;
    private final boolean isResumable;
    private final Disk disk;
    private final SnapshotFileFormat format;

    /** Null before {@link #open}. */
    private FileChannel channel;

    /** About how many bytes of the snapshot are in the file. Exact from {@link #resume} on. Any thread reads it. */
    private volatile long length;

    private UnfinishedSnapshot(
            final Path path, final boolean isResumable, final Disk disk, final SnapshotFileFormat format) {
        this.path = path;
        this.isResumable = isResumable;
        this.disk = disk;
        this.format = format;
    }

    /** One that is lost if the process dies. */
    static UnfinishedSnapshot temporary(final Path path, final Disk disk, final SnapshotFileFormat format) {
        return new UnfinishedSnapshot(path, false, disk, format);
    }

    /** One that the next process goes on with. */
    static UnfinishedSnapshot part(final Path path, final Disk disk, final SnapshotFileFormat format) {
        return new UnfinishedSnapshot(path, true, disk, format);
    }

    /** What an earlier process has received; null if this file is not the beginning of a snapshot of this log. */
    static UnfinishedSnapshot found(final Path path, final Disk disk, final long storageId, final long slot)
            throws IOException {
        final ByteBuffer header =
                ByteBuffer.allocate(SnapshotFileFormat.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            if (!read(channel, header, 0)) {
                return null;
            }
            final UnfinishedSnapshot found = part(path, disk, SnapshotFileFormat.of(header, storageId, slot));
            found.length = SnapshotFileFormat.wholeChunks(channel.size()) * SnapshotFileFormat.CHUNK_BYTES;
            return found;
        } catch (SnapshotFileException e) {
            return null; // it is received again
        }
    }

    long slot() {
        return format.slot();
    }

    long id() {
        return format.fileId();
    }

    long length() {
        return length;
    }

    Path path() {
        return path;
    }

    boolean isResumable() {
        return isResumable;
    }

    /** Opens the file if it is there and begins as this snapshot does. Else makes a new one. */
    void open() throws IOException {
        if (isResumable && Files.exists(path)) {
            channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (hasHeader()) {
                return;
            }
            CloseHelper.close(channel);
            disk.delete(path);
        }
        channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        disk.write(channel, format.header(), 0);
        if (isResumable) {
            disk.forceDirectory(path.getParent());
        }
    }

    /** Whether the file has the whole chunk with this number, and it is sound. A chunk that is not full is none. */
    boolean hasChunk(final long number, final ByteBuffer chunk) throws IOException {
        if (!read(channel, chunk.clear(), SnapshotFileFormat.offset(number))) {
            return false;
        }
        try {
            format.require(chunk.flip(), number);
            return true;
        } catch (SnapshotFileException e) {
            return false; // it is received again
        }
    }

    /** Everything behind this many chunks is given up. Those that no force has covered are written again. */
    void resume(final long chunks) throws IOException {
        channel.truncate(SnapshotFileFormat.offset(chunks));
        length = chunks * SnapshotFileFormat.CHUNK_BYTES;
        final ByteBuffer chunk = SnapshotFileFormat.newChunk();
        final long forced = Math.max(0, chunks - 1) / CHUNKS_PER_FORCE * CHUNKS_PER_FORCE;
        for (long number = forced; number < chunks; number++) {
            if (!hasChunk(number, chunk)) {
                throw new SnapshotFileException("chunk " + number + " of " + path + " has changed while it was read");
            }
            disk.write(channel, chunk.rewind(), SnapshotFileFormat.offset(number));
        }
    }

    /** Writes the next chunk. Returns whether everything up to it was forced. */
    boolean write(final ByteBuffer chunk, final long number) throws IOException {
        format.seal(chunk, number);
        final int bytes = chunk.limit() - SnapshotFileFormat.CHUNK_HEADER_BYTES;
        disk.write(channel, chunk, SnapshotFileFormat.offset(number));
        length = number * SnapshotFileFormat.CHUNK_BYTES + bytes;
        if ((number + 1) % CHUNKS_PER_FORCE != 0) {
            return false;
        }
        disk.force(path, channel, false);
        return true;
    }

    /** Ends a snapshot of this length. All of it is durable then, but for its name. */
    void finish(final long length) throws IOException {
        disk.write(
                channel,
                format.trailer(length),
                SnapshotFileFormat.fileLength(length) - SnapshotFileFormat.TRAILER_BYTES);
        disk.force(path, channel, true);
    }

    @Override
    public void close() {
        CloseHelper.quietClose(channel); // everything that counts was forced
    }

    private boolean hasHeader() throws IOException {
        final ByteBuffer found =
                ByteBuffer.allocate(SnapshotFileFormat.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return read(channel, found, 0) && found.flip().equals(format.header());
    }

    /** Fills the buffer. False if the file is too short. */
    private static boolean read(final FileChannel channel, final ByteBuffer buffer, final long offset)
            throws IOException {
        long at = offset;
        while (buffer.hasRemaining()) {
            final int count = channel.read(buffer, at);
            if (count < 0) {
                return false;
            }
            at += count;
        }
        return true;
    }
}
