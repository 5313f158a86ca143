package io.paxos.protocol;

import java.util.Arrays;

/**
 * Guesses which voters the leader does not need for now, because the others make a quorum sooner.
 *
 * <p>The guess changes no vote. Proposals to a voter that is not needed may be sent later. Its votes count as always. A
 * voter that is not needed takes the place of the last needed one after four votes ahead of it, unless the last one
 * gets ahead of all others in between. The leader's own log is a voter like the others.
 *
 * <p>Example: voters 0, 1 and 2, quorums of 2, voter 0 leads. It begins with 0 and 1 needed.
 *
 * <pre>
 * votes                                     timesAhead     needed
 * 0, then 2, accept slots 1, 2, 3           1, 2, 3        0, 1
 * 0, then 1, accept through slot 4          0: 4 above 3   0, 1
 * 0, then 2, accept slots 5, 6, 7, 8        1, 2, 3, 4     0, 2
 * </pre>
 *
 * <p>If voter 1 had accepted only through slot 3 in the second line, it would have been as far as voter 2 and not
 * ahead. The count would have stayed at 3, and slot 5 would have ended it.
 *
 * @see <a href="https://www.cs.cmu.edu/~dga/papers/epaxos-sosp2013.pdf">There Is More Consensus in Egalitarian
 *     Parliaments, Moraru, Andersen, Kaminsky 2013: thrifty</a>
 */
final class Thrift {
    private static final int TIMES_AHEAD_MAX = 4;

    private final Configuration configuration;
    private final long[] throughSlots; // by voter: the last slot that it has accepted; never falls in one leadership
    private long needed; // as many voters as a phase-2 quorum has, a bit each
    private long othersThrough; // the last slot that a voter has accepted while it was not needed
    private int timesAhead; // 0..3: votes of the others above the last needed voter's slot, since it was ahead of them

    Thrift(final Configuration configuration) {
        this.configuration = configuration;
        throughSlots = new long[configuration.size()];
    }

    /** A leadership begins. No voter has accepted {@code fromSlot} yet. */
    void begin(final long fromSlot) {
        Arrays.fill(throughSlots, fromSlot - 1);
        othersThrough = fromSlot - 1;
        timesAhead = 0;
        needed = 0;
        int voter = configuration.ownVoter();
        while (!configuration.isPhase2(needed)) {
            needed |= Configuration.bit(voter);
            voter = (voter + 1) % configuration.size();
        }
    }

    /** This voter has accepted this slot. */
    void accepted(final int voter, final long slot) {
        throughSlots[voter] = Math.max(throughSlots[voter], slot);
        final int last = lastOfNeeded();
        if (Configuration.contains(needed, voter)) {
            if (throughSlots[last] > othersThrough) {
                timesAhead = 0;
            }
            return;
        }
        othersThrough = Math.max(othersThrough, slot);
        if (throughSlots[voter] > throughSlots[last] && ++timesAhead == TIMES_AHEAD_MAX) {
            needed ^= Configuration.bit(last) | Configuration.bit(voter);
            timesAhead = 0;
        }
    }

    /** The voters that are not needed, a bit each. Never the own one. */
    long unneeded() {
        return configuration.otherVoters() & ~needed;
    }

    private int lastOfNeeded() {
        assert needed != 0 : "needed=" + needed;
        int last = Configuration.first(needed);
        for (long rest = needed; rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            if (throughSlots[voter] < throughSlots[last]) {
                last = voter;
            }
        }
        return last;
    }
}
