package io.paxos.log.segment;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code RESERVE}: blocks that are set aside for votes. It holds zeros, and stays between two openings.
 *
 * <p>When the file system is full, the file is deleted, so that records can have its blocks. From then on the log is
 * full: the replica proposes nothing new, and votes as long as the blocks last. The flusher looks every 100 ms whether
 * there is space again. It makes the file when twice its size is free. Then the log is not full any more.
 *
 * <p>Another process can take the blocks as well, once the file is deleted.
 */
public final class Reserve {
    static final String FILE = "RESERVE";

    private static final Logger LOGGER = LoggerFactory.getLogger(Reserve.class);

    /** Enough for the votes on what is under way, and for some thousand changes of the leader. */
    private static final int BYTES_MAX = 4 << 20;

    private static final int SLICE_BYTES = 128 << 10;
    private static final long LOOK_NS = 100_000_000;

    private final Path file;
    private final int bytes;
    private final Disk disk;
    private final LogDirectory directory;

    /** Whether all blocks are set aside. Guarded by this. */
    private boolean isMade;

    /** When the flusher tries next. Guarded by this. */
    private long nextLookNs = System.nanoTime();

    /** Whether what is left of the file system is for votes. */
    private volatile boolean isFull;

    Reserve(final LogDirectory directory, final int segmentBytes, final Disk disk) {
        this.directory = directory;
        this.disk = disk;
        file = directory.path().resolve(FILE);
        bytes = Math.min(BYTES_MAX, segmentBytes);
    }

    /** Whether there is no space but for votes. Any thread. */
    boolean isFull() {
        return isFull;
    }

    /** Nanoseconds until {@link #step} has something to do; {@code Long.MAX_VALUE} if nothing. Any thread. */
    synchronized long untilLookNs(final long nowNs) {
        return isMade ? Long.MAX_VALUE : nextLookNs - nowNs;
    }

    /** A write found no space. Gives the blocks to the records; false if there are none. Any thread. */
    synchronized boolean giveBack() {
        final boolean isAny = delete(file);
        isMade = false;
        nextLookNs = System.nanoTime() + LOOK_NS;
        becomeFull(isAny ? bytes : 0);
        return isAny;
    }

    /**
     * Sets a part of the blocks aside if there is space. The flusher thread.
     *
     * @return whether the log was full, and has space again
     */
    synchronized boolean step(final long nowNs) throws IOException {
        if (isMade || nextLookNs - nowNs > 0) {
            return false;
        }
        nextLookNs = nowNs + LOOK_NS;
        directory.requireOwned();
        try {
            fillSlice(nowNs);
        } catch (IOException e) {
            delete(file); // tried again at the next look
        }
        final boolean hasSpaceAgain = isFull && isMade;
        if (hasSpaceAgain) {
            isFull = false;
            LOGGER.info("the file system of {} has space again: this replica proposes again", directory.path());
        }
        return hasSpaceAgain;
    }

    private void fillSlice(final long nowNs) throws IOException {
        final int from = Files.exists(file) ? (int) Math.min(bytes, Files.size(file)) : 0;
        final int end = Math.min(bytes, from + SLICE_BYTES);
        final long usable = disk.usableBytes(directory.path());
        if (from < end && usable > 0 && usable < 2L * bytes - from) {
            becomeFull(0);
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            disk.zero(channel, from, end);
        }
        isMade = end == bytes;
        nextLookNs = nowNs;
    }

    private void becomeFull(final int left) {
        if (!isFull) {
            isFull = true;
            LOGGER.warn(
                    "the file system of {} is full. This replica proposes nothing new, and votes {}. Nothing is lost:"
                            + " free disk space, and it goes on by itself",
                    directory.path(),
                    left > 0 ? "as long as " + left + " bytes last that it had set aside" : "if there is space");
        }
    }

    /** Deletes what an earlier opening has set aside; false if there is nothing. Only while the log is not open. */
    public static boolean giveBack(final Path directory) {
        return delete(directory.resolve(FILE));
    }

    private static boolean delete(final Path file) {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            return false; // its blocks stay set aside
        }
    }
}
