package io.paxos.execution;

import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.protocol.Configuration;

/** The comparison of replica 1 of three. What it applies is decided by the slot. */
final class ComparedReplica {
    private static final int INTERVAL = PrefixComparison.INTERVAL;

    final PrefixComparison comparison =
            new PrefixComparison(Configuration.first(1, Members.of(1, 2, 3), Quorums.majority(3)));

    void reachThrough(final int points) {
        while (comparison.reached() < (long) points * INTERVAL) {
            final long slot = comparison.reached() + INTERVAL;
            comparison.reached(slot, values(slot), replies(slot));
        }
    }

    void tells(final int from, final int point) {
        final long slot = (long) point * INTERVAL;
        comparison.told(from, slot, values(slot), replies(slot));
    }

    static long values(final long slot) {
        return slot * 7;
    }

    static long replies(final long slot) {
        return slot * 11;
    }
}
