package io.paxos.log.segment;

/** The first failure of an open log. The log does no more work after it. Any thread may record it. */
public final class LogFailure {
    /** Null while the log works. Set once and never cleared, so that every later call reports the same failure. */
    private volatile StorageException first;

    /** True once a call of the log has thrown the failure. {@code close} throws it if no call has. */
    private volatile boolean isReported;

    /** Keeps this failure if it is the first; returns the first. */
    public synchronized StorageException record(final String message, final Throwable cause) {
        if (first == null) {
            first = new StorageException(message, cause);
        }
        return first;
    }

    /** Whether the log has failed. */
    public boolean hasHappened() {
        return first != null;
    }

    /** The first failure; null while the log works. */
    public StorageException first() {
        return first;
    }

    /** Whether a call of the log has thrown the failure. */
    public boolean isReported() {
        return isReported;
    }

    /** Notes that a call of the log throws the failure now. */
    public void report() {
        isReported = true;
    }
}
