package io.paxos.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file of the segment to come, filled with zeros ahead of time.
 *
 * <p>Writing to a hole of a mapped file raises a signal when the disk is full; writing zeros first turns that into an
 * exception at a place where nothing is lost, and makes later forces cheaper. The flusher fills it slice by slice between
 * forces, so that none of them waits long; a roll that comes too early fills the rest itself.
 *
 * <p>A preparation that fails has lost nothing: the file is thrown away, and the roll tries again.
 */
final class NextSegment {
    private static final int SLICE_BYTES = 1 << 20;
    private static final ByteBuffer ZEROS =
            ByteBuffer.allocateDirect(SLICE_BYTES).asReadOnlyBuffer();

    private final int number;
    private final Path file;
    private final int length;
    private final Disk disk;
    private final ByteBuffer zeros = ZEROS.duplicate();

    private FileChannel channel;
    private int filled;
    private boolean ready;
    private boolean failed;

    NextSegment(final int number, final Path file, final int length, final Disk disk) {
        this.number = number;
        this.file = file;
        this.length = length;
        this.disk = disk;
    }

    int number() {
        return number;
    }

    /** Fills a little more; false if nothing is left to do here. Any thread. */
    synchronized boolean fillSlice() {
        if (ready || failed) {
            return false;
        }
        try {
            slice();
            return !ready;
        } catch (IOException e) {
            failed = true; // whoever needs the file tries again, and says so if it fails again
            abandon();
            return false;
        }
    }

    /** Fills the rest. The file is complete and durable afterwards, but for its name. */
    synchronized void fill() throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (!ready) {
                try {
                    slice();
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                    abandon();
                }
            }
        } catch (IOException e) {
            abandon();
            throw e;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Lets go of the file, and deletes it if it was not used. */
    synchronized void abandon() {
        filled = 0;
        ready = false;
        try {
            close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            failed = true; // swept at the next opening
        }
    }

    private void slice() throws IOException {
        if (channel == null) {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
            filled = 0;
        }
        zeros.clear().limit(Math.min(SLICE_BYTES, length - filled));
        final int bytes = zeros.remaining();
        disk.write(channel, zeros, filled);
        filled += bytes;
        disk.force(file, channel, filled == length); // each slice, so that no force has to carry all of them
        if (filled == length) {
            close();
            ready = true;
        }
    }

    private void close() throws IOException {
        final FileChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }
}
