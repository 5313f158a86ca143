package io.paxos.log.segment;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Locks a directory against other processes and other logs of this process. Two writers would be two acceptors. */
final class DirectoryLock implements AutoCloseable {
    private final FileChannel channel;

    private DirectoryLock(final FileChannel channel) {
        this.channel = channel;
    }

    /** @throws StorageException if another process or log holds it */
    static DirectoryLock acquire(final Path directory) throws IOException {
        final FileChannel channel =
                FileChannel.open(directory.resolve("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            final FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(directory, "another process", null);
            }
            return new DirectoryLock(channel);
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw inUse(directory, "another log in this process", e);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close(); // unlocks; the file stays, because two logs could lock two files of one name
    }

    private static StorageException inUse(final Path directory, final String whom, final Throwable cause) {
        return new StorageException(
                "directory " + directory + " is in use by " + whom + "; stop it, or choose another directory", cause);
    }
}
