package io.paxos.log;

/** The first failure of a log, which is also its last: every call after it throws. */
final class LogFailure {
    private volatile LogException first;
    private volatile boolean told;

    /** Remembers the failure, unless there was one; returns the first. */
    synchronized LogException record(final String message, final Throwable cause) {
        if (first == null) {
            first = new LogException(message, cause);
        }
        return first;
    }

    boolean happened() {
        return first != null;
    }

    /** Whether a caller of the log has heard of it. */
    boolean wasTold() {
        return told;
    }

    /** Remembers the failure, unless there was one; returns the first, to be thrown to a caller of the log. */
    LogException tell(final String message, final Throwable cause) {
        told = true;
        return record(message, cause);
    }

    /** @throws LogException if the log has failed */
    void check() {
        final LogException failure = first;
        if (failure != null) {
            told = true;
            throw new LogException("the log has failed and takes no more calls: " + failure.getMessage(), failure);
        }
    }
}
