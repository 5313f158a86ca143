package io.paxos.testkit.sim.rules;

/** A rule was broken. A correct implementation never causes this. */
public final class InvariantViolation extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final String rule;
    private final String expected;
    private final String actual;

    public InvariantViolation(final String rule, final Object expected, final Object actual, final Throwable cause) {
        super(rule + ": expected " + expected + ", actual " + actual, cause);
        this.rule = rule;
        this.expected = String.valueOf(expected);
        this.actual = String.valueOf(actual);
    }

    public InvariantViolation(final InvariantViolation origin, final String where) {
        super(origin.getMessage() + System.lineSeparator() + where, origin);
        rule = origin.rule;
        expected = origin.expected;
        actual = origin.actual;
    }

    /** The rule as a sentence, the same for each violation of it. */
    public String rule() {
        return rule;
    }

    /** The expected state, as text. */
    public String expected() {
        return expected;
    }

    /** The actual state, as text. */
    public String actual() {
        return actual;
    }
}
