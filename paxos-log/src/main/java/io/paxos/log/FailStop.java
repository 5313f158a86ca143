package io.paxos.log;

import io.paxos.log.segment.LogFailure;
import io.paxos.log.segment.OpeningFailure;
import io.paxos.log.segment.StorageException;
import java.nio.file.Path;

/** Refuses all calls of a log that is closed or has failed. */
final class FailStop {
    private final Path path;
    private final int segmentBytes;
    private final LogFailure failure;

    /** Set by the first {@link #close}; never false again. */
    private boolean isClosed;

    FailStop(final Path path, final int segmentBytes, final LogFailure failure) {
        this.path = path;
        this.segmentBytes = segmentBytes;
        this.failure = failure;
    }

    /**
     * Returns if the log can be used.
     *
     * @throws IllegalStateException if it is closed
     * @throws LogException if it has failed
     */
    void check() {
        if (isClosed) {
            throw new IllegalStateException("the log in " + path + " is closed");
        }
        if (failure.hasHappened()) {
            throw stopped();
        }
    }

    /** Returns false if the log was closed before. */
    boolean close() {
        final boolean isFirst = !isClosed;
        isClosed = true;
        return isFirst;
    }

    /** Notes that the log has failed, for good; returns what to throw. */
    LogException failed(final Throwable cause) {
        failure.report();
        return new LogException(failure.record(OpeningFailure.appending(path, segmentBytes, cause), cause));
    }

    /** What a call of a log throws that has failed. */
    LogException stopped() {
        failure.report();
        final StorageException first = failure.first();
        return new LogException("the log has failed and takes no more calls: " + first.getMessage(), first);
    }
}
