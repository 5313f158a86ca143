package io.paxos;

/** The value of a decree did not become known by the deadline. Any proposed value may be chosen, now or later. */
public final class UndecidedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UndecidedException(final String message) {
        super(message);
    }
}
