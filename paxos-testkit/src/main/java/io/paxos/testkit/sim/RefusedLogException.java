package io.paxos.testkit.sim;

/** A simulated log that cannot be opened, as the product's own refuses to be: the member stays down, its disk as it is. */
final class RefusedLogException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    RefusedLogException(final String message) {
        super(message);
    }
}
