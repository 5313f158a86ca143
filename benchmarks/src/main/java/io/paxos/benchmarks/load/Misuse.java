package io.paxos.benchmarks.load;

/** Wrong arguments. The message is one line: what is wrong, and what to do. Exit code 2. */
final class Misuse extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Misuse(final String message) {
        super(message);
    }
}
