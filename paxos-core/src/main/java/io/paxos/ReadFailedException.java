package io.paxos;

/**
 * A read could not be served by its deadline, the state machine has thrown, or the replica stopped. Reads change
 * nothing: try again.
 */
public final class ReadFailedException extends RuntimeException {
    private static final long serialVersionUID = 2L;

    private final Reason reason;

    public ReadFailedException(final Reason reason, final String message) {
        this(reason, message, null);
    }

    /** A failure for this reason. {@code cause}: what the state machine has thrown; null if it has thrown nothing. */
    public ReadFailedException(final Reason reason, final String message, final Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Why, for programs. */
    public Reason reason() {
        return reason;
    }
}
