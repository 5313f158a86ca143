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
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots in the directory of an open log.
 *
 * <p>The directory is listed once, at the opening. Everything in it is durable then.
 */
public final class SnapshotFiles implements SnapshotStore, AutoCloseable {
    private static final String DIRECTORY = "snapshots";
    private static final String PREFIX = "snapshot-";
    private static final String TEMPORARY_SUFFIX = ".tmp";
    private static final String PART_SUFFIX = ".part";
    private static final String NAME = PREFIX + "\\d{19}";
    private static final Logger LOGGER = LoggerFactory.getLogger(SnapshotFiles.class);

    private final LogDirectory log;
    private final Disk disk;
    private final int replica;
    private final long reservedBytes;
    private final Path directory;
    private final KeptSnapshots kept = new KeptSnapshots();

    /** The last one that was begun. Null before the first. Guarded by this. */
    private SnapshotFileWriter writer;

    /** The one that can be resumed, or is being received. Null if there is none. */
    private final AtomicReference<UnfinishedSnapshot> part = new AtomicReference<>();

    private boolean isClosed;

    /** How much was appended to the log so far. */
    private volatile LongSupplier appendedBytes = () -> 0;

    private SnapshotFiles(final LogDirectory log, final Disk disk, final int replica, final long reservedBytes) {
        this.log = log;
        this.disk = disk;
        this.replica = replica;
        this.reservedBytes = reservedBytes;
        directory = log.path().resolve(DIRECTORY);
    }

    /**
     * Lists the snapshots, makes their names durable, and deletes what a crash has left of an unfinished one that was
     * not received.
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

    /** While this grows, snapshots are written slowly. Any thread calls it. */
    public void paceBy(final LongSupplier newAppendedBytes) {
        appendedBytes = newAppendedBytes;
    }

    SnapshotPace newPace() {
        return new SnapshotPace(appendedBytes);
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
        requireNext(slot);
        final SnapshotFileFormat format = format(slot, new SecureRandom().nextLong());
        return start(slot, UnfinishedSnapshot.temporary(unfinished(slot, TEMPORARY_SUFFIX), disk, format), wakeup);
    }

    @Override
    public synchronized Output receive(final long slot, final long id, final Runnable wakeup) {
        requireNext(slot);
        part.set(UnfinishedSnapshot.part(unfinished(slot, PART_SUFFIX), disk, format(slot, id)));
        return start(slot, part.get(), wakeup);
    }

    @Override
    public long unfinishedSlot() {
        final UnfinishedSnapshot unfinished = part.get();
        return unfinished == null ? 0 : unfinished.slot();
    }

    @Override
    public long unfinishedId() {
        final UnfinishedSnapshot unfinished = part.get();
        return unfinished == null ? 0 : unfinished.id();
    }

    @Override
    public long unfinishedLength() {
        final UnfinishedSnapshot unfinished = part.get();
        return unfinished == null ? 0 : unfinished.length();
    }

    private SnapshotFileFormat format(final long slot, final long id) {
        return new SnapshotFileFormat(log.identity().storageId(), slot, id);
    }

    private Output start(final long slot, final UnfinishedSnapshot unfinished, final Runnable wakeup) {
        writer = new SnapshotFileWriter(this, log, disk, slot, unfinished, "paxos-snapshot-" + replica, writer, wakeup);
        writer.start();
        return writer;
    }

    private void requireNext(final long slot) {
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
    }

    /** Gives up a snapshot that is being written, and waits until its thread has ended. */
    @Override
    public synchronized void close() {
        isClosed = true;
        if (writer != null) {
            writer.hurry();
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

    /** Deletes what is left of unfinished snapshots before this one is written. At most one part stays. */
    void sweep(final UnfinishedSnapshot next) throws IOException {
        for (final Path path : list()) {
            final boolean isOtherPart = next.isResumable() && isPart(path) && !path.equals(next.path());
            if (isOtherPart || isTemporary(path)) {
                disk.delete(path);
            }
        }
    }

    /** It cannot be resumed any more. */
    void ended(final UnfinishedSnapshot unfinished) {
        part.compareAndSet(unfinished, null);
    }

    /** Deletes what can never be received to its end, because a newer snapshot is complete. */
    void deleteUselessPart() {
        final UnfinishedSnapshot useless = part.get();
        if (useless == null || useless.slot() > kept.newest()) {
            return;
        }
        ended(useless);
        try {
            disk.delete(useless.path());
        } catch (IOException | RuntimeException e) {
            LOGGER.warn(
                    "{} is not needed any more and cannot be deleted ({}); the next opening deletes it",
                    useless.path(),
                    e.getMessage());
        }
    }

    private void open() throws IOException {
        if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        for (final Path path : list()) {
            final long slot = slotOf(path);
            if (isTemporary(path)) {
                disk.delete(path);
            } else if (slot > 0 && !isPart(path)) {
                kept.add(slot);
            }
        }
        openPart();
        disk.forceDirectory(directory); // a crash may have come between the rename and its force
    }

    /** Finds the newest part, and deletes the others and what nothing can be made of. */
    private void openPart() throws IOException {
        for (final Path path : list()) {
            if (!isPart(path)) {
                continue;
            }
            final UnfinishedSnapshot found =
                    UnfinishedSnapshot.found(path, disk, log.identity().storageId(), slotOf(path));
            final UnfinishedSnapshot newest = part.get();
            if (found == null || found.slot() <= Math.max(kept.newest(), unfinishedSlot())) {
                disk.delete(path);
            } else {
                part.set(found);
                if (newest != null) {
                    disk.delete(newest.path());
                }
            }
        }
    }

    private List<Path> list() throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.toList();
        }
    }

    private Path unfinished(final long slot, final String suffix) {
        return directory.resolve(file(slot).getFileName() + suffix);
    }

    private static boolean isTemporary(final Path path) {
        return path.getFileName().toString().endsWith(TEMPORARY_SUFFIX);
    }

    private static boolean isPart(final Path path) {
        return path.getFileName().toString().endsWith(PART_SUFFIX) && slotOf(path) > 0;
    }

    /** The slot of a complete snapshot, or of a part of one; 0 for any other file. */
    private static long slotOf(final Path path) {
        final String fileName = path.getFileName().toString();
        final String name = fileName.endsWith(PART_SUFFIX)
                ? fileName.substring(0, fileName.length() - PART_SUFFIX.length())
                : fileName;
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
