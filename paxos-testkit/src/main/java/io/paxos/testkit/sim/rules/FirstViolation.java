package io.paxos.testkit.sim.rules;

/** Keeps the first violation, because a replica can catch what is thrown within it. */
public final class FirstViolation {
    private InvariantViolation first; // null until a rule is broken

    /** Returns the violation of a rule, for the caller to throw. */
    public InvariantViolation broken(final String rule, final Object expected, final Object actual) {
        return broken(rule, expected, actual, null);
    }

    public InvariantViolation broken(
            final String rule, final Object expected, final Object actual, final Throwable cause) {
        final InvariantViolation violation = new InvariantViolation(rule, expected, actual, cause);
        if (first == null) {
            first = violation;
        }
        return violation;
    }

    /** Throws the first violation if there was one. */
    public void check() {
        if (first != null) {
            throw first;
        }
    }
}
