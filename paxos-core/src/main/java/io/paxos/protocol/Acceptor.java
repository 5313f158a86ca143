package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Claims;
import io.paxos.spi.Outbox;
import io.paxos.spi.Probe;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The memory of Paxos: promises and accepted values. It never takes one back.
 *
 * <p>An answer that claims a promise or a vote leaves by {@link Outbox#afterSync}, so what it claims is durable when it
 * is received. One promise covers all slots. Values are accepted in any order, up to a window above the chosen prefix.
 * The window bounds what a new leader must be told.
 *
 * <p>Example: promised is 3.2 (round 3, owner 2), slots through 5 are chosen, the window is 8 slots.
 *
 * <pre>
 * prepare 2.1             reject with 3.2, at once
 * prepare 4.1             append promise 4.1; after the sync: promise, then one report for each slot from 6 on
 * accept 3.2, slot 6      reject with 4.1, at once
 * accept 4.1, slot 6      append the value; after the sync: accepted
 * accept 4.1, slot 6      nothing to append; after the sync: accepted once more (another value stops the replica)
 * accept 4.1, slot 14     no answer: the last slot of the window is 13
 * accept 4.1, slot 2      trimmed, at once, if slots through 2 or more were trimmed: the value is chosen, and not here
 * </pre>
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, 2.2, P1a, and section 3</a>
 */
public final class Acceptor {
    /** The most reports that answer one prepare. The candidate asks again for the rest. */
    static final int REPORTS_MAX = 256;

    /** After this many bytes of values no further report answers the same prepare. */
    static final int REPORT_BYTES_MAX = 1 << 20;

    /** The value in a report for a slot in which nothing was accepted. */
    static final DirectBuffer NOTHING = new UnsafeBuffer(new byte[0]);

    private final int self;
    private final AcceptorLog log;
    private final Outbox outbox;
    private final Probe probe;
    private final int windowSlots;
    private final Positions positions;
    private final Reporter reporter = new Reporter();
    private final OneValue oneValue;
    private long promised; // the highest promise in the log; never falls
    private long replacedThrough; // slots through this one are about to be replaced by a snapshot; 0 for none

    /** {@code windowSlots} is a power of two. Slots further than this above the chosen prefix are not accepted. */
    public Acceptor(
            final Configuration configuration,
            final AcceptorLog log,
            final Outbox outbox,
            final Probe probe,
            final int windowSlots) {
        self = configuration.self();
        this.log = log;
        this.outbox = outbox;
        this.probe = probe;
        this.windowSlots = windowSlots;
        positions = new Positions(log, windowSlots);
        oneValue = new OneValue(log);
        promised = log.promised();
    }

    /** The highest ballot promised. {@link Ballot#NONE} if none. */
    public long promised() {
        return promised;
    }

    /**
     * Phase 1b: promises {@code ballot} and reports what was accepted above the chosen prefix, from {@code fromSlot}
     * on.
     *
     * <p>The same question again gets the same answer. If a higher ballot was promised, the answer is {@code reject}.
     * It claims nothing and leaves at once. There is no answer if the log has no room for the promise.
     */
    public void prepare(final int from, final long ballot, final long fromSlot, final long chosenThrough) {
        if (ballot < promised) {
            outbox.now(from).reject(self, promised, fromSlot);
            return;
        }
        if (ballot > promised && !log.hasRoomFor(0)) {
            return;
        }
        promise(ballot);
        final Claims answer = outbox.afterSync(from);
        final long lastSlot = Math.max(log.lastSlot(), chosenThrough);
        answer.promise(self, ballot, chosenThrough, lastSlot);
        reporter.report(answer, ballot, Math.max(fromSlot, chosenThrough + 1), lastSlot);
    }

    /**
     * Phase 2b: accepts the value unless a higher ballot was promised. An accept is a promise too.
     *
     * <p>The value is copied before return. The answer is {@code accepted} after the next sync, {@code reject} at once,
     * or none if the slot lies above the window. Then the sender repeats its question when the prefix has grown. A slot
     * that was trimmed is chosen: the answer says so, and is no vote. There is no vote either for a slot that a
     * snapshot is about to replace, nor if the log has no room for the value.
     */
    public void accept(
            final int from,
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (ballot < promised) {
            outbox.now(from).reject(self, promised, slot);
            return;
        }
        if (slot > chosenThrough + windowSlots || slot <= replacedThrough) {
            return;
        }
        if (slot <= chosenThrough && slot < log.firstSlot()) {
            outbox.now(from).trimmed(self, log.firstSlot());
            return;
        }
        final boolean isAccepted = log.acceptedBallot(slot) == ballot;
        if (!isAccepted && !log.hasRoomFor(length)) {
            return;
        }
        promise(ballot);
        if (slot <= chosenThrough) {
            oneValue.require(OneValue.CHOSEN, slot, value, offset, length);
        }
        if (isAccepted) {
            oneValue.require(OneValue.PER_BALLOT, slot, value, offset, length);
        } else {
            append(ballot, slot, chosenThrough, value, offset, length);
        }
        outbox.afterSync(from).accepted(self, ballot, slot, slot);
    }

    /** Slots through this one are chosen, and a snapshot is about to replace what is here. 0 for none. */
    void replacing(final long throughSlot) {
        replacedThrough = throughSlot;
    }

    /**
     * The leader of {@code ballot} asks whether a higher one was promised. Its question has the number {@code round}.
     */
    void confirm(final int from, final long ballot, final long round) {
        if (promised > ballot) {
            outbox.now(from).reject(self, promised, 0);
        } else {
            outbox.now(from).confirmed(self, ballot, round);
        }
    }

    /**
     * Stores a value that is known to be chosen, as if it had been accepted in {@code ballot}. Answers nothing. False
     * if the log has no room for it.
     *
     * <p>The value was accepted in {@code ballot} when it was chosen, or later. So a value accepted here in that ballot
     * or a higher one is the same value. A value accepted here in a lower ballot may be replaced.
     */
    boolean store(
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (log.acceptedBallot(slot) >= ballot) {
            oneValue.require(OneValue.CHOSEN, slot, value, offset, length);
            return true;
        }
        if (!log.hasRoomFor(length)) {
            return false;
        }
        if (ballot > promised) {
            promise(ballot);
        }
        append(ballot, slot, chosenThrough, value, offset, length);
        return true;
    }

    /**
     * Whether the value of this slot is durable here. {@code slot} and all slots through {@code chosenThrough} are
     * known to be chosen. The answer can be no for a while after the value became durable: see {@link Positions}.
     */
    public boolean isDurable(final long slot, final long chosenThrough) {
        return positions.isDurable(slot, chosenThrough);
    }

    private void append(
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        log.accept(ballot, slot, chosenThrough, value, offset, length);
        positions.appended(slot);
        probe.accepted(ballot, slot, length);
    }

    private void promise(final long ballot) {
        Safety.require(ballot >= promised, "a promise never falls", promised, ballot);
        if (ballot > promised) {
            log.promise(ballot);
            promised = ballot;
            probe.promised(ballot);
        }
    }

    /** Sends accepted values to a candidate, one report for each slot. */
    private final class Reporter implements AcceptorLog.ValueReader {
        private Claims answer;
        private long ballot;
        private int bytes; // of the values in this answer so far

        void report(final Claims to, final long toBallot, final long fromSlot, final long throughSlot) {
            answer = to;
            ballot = toBallot;
            bytes = 0;
            final long limit = Math.min(throughSlot + 1, fromSlot + REPORTS_MAX);
            for (long slot = fromSlot; slot < limit && bytes < REPORT_BYTES_MAX; slot++) {
                if (log.read(slot, this) != AcceptorLog.ReadResult.FOUND) {
                    answer.report(self, ballot, slot, Ballot.NONE, NOTHING, 0, 0);
                }
            }
        }

        @Override
        public void value(
                final long slot, final long accepted, final DirectBuffer buffer, final int offset, final int length) {
            bytes += length;
            answer.report(self, ballot, slot, accepted, buffer, offset, length);
        }
    }
}
