package io.paxos.spi;

/**
 * What happens inside one replica, as it happens: for metrics, traces, simulators and diagrams.
 *
 * <p>Called on the replica's thread, within its duty cycle. An implementation must return at once, must not block and
 * must not throw: an exception stops the replica. Arguments are primitives, so a call allocates nothing. A ballot is
 * {@code round << 16 | replica id}, a slot is >= 1, a voter is an index, 0..63. What is not implemented is ignored.
 *
 * <p>A call tells what this replica did or learned. It does not say that it is durable: see {@link Outbox#afterSync}.
 */
public interface Probe {
    /** Ignores everything. */
    Probe NONE = new Probe() {};

    /** This replica takes part in this epoch from now on. */
    default void configuration(final int epoch) {}

    /** This replica follows this ballot, or waits for a leader if nobody leads in it. */
    default void follower(final long ballot) {}

    /** This replica campaigns in a ballot of its own. */
    default void candidate(final long ballot) {}

    /** This replica leads in a ballot of its own: a quorum has promised. */
    default void leader(final long ballot) {}

    /** The acceptor appended a promise. */
    default void promised(final long ballot) {}

    /** The acceptor appended a value of {@code length} bytes. */
    default void accepted(final long ballot, final long slot, final int length) {}

    /** This leader counted the votes of one voter for these slots, both ends inclusive. */
    default void voted(final int voter, final long ballot, final long fromSlot, final long throughSlot) {}

    /** Every slot through this one is known to be chosen. */
    default void chosen(final long throughSlot) {}

    /** The state machine executed the value of this slot. */
    default void applied(final long slot) {}

    /** A message of this replica to another one found its queue full and was dropped. */
    default void dropped(final int to) {}

    /** The own log has made no progress for this long, so this replica neither leads nor campaigns. */
    default void stalled(final long durationNs) {}
}
