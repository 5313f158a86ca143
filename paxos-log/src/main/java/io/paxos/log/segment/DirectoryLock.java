package io.paxos.log.segment;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/**
 * Locks a directory against other processes and other logs of this process. Two writers would be two acceptors.
 *
 * <p>POSIX drops all locks that a process has on a file when the process closes the file, through whatever channel. So
 * a second log of this process must not open the file {@code LOCK}: a system property is taken first. Other code of the
 * process may open and close the file all the same. So the lock is taken again now and then, see
 * {@link #requireOwned}.
 *
 * <p>The owner holds the bytes below 2^62 of the file, and two single bytes behind them. A process that wants to own
 * the directory needs them all. {@code requireOwned} gives one of the two bytes back and takes it again, each time the
 * other one. Example: the process has lost its locks. If another process owns the directory by now, it holds both
 * bytes, and the call fails. Otherwise no other can own it from then on, because it does not get this byte.
 */
final class DirectoryLock implements AutoCloseable {
    private static final String FILE = "LOCK";
    private static final long FIRST_BYTES = 1L << 62;

    /** The name of the system property begins so. All class loaders see it. */
    private static final String IN_USE = "io.paxos.log.in-use.";

    private final Path directory;
    private final String property;
    private final FileChannel channel;
    private final Object directoryKey;
    private final Object fileKey;

    /** Which of the two bytes is taken again next: 0 or 1. */
    private int nextByte;

    /** The locks of the two bytes. */
    private final FileLock[] bytes;

    private DirectoryLock(
            final Path directory, final String property, final FileChannel channel, final FileLock[] bytes)
            throws IOException {
        this.bytes = bytes;
        this.directory = directory;
        this.property = property;
        this.channel = channel;
        directoryKey = key(directory);
        fileKey = key(directory.resolve(FILE));
    }

    /** @throws StorageException if another process or log holds it */
    static DirectoryLock acquire(final Path directory) throws IOException {
        final Object key = key(directory);
        final String property = IN_USE + (key == null ? directory.toRealPath() : key);
        if (System.getProperties().putIfAbsent(property, directory.toString()) != null) {
            throw inUse(directory, "another log in this process", null);
        }
        try {
            return lock(directory, property);
        } catch (IOException | RuntimeException | Error e) {
            System.clearProperty(property);
            throw e;
        }
    }

    private static DirectoryLock lock(final Path directory, final String property) throws IOException {
        final FileChannel channel =
                FileChannel.open(directory.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            final FileLock first = channel.tryLock(0, FIRST_BYTES, false);
            final FileLock[] bytes = new FileLock[2];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = first == null ? null : channel.tryLock(FIRST_BYTES + i, 1, false);
                if (bytes[i] == null) {
                    throw inUse(directory, "another process", null);
                }
            }
            return new DirectoryLock(directory, property, channel, bytes);
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw inUse(directory, "other code in this process", e);
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    Path directory() {
        return directory;
    }

    /** @throws StorageException if the directory is not at its path any more, or has lost the file {@code LOCK} */
    void requireInPlace() throws IOException {
        boolean isInPlace;
        try {
            isInPlace = Objects.equals(directoryKey, key(directory))
                    && Objects.equals(fileKey, key(directory.resolve(FILE)));
        } catch (NoSuchFileException e) {
            isInPlace = false;
        } catch (FileSystemException e) {
            if (Files.isDirectory(directory)) {
                throw e;
            }
            isInPlace = false;
        }
        if (!isInPlace) {
            throw new StorageException("directory " + directory + " was moved, replaced or emptied while the log was in"
                    + " use, so the log stopped: put the directory that was in use back in its place, then restart this"
                    + " replica. If it is lost, leave this replica stopped: the others go on without it");
        }
    }

    /**
     * Takes the lock again in case that it was lost. Any thread.
     *
     * @throws StorageException if another process has it, or {@link #requireInPlace} fails
     */
    synchronized void requireOwned() throws IOException {
        requireInPlace();
        bytes[nextByte].release();
        final FileLock taken;
        try {
            taken = channel.tryLock(FIRST_BYTES + nextByte, 1, false);
        } catch (OverlappingFileLockException e) {
            throw lost(e);
        }
        if (taken == null) {
            throw lost(null);
        }
        bytes[nextByte] = taken;
        nextByte = 1 - nextByte;
    }

    @Override
    public synchronized void close() throws IOException {
        try {
            channel.close(); // unlocks; the file stays, because two logs could lock two files of one name
        } finally {
            System.clearProperty(property);
        }
    }

    /** What tells two files apart that had one path in turn; null if the system cannot tell. */
    private static Object key(final Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    private static StorageException inUse(final Path directory, final String whom, final Throwable cause) {
        return new StorageException(
                "directory " + directory + " is in use by " + whom + "; stop it, or choose another directory", cause);
    }

    private StorageException lost(final Throwable cause) {
        return new StorageException(
                "directory " + directory + " is in use by another process as well, so the log stopped: code in this"
                        + " process has closed the file " + directory.resolve(FILE) + ", which unlocked it. "
                        + OpeningFailure.KEEP,
                cause);
    }
}
