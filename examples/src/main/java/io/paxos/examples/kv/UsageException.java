package io.paxos.examples.kv;

/** The command line cannot be executed. The message is one line: what is wrong, where, what to do. Exit code 2. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(final String message) {
        super(message);
    }
}
