package io.paxos.replica;

import io.paxos.protocol.Ballot;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Messages;

/**
 * The votes for one member that wait for the disk, neighbouring slots of one ballot as one range.
 *
 * <p>Votes are merged when they are added, and again when they are released. Example: the acceptor votes in ballot b
 * for slots 1, 2 and 3, and the cycle ends at log position 300; then for 4 and 5, and that cycle ends at 500. Two
 * ranges wait: 1..3 at 300, 4..5 at 500. With everything below 400 durable, one message goes out, for 1..3. If instead
 * the next sync brings all of it to disk, one message goes out for 1..5.
 *
 * <p>When all places are taken, a range is dropped, as if the network had lost it: the leader proposes again. One
 * thread.
 */
final class VoteLane {
    /** How many ranges may wait; a power of two. */
    static final int RANGES_MAX = 1024;

    private static final int MASK = RANGES_MAX - 1;

    private final int self;
    private final AcceptorLog log;

    // The open range: votes added since the last seal. No vote is in it if its ballot is NONE.
    private long ballot = Ballot.NONE;
    private long fromSlot; // <= throughSlot
    private long throughSlot;

    // Sealed ranges head..tail-1, by index & MASK, in the order in which they were sealed.
    private final long[] positions = new long[RANGES_MAX]; // the log's end when the range was sealed; never falls
    private final long[] ballots = new long[RANGES_MAX];
    private final long[] fromSlots = new long[RANGES_MAX];
    private final long[] throughSlots = new long[RANGES_MAX];
    private int head; // 0 <= tail - head <= RANGES_MAX; both wrap around as ints do
    private int tail;

    VoteLane(final int self, final AcceptorLog log) {
        this.self = self;
        this.log = log;
    }

    /** How many sealed ranges wait. */
    int size() {
        return tail - head;
    }

    /** Adds a vote for these slots, both ends inclusive. Returns how many ranges were dropped for it: 0 or 1. */
    int add(final long inBallot, final long slot, final long through) {
        assert slot >= 1 && slot <= through : "slot=" + slot + " through=" + through;
        int dropped = 0;
        if (ballot != inBallot || slot != throughSlot + 1) {
            dropped = seal();
            ballot = inBallot;
            fromSlot = slot;
        }
        throughSlot = through;
        return dropped;
    }

    /**
     * Ends the open range: it claims no more than what has been appended by now. Returns how many were dropped: 0 or 1.
     */
    int seal() {
        if (ballot == Ballot.NONE) {
            return 0;
        }
        final boolean isFull = size() == RANGES_MAX;
        if (!isFull) {
            final int i = tail++ & MASK;
            positions[i] = log.appendedPosition();
            ballots[i] = ballot;
            fromSlots[i] = fromSlot;
            throughSlots[i] = throughSlot;
            assert size() == 1 || positions[i] >= positions[i - 1 & MASK] : "the log's end has moved back";
        }
        ballot = Ballot.NONE;
        return isFull ? 1 : 0;
    }

    /** Sends the ranges that are durable, neighbours as one. Returns how many ranges left. */
    int release(final long durablePosition, final Messages to) {
        final int before = head;
        while (head != tail && positions[head & MASK] <= durablePosition) {
            final int first = head++ & MASK;
            long through = throughSlots[first];
            while (isNext(ballots[first], through, durablePosition)) {
                through = throughSlots[head++ & MASK];
            }
            to.accepted(self, ballots[first], fromSlots[first], through);
        }
        assert size() >= 0 : "head=" + head + " tail=" + tail;
        return head - before;
    }

    /** Whether the range at the head is durable and continues this one. */
    private boolean isNext(final long inBallot, final long through, final long durablePosition) {
        final int i = head & MASK;
        return head != tail && positions[i] <= durablePosition && ballots[i] == inBallot && fromSlots[i] == through + 1;
    }
}
