package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import org.agrona.DirectBuffer;

/**
 * Fetches chosen values that are missing here, and sends chosen values to others.
 *
 * <p>One fetch is on its way at a time. It goes to the member that named the longest chosen prefix. The next one leaves
 * when the answer is here. A tick without progress gives it up.
 *
 * <p>Example: slots through 10 are chosen here. Member 3 says that it knows slots through 700. Member 3 is asked for 11
 * to 266, which are 256 slots. Its answer brings 11 to 266, or fewer if they hold more than 1 MiB. Then 267 to 522 are
 * asked for, and then 523 to 700.
 */
final class CatchUp {
    /** The most slots that one fetch asks for and one answer brings. */
    static final int FETCH_SLOTS = 256;

    /** After this many bytes of values an answer ends. */
    static final int FETCH_BYTES = 1 << 20;

    private final int self;
    private final AcceptorLog log;
    private final Learner learner;
    private final Outbox outbox;
    private final int slotsMax; // of one fetch
    private final Teacher teacher = new Teacher();
    private long knownThrough; // a member has said that it knows slots through here chosen
    private int knownBy; // that member; 0 before the first
    private long fetchedThrough; // the last slot of the fetch on its way; 0 if there is none
    private int fetchedBytes; // what has arrived of it
    private long chosenAtTick; // the chosen prefix at the last tick

    /** {@code windowSlots}: the learner stores no value further than this above its prefix. */
    CatchUp(
            final Configuration configuration,
            final AcceptorLog log,
            final Learner learner,
            final Outbox outbox,
            final int windowSlots) {
        self = configuration.self();
        this.log = log;
        this.learner = learner;
        this.outbox = outbox;
        slotsMax = Math.min(FETCH_SLOTS, windowSlots);
        knownThrough = learner.chosenThrough();
    }

    /** The member {@code from} knows slots through here chosen and can be asked for them. */
    void knows(final int from, final long throughSlot) {
        if (throughSlot > learner.chosenThrough() && throughSlot >= knownThrough) {
            knownThrough = throughSlot;
            knownBy = from;
        }
    }

    /** The chosen value of a slot has arrived. */
    void learn(final long ballot, final long slot, final DirectBuffer value, final int offset, final int length) {
        if (!learner.learn(ballot, slot, value, offset, length)) {
            return;
        }
        fetchedBytes += length;
        if (learner.chosenThrough() >= fetchedThrough || fetchedBytes >= FETCH_BYTES) {
            fetchedThrough = 0; // the whole answer is here
        }
    }

    /** Asks for what is missing, unless a fetch is on its way. Returns the amount of work done. */
    int fetchMissing() {
        final long chosenThrough = learner.chosenThrough();
        if (knownThrough <= chosenThrough || fetchedThrough > 0 || knownBy == self) {
            return 0;
        }
        assert knownBy != 0 : "knownThrough=" + knownThrough + " chosenThrough=" + chosenThrough;
        fetchedThrough = Math.min(knownThrough, chosenThrough + slotsMax);
        fetchedBytes = 0;
        outbox.now(knownBy).fetch(self, chosenThrough + 1, fetchedThrough);
        return 1;
    }

    /** Time has passed. Without progress since the last tick, the fetch was lost, or the member asked is gone. */
    void tick() {
        final long chosenThrough = learner.chosenThrough();
        if (fetchedThrough > 0 && chosenThrough == chosenAtTick) {
            fetchedThrough = 0;
            knownThrough = chosenThrough; // a member that is alive tells more with its next heartbeat
        }
        chosenAtTick = chosenThrough;
    }

    /** Answers a fetch with chosen values: those known here, as many as one answer may bring. */
    void teach(final int to, final long fromSlot, final long throughSlot) {
        teacher.teach(outbox.now(to), fromSlot, Math.min(throughSlot, learner.chosenThrough()));
    }

    /** Sends values of the own log to one member. */
    private final class Teacher implements AcceptorLog.ValueReader {
        private Messages receiver;
        private int bytes; // of the values in this answer so far

        void teach(final Messages to, final long fromSlot, final long throughSlot) {
            receiver = to;
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
            receiver.learn(self, ballot, slot, buffer, offset, length);
        }
    }
}
