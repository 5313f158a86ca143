package io.paxos.log.snapshot;

import java.io.IOException;

/** A file is not the snapshot that it should be, or cannot become one. The message says why, and names no file. */
final class SnapshotFileException extends IOException {
    private static final long serialVersionUID = 1L;

    SnapshotFileException(final String message) {
        super(message);
    }
}
