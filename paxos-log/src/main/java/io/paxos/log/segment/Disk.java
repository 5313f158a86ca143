package io.paxos.log.segment;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.queue.ExcerptAppender;

/** All writes and forces of the log. Tests replace it in order to make them fail. */
public class Disk {
    private static final int ZEROS_BYTES = 64 << 10;
    private static final int FULL_BYTES = 64 << 10;

    private static final ByteBuffer ZEROS =
            ByteBuffer.allocateDirect(ZEROS_BYTES).asReadOnlyBuffer();

    /** {@code metaData}: also forces metadata that is not needed to read the data. A new file needs it once. */
    public void force(final Path file, final FileChannel channel, final boolean metaData) throws IOException {
        channel.force(metaData);
    }

    /** Makes the names in a directory durable. Needs a system that can open a directory, for example Linux. */
    public void forceDirectory(final Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    public void write(final FileChannel channel, final ByteBuffer bytes, final long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /** Fills a part of a file with zeros. */
    public void zero(final FileChannel channel, final int fromByte, final int limitByte) throws IOException {
        final ByteBuffer zeros = ZEROS.duplicate();
        for (int at = fromByte; at < limitByte; at += ZEROS_BYTES) {
            zeros.clear().limit(Math.min(ZEROS_BYTES, limitByte - at));
            write(channel, zeros, at);
        }
    }

    /** Gives a file another name on the same file system, and replaces the file that has it. At once or not at all. */
    public void rename(final Path from, final Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Cuts a file off behind this many bytes. */
    public void truncate(final Path file, final long length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(length);
        }
    }

    /** Deletes a file. Does nothing if there is none. */
    public void delete(final Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    /** How many bytes can still be written to the file system of this file; 0 if it cannot be told. */
    public long usableBytes(final Path file) {
        return file.toFile().getUsableSpace();
    }

    /** Whether a write to this file failed for lack of space. The message may be in any language. */
    public boolean isFull(final Path file, final IOException cause) {
        final File asked = file.toFile();
        return OpeningFailure.isFull(cause) || (asked.getTotalSpace() > 0 && asked.getUsableSpace() < FULL_BYTES);
    }

    public void append(final ExcerptAppender appender, final BytesStore<?, ?> frame) {
        appender.writeBytes(frame);
    }
}
