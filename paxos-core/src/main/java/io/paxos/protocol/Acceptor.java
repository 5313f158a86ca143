package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Claims;
import io.paxos.spi.Outbox;
import org.agrona.DirectBuffer;

/**
 * The memory of Paxos: promises, accepts, and never goes back on either.
 *
 * <p>Every answer that claims a promise or a vote goes out by {@link Outbox#afterSync}, so it is durable when it is heard.
 * One promise covers all slots. Votes are taken in any order, up to a window above the chosen prefix, which bounds what a
 * new leader must be told.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, 2.2, P1a, and section 3</a>
 */
public final class Acceptor {
    /** How much one prepare is answered with at most; the candidate asks again for the rest. */
    static final int REPORTS_MAX = 256;

    static final int REPORT_BYTES_MAX = 1 << 20;

    private final int self;
    private final AcceptorLog log;
    private final Outbox outbox;
    private final int windowSlots;
    private final long[] positionOfSlot; // where the log stood after the slot was last appended; by slot & mask
    private final Reporter reporter = new Reporter();
    private final OneValue oneValue;
    private long barrierSlot; // slots through here are durable when the log is durable through barrierPosition
    private long barrierPosition;
    private long promised; // never falls

    /** {@code windowSlots}: a power of two; slots further than this above the chosen prefix are not accepted. */
    public Acceptor(final int self, final AcceptorLog log, final Outbox outbox, final int windowSlots) {
        assert Integer.bitCount(windowSlots) == 1 : "windowSlots=" + windowSlots;
        this.self = self;
        this.log = log;
        this.outbox = outbox;
        this.windowSlots = windowSlots;
        positionOfSlot = new long[windowSlots];
        oneValue = new OneValue(log);
        promised = log.promised();
    }

    public long promised() {
        return promised;
    }

    /**
     * Phase 1b: promises, and reports what was accepted above the chosen prefix from {@code fromSlot} on.
     *
     * <p>The same question again gets the same answer. A refusal claims nothing and leaves at once.
     */
    public void prepare(final int from, final long ballot, final long fromSlot, final long chosenThrough) {
        if (ballot < promised) {
            outbox.now(from).reject(self, promised, fromSlot);
            return;
        }
        promise(ballot);
        final Claims answer = outbox.afterSync(from);
        final long lastSlot = Math.max(log.lastSlot(), chosenThrough);
        answer.promise(self, ballot, chosenThrough, lastSlot);
        reporter.report(answer, ballot, Math.max(fromSlot, chosenThrough + 1), lastSlot);
    }

    /**
     * Phase 2b: accepts the value unless a higher ballot was promised. An accept is a promise.
     *
     * <p>The value is copied before return. Answers {@code accepted} after the next sync, {@code reject} at once, or
     * nothing if the slot lies above the window: the sender repeats itself when the prefix has grown.
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
        if (slot > chosenThrough + windowSlots) {
            return;
        }
        promise(ballot);
        if (slot <= chosenThrough) {
            oneValue.require(OneValue.CHOSEN, slot, value, offset, length);
        }
        if (log.acceptedBallot(slot) == ballot) {
            oneValue.require(OneValue.PER_BALLOT, slot, value, offset, length);
        } else {
            append(ballot, slot, chosenThrough, value, offset, length);
        }
        outbox.afterSync(from).accepted(self, ballot, slot, slot);
    }

    /**
     * Stores a value that is known to be chosen, as if it had been accepted in {@code ballot}; answers nothing.
     *
     * <p>{@code ballot} is one in which the value was accepted when or after it was chosen; so what was accepted here in
     * that ballot or a higher one is the same value, and what was accepted in a lower one may be replaced.
     */
    void store(
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (log.acceptedBallot(slot) >= ballot) {
            oneValue.require(OneValue.CHOSEN, slot, value, offset, length);
            return;
        }
        if (ballot > promised) {
            promise(ballot);
        }
        append(ballot, slot, chosenThrough, value, offset, length);
    }

    /**
     * Whether the value of this slot, known chosen as are all through {@code chosenThrough}, is durable here. May say no for
     * a while after it is.
     */
    public boolean isDurable(final long slot, final long chosenThrough) {
        final long durable = log.durablePosition();
        if (positionOfSlot[(int) slot & windowSlots - 1] <= durable) {
            return true;
        }
        // A later slot may have taken the place, and another after it; so that a slow disk is waited for once and not
        // for
        // ever, a barrier remembers what lay below it.
        if (barrierPosition <= durable && slot > barrierSlot) {
            barrierSlot = chosenThrough;
            barrierPosition = log.appendedPosition();
        }
        return slot <= barrierSlot && barrierPosition <= durable;
    }

    private void append(
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        log.accept(ballot, slot, chosenThrough, value, offset, length);
        positionOfSlot[(int) slot & windowSlots - 1] = log.appendedPosition();
    }

    private void promise(final long ballot) {
        Safety.require(ballot >= promised, "a promise never falls", promised, ballot);
        if (ballot > promised) {
            log.promise(ballot);
            promised = ballot;
        }
    }

    /** Reads accepted values back for a candidate. */
    private final class Reporter implements AcceptorLog.ValueReader {
        private Claims answer;
        private long ballot;
        private int bytes;

        void report(final Claims to, final long toBallot, final long fromSlot, final long throughSlot) {
            answer = to;
            ballot = toBallot;
            bytes = 0;
            final long limit = Math.min(throughSlot + 1, fromSlot + REPORTS_MAX);
            for (long slot = fromSlot; slot < limit && bytes < REPORT_BYTES_MAX; slot++) {
                if (!log.read(slot, this)) {
                    answer.report(self, ballot, slot, Ballot.NONE, Phase1.NOTHING, 0, 0);
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
