package io.paxos;

/** A read could not be served by its deadline, or the replica stopped. Reads change nothing: try again. */
public final class ReadFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ReadFailedException(final String message) {
        super(message);
    }
}
