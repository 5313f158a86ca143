package io.paxos.protocol;

import io.paxos.spi.Claims;
import io.paxos.spi.Outbox;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Phase 1 of one ballot: asks a quorum what it accepted, and finds the value that each open slot must get.
 *
 * <p>An acceptor answers with a promise and with reports. The promise names its chosen prefix and the last slot in
 * which it accepted anything. Each slot between gets one report. The answer counts when it is complete. Slots through
 * {@link #base}, the longest prefix named, are chosen. Their values only have to be learned. Above it each slot gets
 * the value of the highest ballot reported, or a no-op.
 *
 * <p>The candidate's own answer must be among the promises. It arrives after the sync, so a ballot is on its owner's
 * disk before anything is proposed in it. A restarted candidate cannot use the ballot again.
 *
 * <p>Example: five voters, quorums of 3. Voter 0 asks in ballot 7.1 from slot 5 on; it knows slots through 4 chosen and
 * has accepted nothing above. P is a promise, R a report.
 *
 * <pre>
 * from      message                                    base   complete   highest ballots reported
 * voter 0   P chosen through 4, last 4                  4      0
 * voter 2   P chosen through 4, last 7                  4      0
 * voter 2   R slot 5: 3.2, R slot 7: 4.5                4      0          slot 5: 3.2, slot 7: 4.5
 * voter 3   P chosen through 5, last 6                  5      0
 * voter 3   R slot 6: 5.3                               5      0, 3       slot 6: 5.3, slot 7: 4.5
 * voter 2   R slot 6: nothing accepted (was delayed)    5      0, 2, 3    slot 6: 5.3, slot 7: 4.5
 * </pre>
 *
 * <p>Phase 1 is won with the last line, and not before: voter 2 could have accepted a value in slot 6 in a ballot above
 * 5.3. Slot 5 is chosen, as voter 3 says, and has to be fetched. Then slot 6 gets the value of ballot 5.3 and slot 7
 * that of 4.5.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, 2.2, P2c, and section 3</a>
 */
final class Phase1 {
    /** Bounds the table of reports. Far above any window, so no correct acceptor has as many slots open. */
    private static final int OPEN_SLOTS_MAX = 1 << 16;

    private static final int TICKS_WITHOUT_PROGRESS_MAX = 10;

    private static final byte[] NO_OP = new byte[0]; // fills a slot in which nothing can have been chosen

    private final Configuration configuration;
    private final int self;
    private final Outbox outbox;
    private final Long2ObjectHashMap<Slot> slots = new Long2ObjectHashMap<>();
    private final UnsafeBuffer view = new UnsafeBuffer(new byte[0]);
    private final long[] lastSlot; // by voter: the last slot in which it has accepted anything; never falls in a ballot
    private final long[] nextSlot; // by voter: every slot from base + 1 to below this one is reported; never falls
    private final int[] reports; // by voter: since it was asked last
    private final int[] reportBytes; // by voter: bytes of values since it was asked last
    private long answers; // promises and reports that were new, of all ballots; never falls
    private long promises; // voters whose promise of ballot has arrived, a bit each
    private long ballot; // ours; only grows
    private long base; // slots through here are chosen; never falls in one ballot
    private int ticksWithoutProgress; // while chosen values are missing here
    private long chosenAtTick; // the own chosen prefix at the last tick

    Phase1(final Configuration configuration, final Outbox outbox) {
        this.configuration = configuration;
        self = configuration.self();
        this.outbox = outbox;
        lastSlot = new long[configuration.size()];
        nextSlot = new long[configuration.size()];
        reports = new int[configuration.size()];
        reportBytes = new int[configuration.size()];
    }

    /** Phase 1a: asks all voters, this one included. The others are asked when the own promise is durable. */
    void begin(final long newBallot, final long chosenThrough) {
        Safety.require(newBallot > ballot, "an own ballot is never used again", ballot, newBallot);
        assert Ballot.owner(newBallot) == self : "owner=" + Ballot.owner(newBallot) + " self=" + self;
        ballot = newBallot;
        base = chosenThrough;
        promises = 0;
        ticksWithoutProgress = 0;
        slots.clear();
        Arrays.fill(lastSlot, 0);
        Arrays.fill(nextSlot, chosenThrough + 1);
        askAgain();
    }

    /** Asks each voter whose answer is missing or incomplete, from the first slot that it has not reported. */
    void askAgain() {
        ask(configuration.ownVoter()); // first, so that the questions to the others wait for the own promise
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            ask(Configuration.first(rest));
        }
    }

    /** Asks a voter for the rest if it has sent as many reports as one answer can hold. */
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
        final int to = configuration.id(voter);
        final Claims sender = to == self ? outbox.now(self) : outbox.afterSync(to);
        sender.prepare(self, ballot, Math.max(base + 1, nextSlot[voter]));
    }

    /** Phase 1b: a voter has promised {@code toBallot}. An answer to another ballot is ignored. */
    void promise(final int voter, final long toBallot, final long chosenThrough, final long last) {
        if (toBallot != ballot) {
            return;
        }
        base = Math.max(base, chosenThrough);
        lastSlot[voter] = Math.max(lastSlot[voter], last);
        answers += (promises & Configuration.bit(voter)) == 0 ? 1 : 0;
        promises |= Configuration.bit(voter);
    }

    /** Phase 1b, one slot: the value is copied if its ballot is the highest so far. */
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
        answers += (entry.reporters & Configuration.bit(voter)) == 0 ? 1 : 0;
        entry.reporters |= Configuration.bit(voter);
        reports[voter]++;
        reportBytes[voter] += length;
        if (acceptedBallot > entry.ballot) {
            entry.ballot = acceptedBallot;
            entry.value = new byte[length];
            value.getBytes(offset, entry.value);
        }
    }

    /** Whether a phase-1 quorum with the candidate among it has promised and reported everything. */
    boolean isWon() {
        long complete = 0;
        for (int voter = 0; voter < configuration.size(); voter++) {
            if (isComplete(voter)) {
                complete |= Configuration.bit(voter);
            }
        }
        return Configuration.contains(complete, configuration.ownVoter()) && configuration.isPhase1(complete);
    }

    /** Grows with each promise and each report that is new. */
    long answers() {
        return answers;
    }

    /** Slots through this one are chosen, as at least one promise says. */
    long base() {
        return base;
    }

    /** The last slot in which one of the voters that promised has accepted anything. At least {@link #base}. */
    long throughSlot() {
        long through = base;
        for (final long last : lastSlot) {
            through = Math.max(through, last);
        }
        return through;
    }

    /**
     * The value to propose in this slot: that of the highest ballot reported, or a no-op. Valid until the next call.
     */
    DirectBuffer value(final long slot) {
        final Slot entry = slots.get(slot);
        view.wrap(entry == null || entry.ballot == Ballot.NONE ? NO_OP : entry.value);
        return view;
    }

    /**
     * Time has passed. Returns whether the candidate should begin again in a higher ballot: it has waited too long for
     * chosen values that perhaps only a member had that is gone. A new ballot asks the members that are there.
     */
    boolean isStuckAfterTick(final long chosenThrough) {
        final boolean isProgress = chosenThrough != chosenAtTick;
        chosenAtTick = chosenThrough;
        final boolean isWaiting = isWon() && chosenThrough < base;
        ticksWithoutProgress = isWaiting && !isProgress ? ticksWithoutProgress + 1 : 0;
        return ticksWithoutProgress > TICKS_WITHOUT_PROGRESS_MAX;
    }

    /** Releases the reported values. */
    void end() {
        slots.clear();
    }

    private boolean isComplete(final int voter) {
        final long bit = Configuration.bit(voter);
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

    /** What was reported of one slot. */
    private static final class Slot {
        long reporters; // voters, a bit each
        long ballot; // the highest reported; never falls
        byte[] value = NO_OP; // accepted in ballot
    }
}
