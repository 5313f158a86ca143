package io.paxos.testkit.sim.rules;

/** A rule was broken: in a right implementation this is never thrown. */
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

    /** The rule, as a message; the same for each violation of it. */
    public String rule() {
        return rule;
    }

    /** What should have been, for people. */
    public String expected() {
        return expected;
    }

    /** What was, for people. */
    public String actual() {
        return actual;
    }
}
