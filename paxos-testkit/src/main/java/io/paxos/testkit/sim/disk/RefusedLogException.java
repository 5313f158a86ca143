package io.paxos.testkit.sim.disk;

/**
 * A simulated log that cannot be opened, like a damaged production log. The member stays down and its disk unchanged.
 */
public final class RefusedLogException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public RefusedLogException(final String message) {
        super(message);
    }
}
