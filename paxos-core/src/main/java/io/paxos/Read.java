package io.paxos;

/**
 * How fresh a read must be. The choice between consistency and availability (the CAP theorem), made for each read.
 */
public enum Read {
    /** Sees every write that was acknowledged, anywhere, before the read began. Needs a quorum; appends nothing. */
    LINEARIZABLE,
    /** Sees what this replica has applied, however old that is. Needs no other replica. */
    LOCAL
}
