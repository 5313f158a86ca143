package io.paxos.protocol;

/** The rules that must hold in production too. Whoever breaks one stops: a replica that is wrong must not go on. */
public final class Safety {
    /** A rule of Paxos does not hold here; the replica stops, its data is kept. */
    public static final class BrokenRule extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        BrokenRule(final String message) {
            super(message);
        }
    }

    private Safety() {}

    /** Stops the replica unless the rule holds; says it as a sentence with the two numbers. */
    static void require(final boolean holds, final String rule, final long expected, final long actual) {
        if (!holds) {
            throw new BrokenRule("broken rule: " + rule + " (expected " + expected + ", actual " + actual + ")");
        }
    }
}
