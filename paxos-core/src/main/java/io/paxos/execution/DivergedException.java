package io.paxos.execution;

/** Two members differ in what they must have in common. Both stop. */
public final class DivergedException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    DivergedException(final String message) {
        super(message);
    }
}
