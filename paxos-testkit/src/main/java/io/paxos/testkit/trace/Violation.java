package io.paxos.testkit.trace;

import java.util.Objects;

/**
 * The rule that a run broke.
 *
 * @param rule as a message
 * @param expected what should have been
 * @param actual what was
 * @param event the last one before it was noticed; {@link Message#NONE} if there was none
 */
public record Violation(String rule, String expected, String actual, int event) {
    public Violation {
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(expected, "expected");
        Objects.requireNonNull(actual, "actual");
    }
}
