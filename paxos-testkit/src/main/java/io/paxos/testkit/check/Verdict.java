package io.paxos.testkit.check;

/** What a checker says about a history. Only {@link #YES} may let a test pass. */
public enum Verdict {
    /** One order of the operations explains every answer. */
    YES,
    /** No order does: the service, or the model, is wrong. */
    NO,
    /** The bound on work was reached first: check shorter histories, over more keys, with fewer unknown outcomes. */
    GAVE_UP
}
