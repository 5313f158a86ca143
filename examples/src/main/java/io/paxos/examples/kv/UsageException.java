package io.paxos.examples.kv;

/** Somebody asked for what cannot be: one line that says what is wrong and what to do. Exit code 2. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(final String message) {
        super(message);
    }
}
