package io.paxos.examples.kv;

/** A request that cannot be executed. The message goes to the client. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refusal(final String message) {
        super(message, null, false, false);
    }
}
