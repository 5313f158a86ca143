package io.paxos.testkit.check;

/** The result of a checker for a history. A test passes only with {@link #YES}. */
public enum Verdict {
    /** One order of the operations explains every answer. */
    YES,
    /** No order explains every answer. The service or the model is wrong. */
    NO,
    /** The bound on work was reached first. Check shorter histories, over more keys, with fewer unknown outcomes. */
    GAVE_UP
}
