package io.paxos.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.agrona.BufferUtil;

/**
 * Puts a forced copy in the place of a segment. The copy is a new file in new blocks.
 *
 * <p>A force of the segment itself would prove nothing. If an earlier force failed, the kernel may have marked the
 * pages clean without writing them. It then reports success for them, and they vanish with the page cache.
 *
 * <p>The copy takes the name of the segment once it is durable. A crash before that leaves the segment as it was, and a
 * crash after that leaves the copy. Both say the same.
 */
final class SegmentCopy {
    static final String SUFFIX = ".copy";

    private static final int CHUNK_BYTES = 256 << 10;

    private SegmentCopy() {}

    /** Looks at the copy before it takes the name of the segment. */
    interface Check {
        /**
         * Reads the copy.
         *
         * @throws StorageException if it does not hold what was read in the segment
         */
        void requireSame(Path copy) throws IOException;
    }

    /** Where the copy of a segment is written. */
    static Path of(final Path segment) {
        return segment.resolveSibling(segment.getFileName() + SUFFIX);
    }

    /**
     * Copies the first {@code length} bytes of the segment, which has at least as many, and replaces it.
     *
     * @throws IOException if anything fails; the segment is as it was, or its copy is in its place
     */
    static void replace(final Path segment, final long length, final Disk disk, final Check check) throws IOException {
        final Path copy = of(segment);
        try {
            write(segment, copy, length, disk);
            check.requireSame(copy);
            Files.move(copy, segment, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException | Error e) {
            deleteQuietly(copy, e);
            throw e;
        }
        disk.forceDirectory(segment.getParent());
    }

    /** Plain reads and writes: a copy by the file system could share the blocks. */
    private static void write(final Path segment, final Path copy, final long length, final Disk disk)
            throws IOException {
        final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
        try (FileChannel from = FileChannel.open(segment, StandardOpenOption.READ);
                FileChannel to = FileChannel.open(
                        copy,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            long at = 0;
            while (at < length) {
                chunk.clear().limit((int) Math.min(CHUNK_BYTES, length - at));
                if (from.read(chunk, at) < 0) {
                    throw new IOException("the file became shorter while it was copied");
                }
                chunk.flip();
                final int read = chunk.remaining();
                disk.write(to, chunk, at);
                at += read;
            }
            disk.force(copy, to, true);
        } finally {
            BufferUtil.free(chunk);
        }
    }

    private static void deleteQuietly(final Path copy, final Throwable cause) {
        try {
            Files.deleteIfExists(copy);
        } catch (IOException e) {
            cause.addSuppressed(e); // the next opening deletes it
        }
    }
}
