package io.paxos.log;

import io.paxos.log.segment.StorageException;

/** The log cannot be opened, or cannot go on. The message says in one line what is wrong, where, and what to do. */
public final class LogException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    LogException(final String message, final Throwable cause) {
        super(message, cause);
    }

    LogException(final StorageException cause) {
        super(cause.getMessage(), cause);
    }
}
