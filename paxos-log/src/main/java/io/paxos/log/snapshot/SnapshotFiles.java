package io.paxos.log.snapshot;

import io.paxos.log.segment.Disk;
import io.paxos.log.segment.LogDirectory;
import io.paxos.log.segment.OpeningFailure;
import io.paxos.log.segment.StorageException;
import io.paxos.spi.SnapshotStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The snapshots in the directory of an open log.
 *
 * <p>The directory is listed once, at the opening. Everything in it is durable then.
 */
public final class SnapshotFiles implements SnapshotStore, AutoCloseable {
    private static final String DIRECTORY = "snapshots";
    private static final String PREFIX = "snapshot-";
    private static final String TEMPORARY_SUFFIX = ".tmp";
    private static final String NAME = PREFIX + "\\d{19}";

    private final LogDirectory log;
    private final Disk disk;
    private final int replica;
    private final long reservedBytes;
    private final Path directory;
    private final KeptSnapshots kept = new KeptSnapshots();

    /** The last one that was begun. Null before the first. Guarded by this. */
    private SnapshotFileWriter writer;

    private boolean isClosed;

    private SnapshotFiles(final LogDirectory log, final Disk disk, final int replica, final long reservedBytes) {
        this.log = log;
        this.disk = disk;
        this.replica = replica;
        this.reservedBytes = reservedBytes;
        directory = log.path().resolve(DIRECTORY);
    }

    /**
     * Lists the snapshots, makes their names durable, and deletes what a crash has left of an unfinished one.
     *
     * @param replica names the thread that writes
     * @param reservedBytes how much of the file system a snapshot leaves free for records
     * @throws StorageException if the directory cannot be read; the message says what to do
     */
    public static SnapshotFiles open(
            final LogDirectory log, final Disk disk, final int replica, final long reservedBytes)
            throws StorageException {
        final SnapshotFiles files = new SnapshotFiles(log, disk, replica, reservedBytes);
        try {
            files.open();
        } catch (IOException e) {
            throw OpeningFailure.explained("cannot open the snapshots in " + files.directory, files.directory, e);
        }
        return files;
    }

    @Override
    public long[] slots() {
        return kept.slots();
    }

    @Override
    public Input open(final long slot) {
        return new SnapshotFileReader(file(slot), log.identity().storageId(), slot, kept);
    }

    @Override
    public synchronized Output begin(final long slot, final Runnable wakeup) {
        if (isClosed) {
            throw new IllegalStateException("the log in " + log.path() + " is closed");
        }
        if (writer != null && !writer.isOver()) {
            throw new IllegalStateException("another snapshot is being written in " + directory);
        }
        final long newest = kept.newest();
        if (slot <= newest || slot < 1) {
            throw new IllegalArgumentException("slot=" + slot + " is not above the newest snapshot, of slot " + newest);
        }
        writer = new SnapshotFileWriter(this, log, disk, slot, "paxos-snapshot-" + replica, writer, wakeup);
        writer.start();
        return writer;
    }

    /** Gives up a snapshot that is being written, and waits until its thread has ended. */
    @Override
    public synchronized void close() {
        isClosed = true;
        if (writer != null) {
            writer.abandon();
            writer.join();
        }
    }

    Path directory() {
        return directory;
    }

    KeptSnapshots kept() {
        return kept;
    }

    long reservedBytes() {
        return reservedBytes;
    }

    Path file(final long slot) {
        return directory.resolve(String.format(Locale.ROOT, "%s%019d", PREFIX, slot));
    }

    Path temporary(final long slot) {
        return directory.resolve(file(slot).getFileName() + TEMPORARY_SUFFIX);
    }

    /** Deletes unfinished snapshots. None is being written. */
    void sweep() throws IOException {
        for (final Path path : list()) {
            if (path.getFileName().toString().endsWith(TEMPORARY_SUFFIX)) {
                disk.delete(path);
            }
        }
    }

    private void open() throws IOException {
        if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        sweep();
        for (final Path path : list()) {
            final long slot = slotOf(path);
            if (slot > 0) {
                kept.add(slot);
            }
        }
        disk.forceDirectory(directory); // a crash may have come between the rename and its force
    }

    private List<Path> list() throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.toList();
        }
    }

    /** The slot of a snapshot with a complete name; 0 for any other file. */
    private static long slotOf(final Path path) {
        final String name = path.getFileName().toString();
        if (!name.matches(NAME) || !Files.isRegularFile(path)) {
            return 0;
        }
        try {
            return Long.parseLong(name.substring(PREFIX.length()));
        } catch (NumberFormatException e) {
            return 0; // above the highest slot
        }
    }
}
