package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import org.agrona.DirectBuffer;

/**
 * Knows what is chosen: a prefix of slots, and some marks above it.
 *
 * <p>Multi-Paxos has no log matching: that slots through s are chosen says nothing about the value that lies here. So a
 * slot is marked only if its accepted ballot is that of the announcing leader, or if the chosen value itself was sent.
 * What is missing is fetched from whoever said that he knows it.
 *
 * @see <a href="https://www.cs.cornell.edu/courses/cs7412/2011sp/paxos.pdf">Paxos Made Moderately Complex, 2 (learning)</a>
 */
public final class Learner {
    /** How much one fetch asks for, and one answer brings, at most. */
    static final int FETCH_SLOTS = 256;

    static final int FETCH_BYTES = 1 << 20;

    private final int self;
    private final AcceptorLog log;
    private final Acceptor acceptor;
    private final Outbox outbox;
    private final long[] chosenBits; // slots above the prefix that are known chosen; by slot, a window of them
    private final int windowSlots;
    private final Teacher teacher = new Teacher();
    private long chosenThrough;
    private long announcedBallot;
    private long announcedThrough; // in announcedBallot
    private long knownThrough; // somebody knows slots through here chosen
    private int knownBy;
    private long fetchedThrough; // what was asked for; 0 if nothing is on its way
    private int fetchedBytes; // what has arrived of it
    private long chosenAtTick;

    public Learner(
            final int self,
            final AcceptorLog log,
            final Acceptor acceptor,
            final Outbox outbox,
            final int windowSlots) {
        this.self = self;
        this.log = log;
        this.acceptor = acceptor;
        this.outbox = outbox;
        this.windowSlots = windowSlots;
        chosenBits = new long[Math.max(1, windowSlots / Long.SIZE)];
        chosenThrough = log.chosenThrough();
        knownThrough = chosenThrough;
    }

    /** Every slot through this one is chosen, and its value is in the log here. Never falls. */
    public long chosenThrough() {
        return chosenThrough;
    }

    /** Heard: the leader of {@code ballot} knows slots through {@code throughSlot} chosen. */
    void announced(final int from, final long ballot, final long throughSlot) {
        if (ballot > announcedBallot) {
            announcedBallot = ballot;
            announcedThrough = throughSlot;
        } else if (ballot == announcedBallot) {
            announcedThrough = Math.max(announcedThrough, throughSlot);
        }
        advance();
        knows(from, throughSlot);
    }

    /** Heard: {@code from} knows slots through here chosen, and can be asked for them. */
    void knows(final int from, final long throughSlot) {
        if (throughSlot > chosenThrough && throughSlot >= knownThrough) {
            knownThrough = throughSlot;
            knownBy = from;
        }
    }

    /** The leader's own count: this slot, the next one, is chosen in its ballot. */
    void chosen(final long slot) {
        Safety.require(slot == chosenThrough + 1, "the chosen prefix grows slot by slot", chosenThrough + 1, slot);
        clear(slot);
        chosenThrough = slot;
    }

    /** The chosen value of a slot has arrived. Ignored if known, or too far ahead to be kept. */
    void learn(
            final int from,
            final long ballot,
            final long slot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (slot <= chosenThrough || slot > chosenThrough + windowSlots) {
            return;
        }
        acceptor.store(ballot, slot, chosenThrough, value, offset, length);
        chosenBits[word(slot)] |= 1L << slot;
        advance();
        fetchedBytes += length;
        if (chosenThrough >= fetchedThrough || fetchedBytes >= FETCH_BYTES) {
            fetchedThrough = 0; // the answer is here, or as much of it as one answer brings
        }
    }

    /** Asks for what is missing, unless that is on its way already. */
    int fetchMissing() {
        if (knownThrough <= chosenThrough || fetchedThrough > 0 || knownBy == self) {
            return 0;
        }
        fetchedThrough = Math.min(knownThrough, chosenThrough + Math.min(FETCH_SLOTS, windowSlots));
        fetchedBytes = 0;
        outbox.now(knownBy).fetch(self, chosenThrough + 1, fetchedThrough);
        return 1;
    }

    /** Some time has passed: without progress, what was asked for is lost, or was asked of somebody who is gone. */
    void tick() {
        if (fetchedThrough > 0 && chosenThrough == chosenAtTick) {
            fetchedThrough = 0;
            knownThrough = chosenThrough; // the next heartbeat of somebody alive says it again
        }
        chosenAtTick = chosenThrough;
    }

    /** Answers a fetch with chosen values, as far as they are known here and one answer goes. */
    void teach(final int to, final long fromSlot, final long throughSlot) {
        teacher.teach(outbox.now(to), fromSlot, Math.min(throughSlot, chosenThrough));
    }

    private void advance() {
        while (isKnownChosen(chosenThrough + 1)) {
            chosenThrough++;
            clear(chosenThrough);
        }
    }

    private boolean isKnownChosen(final long slot) {
        return (slot <= announcedThrough && log.acceptedBallot(slot) == announcedBallot)
                || (chosenBits[word(slot)] & 1L << slot) != 0;
    }

    private void clear(final long slot) {
        chosenBits[word(slot)] &= ~(1L << slot);
    }

    private int word(final long slot) {
        return (int) (slot / Long.SIZE) & chosenBits.length - 1;
    }

    private final class Teacher implements AcceptorLog.ValueReader {
        private Messages pupil;
        private int bytes;

        void teach(final Messages to, final long fromSlot, final long throughSlot) {
            pupil = to;
            bytes = 0;
            final long limit = Math.min(throughSlot + 1, fromSlot + FETCH_SLOTS);
            for (long slot = Math.max(1, fromSlot); slot < limit && bytes < FETCH_BYTES; slot++) {
                log.read(slot, this);
            }
        }

        @Override
        public void value(
                final long slot, final long ballot, final DirectBuffer buffer, final int offset, final int length) {
            bytes += length;
            pupil.learn(self, ballot, slot, buffer, offset, length);
        }
    }
}
