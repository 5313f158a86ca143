package io.paxos.log.segment;

import java.io.IOException;

/** The log cannot be opened, read or written. The message names the file, what was found there, and what to do. */
public final class StorageException extends IOException {
    private static final long serialVersionUID = 1L;

    StorageException(final String message) {
        super(message);
    }

    StorageException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
