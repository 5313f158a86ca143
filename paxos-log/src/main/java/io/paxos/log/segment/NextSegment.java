package io.paxos.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file of the next segment, made ahead of time. It has its full length. Its head has blocks, because Chronicle
 * stores there through a mapping: if the disk is full, a store to a hole of a mapped file raises a signal.
 *
 * <p>If a {@link SpareSegments spare segment} waits, it becomes this file: its head is filled with zeros, because
 * Chronicle takes zeros for an empty file. The rest keeps its old bytes and its blocks. No record is taken from old
 * bytes, see {@link LogOpening}.
 *
 * <p>Where replies wait for the disk, the flusher fills it with zeros slice by slice between forces, and forces each
 * slice: what is written over zeros needs no new blocks, and most file systems force that in half the time. A roll
 * takes the file as it is, however far it was filled; the rest is holes, which are as good but slower.
 *
 * <p>Space is for records first. Zeros are not written when little space is left, and {@link #giveBack} frees them
 * before a write of records fails.
 *
 * <p>The file holds no record yet. If it cannot be made, it is deleted and made again. If it cannot be filled, it keeps
 * its holes.
 */
final class NextSegment {
    /** More than Chronicle's header and index and the first record take. */
    private static final int HEAD_BYTES = 128 << 10;

    private static final int SLICE_BYTES = 128 << 10;

    /** No zeros are written that leave less space than this: it is for records, and for others who use the disk. */
    static final long RESERVED_BYTES = 256L << 20;

    private final int number;
    private final Path file;
    private final int length;
    private final Disk disk;
    private final SpareSegments spares;

    /** Open while a part of the file is left to fill; otherwise null. */
    private FileChannel channel;

    /** True while the file exists with its full length. */
    private boolean made;

    /** True if the file was a segment before. */
    private boolean isReused;

    /** True once the replica thread owns the file. Never false again; no zeros are written from then on. */
    private boolean taken;

    /** True while the flusher forces a channel. Only the flusher may close that one meanwhile. */
    private boolean forcing;

    /** True once the space was given to records. Never false again; only the replica thread makes the file now. */
    private boolean isGivenBack;

    /** How many bytes from the start have blocks. At most {@code length}. */
    private volatile int filled;

    NextSegment(final int number, final Path file, final int length, final Disk disk, final SpareSegments spares) {
        this.spares = spares;
        this.number = number;
        this.file = file;
        this.length = length;
        this.disk = disk;
    }

    int number() {
        return number;
    }

    int length() {
        return length;
    }

    /** Whether the file has bytes of a former life behind its head. Final once it was taken. */
    synchronized boolean isReused() {
        return isReused;
    }

    /** How many bytes need no new blocks. Any thread. */
    int filled() {
        return filled;
    }

    /** Whether {@link #fillSlice} has something left to do. */
    synchronized boolean isFilling() {
        return channel != null && !taken;
    }

    /** Makes the file unless it exists. After a failure {@link #take} tries again. The flusher thread. */
    synchronized boolean make() {
        if (made || taken || isGivenBack) {
            return false;
        }
        try {
            makeFile();
        } catch (IOException e) {
            abandon();
        }
        return made;
    }

    /**
     * Fills and forces a little more; false if there is nothing left to do. The flusher thread.
     *
     * <p>A roll waits while zeros are written, because they could overwrite its records. It does not wait for the
     * force. The file may have records by the time of the force, and the kernel reports a failure once. So a failure
     * here is as fatal as that of any other force.
     *
     * @throws IOException if the force fails
     */
    boolean fillSlice() throws IOException {
        final FileChannel open;
        final int end;
        synchronized (this) {
            if (channel == null || taken) {
                return false;
            }
            end = Math.min(filled + SLICE_BYTES, length);
            if (disk.usableBytes(file) < RESERVED_BYTES + end - filled) {
                closeChannel(); // the rest stays holes
                return false;
            }
            try {
                disk.zero(channel, filled, end);
            } catch (IOException e) {
                closeChannel(); // the rest stays holes
                return false;
            }
            filled = end;
            forcing = true;
            open = channel;
        }
        final boolean isDone = end == length;
        try {
            disk.force(file, open, isDone);
        } finally {
            synchronized (this) {
                forcing = false;
                if (open != channel) {
                    close(open);
                }
                if (isDone || taken) {
                    closeChannel();
                }
            }
        }
        return !isDone;
    }

    /** Gives the file to the caller. Makes it first if it does not exist. The replica thread. */
    synchronized void take() throws IOException {
        makeNow();
        taken = true;
        if (!forcing) {
            closeChannel();
        }
    }

    /** Makes the file unless it exists, also after {@link #giveBack}. The replica thread. */
    synchronized void makeNow() throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (!made) {
                try {
                    makeFile();
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

    /**
     * Frees the space of the file, so that records can have it; false if that frees nothing. A force of it may be under
     * way. The replica thread.
     */
    synchronized boolean giveBack() {
        if (!made || taken) {
            return false;
        }
        isGivenBack = true;
        try (FileChannel emptied = FileChannel.open(file, StandardOpenOption.WRITE)) {
            emptied.truncate(0); // at once, although the flusher may have the file open
        } catch (IOException e) {
            made = false; // its name is taken away below
        }
        if (forcing) {
            channel = null; // the flusher closes it
        }
        abandon();
        return true;
    }

    /** Deletes the file unless it was taken. No force of it may be under way. */
    synchronized void abandon() {
        closeChannel();
        made = false;
        isReused = false;
        filled = 0;
        try {
            if (!taken) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            made = false; // swept at the next opening
        }
    }

    private void makeFile() throws IOException {
        final int head = Math.min(HEAD_BYTES, length);
        isReused = spares.take(file, length);
        if (isReused) {
            channel = FileChannel.open(file, StandardOpenOption.WRITE);
            disk.zero(channel, 0, head);
            closeChannel();
            filled = length;
            made = true;
            return;
        }
        channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        disk.zero(channel, 0, head);
        disk.write(channel, ByteBuffer.allocate(1), length - 1L);
        filled = head;
        made = true;
        assert filled <= length : "filled=" + filled + " length=" + length;
    }

    private void closeChannel() {
        if (channel != null) {
            close(channel);
        }
        channel = null;
    }

    private void close(final FileChannel open) {
        try {
            open.close();
        } catch (IOException e) {
            filled = 0; // the file holds zeros only
        }
    }
}
