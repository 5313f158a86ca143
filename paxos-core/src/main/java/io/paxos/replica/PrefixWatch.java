package io.paxos.replica;

import io.paxos.execution.PrefixComparison;
import io.paxos.protocol.Configuration;
import io.paxos.spi.Outbox;
import io.paxos.spi.Transport;

/**
 * Tells the other members the checksums of what was applied here, and stops this replica if one of them differs.
 *
 * <p>All are told once in 64 slots. A member is told the last checksums with each of its heartbeats as well: a message
 * may be lost, and a quiet cluster may take long for 64 slots. The replica's thread; allocates nothing.
 */
final class PrefixWatch {
    private static final int SLOTS_PER_TELL = 64;

    private final Configuration configuration;
    private final Outbox outbox;
    private final Transport transport;
    private final PrefixComparison comparison;
    private long toldAt; // the last slot when all were told; at most comparison.reached(); never falls

    PrefixWatch(
            final Configuration configuration,
            final PrefixComparison comparison,
            final Outbox outbox,
            final Transport transport) {
        this.configuration = configuration;
        this.comparison = comparison;
        this.outbox = outbox;
        this.transport = transport;
    }

    /** A member tells its checksums. */
    void told(final int from, final long slot, final long values, final long replies) {
        comparison.told(from, slot, values, replies);
    }

    /** Tells all others if enough has been applied since the last time. Returns the amount of work done. */
    int tellAll() {
        if (comparison.reached() - toldAt < SLOTS_PER_TELL) {
            return 0;
        }
        toldAt = comparison.reached();
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            tell(configuration.id(Configuration.first(rest)), toldAt);
        }
        return 1;
    }

    /** A member has sent a heartbeat: tells it the last checksums. */
    void tellAgain(final int to) {
        if (comparison.reached() > 0) {
            tell(to, comparison.reached());
        }
    }

    /**
     * Stops this replica if another one differs. That one is told before, so that it stops too.
     *
     * @throws io.paxos.execution.DivergedException if another one differs
     */
    void requireEqual() {
        if (comparison.divergence() != null) {
            tell(comparison.differs(), comparison.differsAt());
            transport.flush();
            throw comparison.divergence();
        }
    }

    private void tell(final int to, final long slot) {
        outbox.now(to).applied(configuration.self(), slot, comparison.values(slot), comparison.replies(slot));
    }
}
