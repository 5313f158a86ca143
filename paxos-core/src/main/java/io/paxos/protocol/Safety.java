package io.paxos.protocol;

/**
 * The rules that must hold in production too. A replica that breaks one stops, because it must not spread the error.
 */
public final class Safety {
    /** A rule of Paxos does not hold here. The replica stops. Its data is kept. */
    public static final class BrokenRule extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        BrokenRule(final String message) {
            super(message);
        }
    }

    private Safety() {}

    /** Stops the replica unless {@code holds}. The message has the rule, a sentence, and the two numbers. */
    public static void require(final boolean holds, final String rule, final long expected, final long actual) {
        if (!holds) {
            throw new BrokenRule("broken rule: " + rule + " (expected " + expected + ", actual " + actual + ")");
        }
    }
}
