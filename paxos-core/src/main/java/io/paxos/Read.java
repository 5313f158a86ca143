package io.paxos;

/** How fresh a read must be: where an embedder picks his side of the CAP theorem, read by read. */
public enum Read {
    /** Sees every write that was acknowledged, anywhere, before the read began. Needs a quorum, appends nothing. */
    LINEARIZABLE,
    /** Sees what this replica has applied, however old. Needs nobody. */
    LOCAL
}
