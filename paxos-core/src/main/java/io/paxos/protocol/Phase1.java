package io.paxos.protocol;

import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.spi.Claims;
import io.paxos.spi.Outbox;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Phase 1 of one ballot: asks a quorum what it accepted, and finds the value that each open slot must get.
 *
 * <p>An acceptor's answer is a promise, which names its chosen prefix and the last slot in which it accepted anything, and
 * one report for each slot between. It counts only when it is complete. Slots through {@link #base}, the longest prefix
 * named, are chosen and only have to be learned; above it each slot gets the value of the highest ballot reported, or a
 * no-op. The candidate's own answer must be among the promises: it comes after the sync, so a ballot is on its owner's
 * disk before anything is proposed in it, and a second life cannot use it again.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, 2.2, P2c, and section 3</a>
 */
final class Phase1 {
    /** The empty value: fills a slot in which nothing can have been chosen. */
    static final DirectBuffer NOTHING = new UnsafeBuffer(new byte[0]);

    /** Far above any window: what no sane acceptor has open. Bounds the table. */
    private static final int OPEN_SLOTS_MAX = 1 << 16;

    private static final byte[] NO_OP = new byte[0];

    private final int self;
    private final Members members;
    private final Quorums quorums;
    private final Outbox outbox;
    private final Long2ObjectHashMap<Slot> slots = new Long2ObjectHashMap<>();
    private final UnsafeBuffer view = new UnsafeBuffer(new byte[0]);
    private final long[] lastSlot; // of each voter that has promised
    private final long[] nextSlot; // of each voter: the first slot that it has not reported
    private final int[] reports; // of each voter, since it was asked last
    private final int[] reportBytes;
    private long promises; // voters whose promise has arrived
    private long ballot;
    private long base;

    Phase1(final int self, final Members members, final Quorums quorums, final Outbox outbox) {
        this.self = self;
        this.members = members;
        this.quorums = quorums;
        this.outbox = outbox;
        lastSlot = new long[members.size()];
        nextSlot = new long[members.size()];
        reports = new int[members.size()];
        reportBytes = new int[members.size()];
    }

    /** Phase 1a: asks everyone, itself included. The question leaves when the own promise is durable. */
    void begin(final long newBallot, final long chosenThrough) {
        Safety.require(newBallot > ballot, "an own ballot is never used again", ballot, newBallot);
        ballot = newBallot;
        base = chosenThrough;
        promises = 0;
        slots.clear();
        Arrays.fill(lastSlot, 0);
        Arrays.fill(nextSlot, chosenThrough + 1);
        askAgain();
    }

    /** Asks those again whose answer is missing or incomplete, each from the first slot that it has not reported. */
    void askAgain() {
        ask(members.voter(self)); // first, so that its promise is on disk when the others are asked
        for (int voter = 0; voter < members.size(); voter++) {
            if (members.id(voter) != self) {
                ask(voter);
            }
        }
    }

    /** Asks a voter for the rest, if it has reported as much as one answer brings. */
    void askForMore(final int voter) {
        if (reports[voter] >= Acceptor.REPORTS_MAX || reportBytes[voter] >= Acceptor.REPORT_BYTES_MAX) {
            ask(voter);
        }
    }

    private void ask(final int voter) {
        if (isComplete(voter)) {
            return;
        }
        reports[voter] = 0;
        reportBytes[voter] = 0;
        final int to = members.id(voter);
        final Claims sender = to == self ? outbox.now(self) : outbox.afterSync(to);
        sender.prepare(self, ballot, Math.max(base + 1, nextSlot[voter]));
    }

    void promise(final int voter, final long toBallot, final long chosenThrough, final long last) {
        if (toBallot != ballot) {
            return;
        }
        base = Math.max(base, chosenThrough);
        lastSlot[voter] = Math.max(lastSlot[voter], last);
        promises |= 1L << voter;
    }

    void report(
            final int voter,
            final long toBallot,
            final long slot,
            final long acceptedBallot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (toBallot != ballot || slot <= base || slot > base + OPEN_SLOTS_MAX) {
            return;
        }
        final Slot entry = slots.computeIfAbsent(slot, ignored -> new Slot());
        entry.reporters |= 1L << voter;
        reports[voter]++;
        reportBytes[voter] += length;
        if (acceptedBallot > entry.ballot) {
            entry.ballot = acceptedBallot;
            entry.value = new byte[length];
            value.getBytes(offset, entry.value);
        }
    }

    /** Whether a phase-1 quorum, the candidate among it, has promised and told everything. */
    boolean isWon() {
        long complete = 0;
        for (int voter = 0; voter < members.size(); voter++) {
            if (isComplete(voter)) {
                complete |= 1L << voter;
            }
        }
        return (complete & 1L << members.voter(self)) != 0 && quorums.isPhase1(complete);
    }

    /** Slots through this one are chosen, says at least one of those who promised. */
    long base() {
        return base;
    }

    /** The last slot in which one of those who promised has accepted anything; at least {@link #base}. */
    long throughSlot() {
        long through = base;
        for (int voter = 0; voter < members.size(); voter++) {
            through = Math.max(through, lastSlot[voter]);
        }
        return through;
    }

    /** The value to propose in this slot: that of the highest ballot reported, or a no-op. Valid until the next call. */
    DirectBuffer value(final long slot) {
        final Slot entry = slots.get(slot);
        view.wrap(entry == null || entry.ballot == Ballot.NONE ? NO_OP : entry.value);
        return view;
    }

    /** Lets the reported values go. */
    void end() {
        slots.clear();
    }

    private boolean isComplete(final int voter) {
        final long bit = 1L << voter;
        if ((promises & bit) == 0) {
            return false;
        }
        long slot = Math.max(nextSlot[voter], base + 1);
        while (slot <= lastSlot[voter] && slots.containsKey(slot) && (slots.get(slot).reporters & bit) != 0) {
            slot++;
        }
        nextSlot[voter] = slot;
        return slot > lastSlot[voter];
    }

    private static final class Slot {
        long reporters;
        long ballot;
        byte[] value = NO_OP;
    }
}
