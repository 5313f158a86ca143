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
 * <p>A member that has trimmed what is missing here says so, and is not asked again before the prefix has passed that.
 * If all members that know more have trimmed it, a snapshot is needed: {@link #snapshotNeeded}.
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

    private final Configuration configuration;
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
    private final long[] bottoms; // by voter: it has trimmed all slots below this one; never falls
    private long trimmedThrough; // since the last tick: the lowest such slot, minus 1, of those that know more; or 0
    private long snapshotNeeded; // at the last tick; 0 for none
    private boolean isPaused;

    /** {@code windowSlots}: the learner stores no value further than this above its prefix. */
    CatchUp(
            final Configuration configuration,
            final AcceptorLog log,
            final Learner learner,
            final Outbox outbox,
            final int windowSlots) {
        this.configuration = configuration;
        self = configuration.self();
        bottoms = new long[configuration.size()];
        this.log = log;
        this.learner = learner;
        this.outbox = outbox;
        slotsMax = Math.min(FETCH_SLOTS, windowSlots);
        knownThrough = learner.chosenThrough();
    }

    /** The member {@code from} knows slots through here chosen. It can be asked for them unless it has trimmed them. */
    void knows(final int from, final long throughSlot) {
        if (throughSlot <= learner.chosenThrough()) {
            return;
        }
        final int voter = configuration.voter(from);
        if (voter >= 0 && bottoms[voter] > learner.chosenThrough() + 1) {
            final long through = bottoms[voter] - 1;
            trimmedThrough = trimmedThrough == 0 ? through : Math.min(trimmedThrough, through);
        } else if (throughSlot >= knownThrough) {
            knownThrough = throughSlot;
            knownBy = from;
        }
    }

    /** The member {@code from} has trimmed all slots below this one: they are chosen. */
    void trimmed(final int from, final long firstSlot) {
        final int voter = configuration.voter(from);
        if (voter < 0 || from == self) {
            return;
        }
        bottoms[voter] = Math.max(bottoms[voter], firstSlot);
        if (from == knownBy && firstSlot > learner.chosenThrough() + 1) {
            fetchedThrough = 0;
            knownThrough = learner.chosenThrough(); // another member may still have them
        }
        knows(from, firstSlot - 1);
    }

    /**
     * A snapshot of this slot or a later one is needed to go on; 0 if none is. It holds from one tick to the next: in
     * that time every member that knows more has said that it has trimmed what is missing here.
     */
    long snapshotNeeded() {
        return snapshotNeeded > learner.chosenThrough() ? snapshotNeeded : 0;
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
        if (knownThrough <= chosenThrough || fetchedThrough > 0 || knownBy == self || isPaused) {
            return 0;
        }
        assert knownBy != 0 : "knownThrough=" + knownThrough + " chosenThrough=" + chosenThrough;
        fetchedThrough = Math.min(knownThrough, chosenThrough + slotsMax);
        fetchedBytes = 0;
        outbox.now(knownBy).fetch(self, chosenThrough + 1, fetchedThrough);
        return 1;
    }

    /** Whether nothing is to be fetched, because a snapshot is about to replace it. */
    void pause(final boolean pauses) {
        isPaused = pauses;
    }

    /** Time has passed. Without progress since the last tick, the fetch was lost, or the member asked is gone. */
    void tick() {
        final long chosenThrough = learner.chosenThrough();
        snapshotNeeded = knownThrough > chosenThrough ? 0 : trimmedThrough;
        trimmedThrough = 0;
        if (fetchedThrough > 0 && chosenThrough == chosenAtTick) {
            fetchedThrough = 0;
            knownThrough = chosenThrough; // a member that is alive tells more with its next heartbeat
        }
        chosenAtTick = chosenThrough;
    }

    /** Answers a fetch with chosen values: those known here, as many as one answer may bring. Or they were trimmed. */
    void teach(final int to, final long fromSlot, final long throughSlot) {
        if (fromSlot < log.firstSlot()) {
            outbox.now(to).trimmed(self, log.firstSlot());
            return;
        }
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
