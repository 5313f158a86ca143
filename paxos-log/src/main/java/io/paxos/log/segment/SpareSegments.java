package io.paxos.log.segment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;

/**
 * Files of given-up segments that wait to become the next segment. Any thread.
 *
 * <p>A file waits under its old name, below the bottom of the log, so the next opening deletes it. It has the full
 * length of a segment, and as a rule all of its blocks: the end of a segment that was not filled may have none.
 */
final class SpareSegments implements AutoCloseable {
    private static final int WAITING_MAX = 2;

    private final LogDirectory directory;
    private final int length;
    private final Disk disk;

    /** The files that wait, the oldest first. At most {@link #WAITING_MAX}. */
    private final ArrayDeque<Path> files = new ArrayDeque<>();

    /** Never false again. No file waits from then on. */
    private boolean isClosed;

    /** {@code length}: that of every file that waits. */
    SpareSegments(final LogDirectory directory, final int length, final Disk disk) {
        this.directory = directory;
        this.length = length;
        this.disk = disk;
    }

    /** To what length a file of this size is to be cut before it is {@link #offer offered}; 0 if it is not wanted. */
    synchronized long wanted(final long size) {
        return isClosed || files.size() == WAITING_MAX || size < length ? 0 : length;
    }

    /** Keeps this file for later, if it has the wanted length; false if it has not, or enough wait already. */
    synchronized boolean offer(final Path file) throws IOException {
        final long size = Files.size(file);
        return wanted(size) == size && files.add(file);
    }

    /**
     * Gives a file of this length the name {@code target}; false if none waits. Its content is that of its former life.
     *
     * @throws StorageException if another process owns the directory
     */
    synchronized boolean take(final Path target, final int wantedLength) throws IOException {
        if (wantedLength != length || files.isEmpty()) {
            return false;
        }
        directory.requireOwned();
        disk.rename(files.remove(), target);
        return true;
    }

    /** Deletes the files that wait, so that records can have their space; false if there are none. */
    synchronized boolean giveBack() {
        final boolean isAny = !files.isEmpty();
        while (!files.isEmpty()) {
            try {
                disk.delete(files.remove());
            } catch (IOException e) {
                return false; // the next opening deletes it
            }
        }
        return isAny;
    }

    /** Deletes the files that wait. */
    @Override
    public synchronized void close() {
        isClosed = true;
        giveBack();
    }
}
