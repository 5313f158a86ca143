package io.paxos.transport.tcp;

/** The transport cannot listen on the address of its own replica. The message says which, why, and what to do. */
public final class BindFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BindFailedException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
