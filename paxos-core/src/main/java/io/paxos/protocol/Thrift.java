package io.paxos.protocol;

import io.paxos.Quorums;
import java.util.Arrays;

/**
 * Which voters a leader can do without for now: a quorum accepts sooner than they.
 *
 * <p>A guess that changes no vote: who is spared may be told of proposals later, and counts as soon as it votes. Who gets
 * ahead of one that is needed, several times without being overtaken, takes its place. The leader's own log is a voter
 * like the others.
 *
 * @see <a href="https://www.cs.cmu.edu/~dga/papers/epaxos-sosp2013.pdf">There Is More Consensus in Egalitarian Parliaments,
 *     Moraru, Andersen, Kaminsky 2013: thrifty</a>
 */
final class Thrift {
    private static final int TIMES_AHEAD_MAX = 4;

    private final int self;
    private final Quorums quorums;
    private final long[] throughSlots; // the last slot that each voter has accepted
    private long needed; // voters, a bit each
    private long othersThrough; // the last slot that any of the others has accepted
    private int timesAhead; // votes of others, ahead of the last of those who are needed

    /** {@code self}: the own voter. */
    Thrift(final int self, final Quorums quorums) {
        this.self = self;
        this.quorums = quorums;
        throughSlots = new long[quorums.members()];
    }

    /** Starts to lead: nobody has accepted anything yet. */
    void begin(final long fromSlot) {
        Arrays.fill(throughSlots, fromSlot - 1);
        othersThrough = fromSlot - 1;
        timesAhead = 0;
        needed = 0;
        for (int i = 0; i < quorums.phase2(); i++) {
            needed |= 1L << (self + i) % quorums.members();
        }
    }

    /** This voter has accepted this slot, perhaps others before. */
    void accepted(final int voter, final long slot) {
        throughSlots[voter] = Math.max(throughSlots[voter], slot);
        final int last = lastOfNeeded();
        if ((needed & (1L << voter)) != 0) {
            if (throughSlots[last] > othersThrough) {
                timesAhead = 0;
            }
            return;
        }
        othersThrough = Math.max(othersThrough, slot);
        if (throughSlots[voter] > throughSlots[last] && ++timesAhead == TIMES_AHEAD_MAX) {
            needed ^= (1L << last) | (1L << voter);
            timesAhead = 0;
        }
    }

    /** The others, a bit each; never oneself. */
    long voters() {
        final long all = -1L >>> (Long.SIZE - quorums.members());
        return all & ~needed & ~(1L << self);
    }

    private int lastOfNeeded() {
        int last = Long.numberOfTrailingZeros(needed);
        for (long rest = needed; rest != 0; rest &= rest - 1) {
            final int voter = Long.numberOfTrailingZeros(rest);
            if (throughSlots[voter] < throughSlots[last]) {
                last = voter;
            }
        }
        return last;
    }
}
