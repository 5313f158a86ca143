package io.paxos.testkit.sim.disk;

/** A simulated log that cannot be opened, as the product's own refuses to be: the member stays down, its disk as it is. */
public final class RefusedLogException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public RefusedLogException(final String message) {
        super(message);
    }
}
