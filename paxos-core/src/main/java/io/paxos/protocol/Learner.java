package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Probe;
import org.agrona.DirectBuffer;

/**
 * Knows which slots are chosen: a prefix, and single slots above it.
 *
 * <p>A leader announces that slots through {@code s} are chosen. That says nothing about a value that was accepted here
 * in another ballot. So a slot counts as chosen here in two cases only: its value was accepted in the ballot of the
 * leader that announced it, or the chosen value itself was sent. {@link CatchUp} fetches the others.
 *
 * <p>Example: slot 1 was accepted here in ballot 3.1, slots 2 and 3 in 2.2. The leader of 3.1 announces slots through
 * 3. Now the prefix is 1: slot 2 may have got another value in 3.1. When the value of slot 2 arrives, the prefix is 2;
 * with that of slot 3, it is 3. If slot 3 arrives first, it is remembered, and slot 2 then takes the prefix to 3.
 *
 * @see <a href="https://www.cs.cornell.edu/courses/cs7412/2011sp/paxos.pdf">Paxos Made Moderately Complex, 2
 *     (learning)</a>
 */
public final class Learner {
    private final AcceptorLog log;
    private final Acceptor acceptor;
    private final Probe probe;
    private final int windowSlots;
    private final long[] chosenBits; // slots in the window above the prefix that are known chosen, a bit each
    private long chosenThrough; // never falls
    private long announcedBallot; // the highest ballot in which a leader announced anything; never falls
    private long announcedThrough; // the highest slot announced in announcedBallot

    /** {@code windowSlots} is a power of two. Values further than this above the chosen prefix are not stored. */
    public Learner(final AcceptorLog log, final Acceptor acceptor, final Probe probe, final int windowSlots) {
        assert Integer.bitCount(windowSlots) == 1 : "windowSlots=" + windowSlots;
        this.log = log;
        this.acceptor = acceptor;
        this.probe = probe;
        this.windowSlots = windowSlots;
        chosenBits = new long[Math.max(1, windowSlots / Long.SIZE)];
        chosenThrough = log.chosenThrough();
    }

    /** Every slot through this one is chosen, and its value is in the log here, or trimmed. Never falls. */
    public long chosenThrough() {
        return chosenThrough;
    }

    /** The highest ballot in which a leader announced anything; {@link Ballot#NONE} before. */
    long announcedBallot() {
        return announcedBallot;
    }

    /** The highest slot that was announced in {@link #announcedBallot}. */
    long announcedThrough() {
        return announcedThrough;
    }

    /** A snapshot says that every slot through this one is chosen. Their values are in the log here, or trimmed. */
    void restored(final long throughSlot) {
        for (long slot = chosenThrough + 1; slot <= Math.min(throughSlot, chosenThrough + windowSlots); slot++) {
            clear(slot);
        }
        chosenThrough = Math.max(chosenThrough, throughSlot);
        advance();
    }

    /** The leader of {@code ballot} knows slots through {@code throughSlot} chosen. */
    void announced(final long ballot, final long throughSlot) {
        if (ballot > announcedBallot) {
            announcedBallot = ballot;
            announcedThrough = throughSlot;
        } else if (ballot == announcedBallot) {
            announcedThrough = Math.max(announcedThrough, throughSlot);
        }
        advance();
    }

    /** This replica leads and has counted a quorum of votes for this slot, the one after the prefix. */
    void chosen(final long slot) {
        Safety.require(slot == chosenThrough + 1, "the chosen prefix grows slot by slot", chosenThrough + 1, slot);
        clear(slot);
        chosenThrough = slot;
        probe.chosen(slot);
    }

    /**
     * The chosen value of a slot has arrived. {@code ballot} is one in which it was accepted when it was chosen, or
     * later.
     *
     * @return false if the value was ignored: the slot is in the prefix, or too far above it, or the log has no room
     */
    boolean learn(final long ballot, final long slot, final DirectBuffer value, final int offset, final int length) {
        if (slot <= chosenThrough || slot > chosenThrough + windowSlots) {
            return false;
        }
        if (!acceptor.store(ballot, slot, chosenThrough, value, offset, length)) {
            return false;
        }
        chosenBits[word(slot)] |= 1L << slot;
        advance();
        return true;
    }

    private void advance() {
        final long before = chosenThrough;
        while (isKnownChosen(chosenThrough + 1)) {
            chosenThrough++;
            clear(chosenThrough);
        }
        if (chosenThrough > before) {
            probe.chosen(chosenThrough);
        }
    }

    /** Whether this slot, at most a window above the prefix, is known to be chosen with the value that is here. */
    boolean isKnownChosen(final long slot) {
        return slot <= chosenThrough
                || (slot <= announcedThrough && log.acceptedBallot(slot) == announcedBallot)
                || (chosenBits[word(slot)] & 1L << slot) != 0;
    }

    private void clear(final long slot) {
        chosenBits[word(slot)] &= ~(1L << slot);
    }

    private int word(final long slot) {
        return (int) (slot / Long.SIZE) & chosenBits.length - 1;
    }
}
