package io.paxos.testkit.sim.rules;

/** Keeps the first broken rule, since the replica in which it was noticed may catch what is thrown there. */
public final class FirstViolation {
    private InvariantViolation first;

    /** To be thrown: a rule, as a message, does not hold. */
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

    /** Throws the first violation, if there was one. */
    public void check() {
        if (first != null) {
            throw first;
        }
    }
}
