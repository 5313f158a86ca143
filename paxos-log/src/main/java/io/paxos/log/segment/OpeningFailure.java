package io.paxos.log.segment;

import java.nio.file.Path;

public final class OpeningFailure {
    private OpeningFailure() {}

    public static StorageException explained(final Path directory, final Throwable cause) {
        if (cause instanceof StorageException explained) {
            return explained;
        }
        return new StorageException(
                "cannot open the log in " + directory + " (" + cause
                        + "): check the disk, its space and the permissions of the directory",
                cause);
    }
}
