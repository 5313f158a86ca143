package io.paxos.log;

import java.io.IOException;
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
 * forces, so that none of them waits long; a roll that comes too early fills the rest itself. Where replies wait for the
 * disk each slice is forced, so that no force of the segment has to carry all of them; where they do not, most zeros are
 * written over before they ever reach the disk.
 *
 * <p>A preparation that fails has lost nothing: the file is thrown away, and the roll tries again.
 */
final class NextSegment {
    private static final int SLICE_BYTES = 256 << 10;

    private final int number;
    private final Path file;
    private final int length;
    private final Disk disk;
    private final boolean forcesSlices;

    private FileChannel channel;
    private volatile int filled;
    private boolean ready;
    private boolean failed;

    NextSegment(final int number, final Path file, final int length, final Disk disk, final Durability durability) {
        this.number = number;
        this.file = file;
        this.length = length;
        this.disk = disk;
        forcesSlices = durability == Durability.SYNC;
    }

    int number() {
        return number;
    }

    /** How many bytes are there. Any thread. */
    int filled() {
        return filled;
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

    /** Fills the rest. The file is complete afterwards, and durable where replies wait for that, but for its name. */
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
        final int end = Math.min(filled + SLICE_BYTES, length);
        disk.zero(channel, filled, end);
        if (forcesSlices) {
            disk.force(file, channel, end == length);
        }
        filled = end;
        if (end == length) {
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
