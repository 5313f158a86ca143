package io.paxos.testkit.sim;

/** A rule was broken: in a right implementation this is never thrown. */
public final class InvariantViolation extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final String rule;

    InvariantViolation(final String rule, final Object expected, final Object actual, final Throwable cause) {
        super(rule + ": expected " + expected + ", actual " + actual, cause);
        this.rule = rule;
    }

    InvariantViolation(final InvariantViolation origin, final String where) {
        super(origin.getMessage() + System.lineSeparator() + where, origin);
        rule = origin.rule;
    }

    /** The rule, as a sentence; the same for each violation of it. */
    public String rule() {
        return rule;
    }
}
