package io.paxos.log.segment;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Says in one line why a log cannot be opened or appended to, and what to do. */
public final class OpeningFailure {
    /** What is safe when records are missing. An older copy would have forgotten promises and votes. */
    static final String KEEP =
            "Keep the directory as it is and leave this replica stopped: the others go on without it";

    private OpeningFailure() {}

    /**
     * A message of its own is kept; any other failure is explained by what is found at the directory, or by its kind.
     */
    public static StorageException explained(final Path directory, final Throwable cause) {
        return explained("cannot open the log in " + directory, directory, cause);
    }

    /** Why nothing can be appended any more. {@code segmentBytes}: how much disk space the next segment needs. */
    public static String appending(final Path directory, final long segmentBytes, final Throwable cause) {
        if (cause instanceof StorageException complete) {
            return complete.getMessage();
        }
        if (cause instanceof OutOfMemoryError exhausted) {
            return DirectMemory.exhausted("appending to " + directory + " failed", exhausted)
                    .getMessage();
        }
        final String room = isFull(cause) || cause instanceof InternalError // a mapped page without a block
                ? " (a segment takes " + segmentBytes + " bytes)"
                : "";
        return "appending to " + directory + " failed: " + reason(cause) + room + ", then restart this replica";
    }

    /** {@code what} begins the message; {@code path} is the file or directory that could not be used. */
    public static StorageException explained(final String what, final Path path, final Throwable cause) {
        if (cause instanceof StorageException complete) {
            return complete;
        }
        final String obstacle = obstacle(path);
        return new StorageException(what + ": " + (obstacle != null ? obstacle : reason(cause)), cause);
    }

    /** A link that leads nowhere, or a file where a directory has to be; null if there is neither. */
    private static String obstacle(final Path path) {
        for (Path at = path; at != null; at = at.getParent()) {
            if (Files.isSymbolicLink(at) && !Files.exists(at)) {
                return at + " is a symbolic link to " + target(at)
                        + ", which does not exist: create that directory, or correct the link";
            }
            if (Files.isRegularFile(at) && isToBeDirectory(at, path)) {
                return at + " is a file, not a directory: choose another directory";
            }
        }
        return null;
    }

    private static boolean isToBeDirectory(final Path at, final Path path) {
        return !at.equals(path) || !at.toString().endsWith(Layout.SEGMENT_SUFFIX);
    }

    private static String target(final Path link) {
        try {
            return link.resolveSibling(Files.readSymbolicLink(link)).normalize().toString();
        } catch (Exception e) {
            return "an unknown place (" + e.getMessage() + ")";
        }
    }

    private static String reason(final Throwable cause) {
        final String message = String.valueOf(cause.getMessage());
        if (cause instanceof AccessDeniedException denied) {
            return denied.getFile() + " denies access to user " + System.getProperty("user.name")
                    + ": change its owner or its permissions";
        }
        if (cause instanceof NoSuchFileException missing) {
            return missing.getFile() + " vanished: check that nobody moves or deletes files";
        }
        if (message.contains("Read-only file system")) {
            return file(cause) + " is on a read-only file system: mount it for writing, or choose another directory";
        }
        if (message.contains("Is a directory")) {
            return file(cause) + " is a directory where a file has to be: move it away";
        }
        if (message.contains("Too many open files")) {
            return message + ": raise the limit of open files of this process";
        }
        if (isFull(cause)) {
            return message + ": free disk space";
        }
        if (cause instanceof InternalError) {
            return message + ": check the disk, and free disk space if there is little";
        }
        return cause + ": check the disk";
    }

    /** Whether a write failed because there is no space. */
    static boolean isFull(final Throwable cause) {
        final String message = String.valueOf(cause.getMessage());
        return message.contains("No space left on device") || message.contains("Disk quota exceeded");
    }

    private static String file(final Throwable cause) {
        return cause instanceof FileSystemException failed && failed.getFile() != null ? failed.getFile() : "it";
    }
}
