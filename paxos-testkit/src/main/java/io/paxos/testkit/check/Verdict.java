package io.paxos.testkit.check;

/** The result of a checker for a history. A test passes only with {@link #YES}. */
public enum Verdict {
    /** One order of the operations explains every answer. */
    YES,
    /** No order explains every answer. The service or the model is wrong. */
    NO,
    /**
     * Unknown: the bound on work was reached first, and no key says no. The history may be right or wrong. Check
     * shorter histories, over more keys, with fewer unknown outcomes.
     */
    GAVE_UP
}
