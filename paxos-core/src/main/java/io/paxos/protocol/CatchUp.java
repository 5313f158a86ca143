package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * Fetches chosen values that are missing here, and sends chosen values to others.
 *
 * <p>Several fetches of disjoint ranges are on their way at once. They go to the members that know their range chosen:
 * to followers rather than to the leader, and to the one with the fewest of them. Nothing is asked for that the learner
 * could not store: see {@link Learner}. The bytes on their way are bounded too, by an estimate of the length of a
 * value, and by the end of each answer after {@link #FETCH_BYTES}.
 *
 * <p>The first fetch is alone. Each one that is answered allows one more, up to {@link Fetches#MAX}; a loss halves what
 * is allowed. A member that sends nothing of what it was asked for is given up after some ticks, which double each
 * time, and counts as knowing nothing until it names its prefix again. Its fetches go to other members. If a member has
 * sent the end of a fetch, or of a later one, what is missing of it is asked for again at the next tick.
 *
 * <p>Heartbeats pass what the leader has queued. So a slot can be known chosen while its proposal, or the
 * announcement that it is chosen, is still on its way. As long as these arrive, slots that they have not announced are
 * not asked for.
 *
 * <p>A member that has trimmed what is missing here says so, and is not asked again before the prefix has passed that.
 * If all members that know more have trimmed it, a snapshot is needed: {@link #snapshotNeeded}.
 *
 * <p>Example: slots through 10 are chosen here. Member 2 follows and knows slots through 700, member 3 leads and knows
 * slots through 900. Member 2 is asked for 11 to 266, which are 256 slots. When they are here, it is asked for 267 to
 * 522, and member 3 for 523 to 778, because member 2 has not said that it knows them. Slots 779 to 900 are less than a
 * whole range, and wait for both answers.
 */
final class CatchUp {
    /** The most slots that one fetch asks for and one answer brings. */
    static final int FETCH_SLOTS = 256;

    /** After this many bytes of values an answer ends. */
    static final int FETCH_BYTES = 256 << 10;

    /** No further fetch leaves while so many bytes of values are expected. */
    static final int IN_FLIGHT_BYTES = 4 << 20;

    private static final int STORED_SLOTS_MAX = 1 << 14; // unless the window needs more
    private static final int FED_TICKS = 2; // without an announcement for so long, none is taken to be on its way
    private static final int PATIENCE_TICKS_MIN = 2;
    private static final int PATIENCE_TICKS_MAX = 16;

    private final Configuration configuration;
    private final int self;
    private final AcceptorLog log;
    private final Learner learner;
    private final Outbox outbox;
    private final int storedSlots; // the learner stores no value further than this above its prefix
    private final int slotsMax; // of one fetch
    private final Fetches fetches;
    private final Teacher teacher = new Teacher();

    // By voter.
    private final long[] knownThrough; // it knows slots through here chosen and has them; 0 if it is not to be asked
    private final long[] bottoms; // it has trimmed all slots below this one; never falls
    private final int[] quietTicks; // since it was asked or has sent a value that was asked for
    private final int[] patienceTicks; // after so many of them its fetches are lost
    private long heard; // voters that have sent a value that was asked for since the last tick, a bit each

    private long known; // the highest of knownThrough
    private long soughtThrough; // no slot above the prefix through here is missing and not in fetches; 0 at each tick
    private int allowed = 1; // how many fetches may be on their way; 1..Fetches.MAX
    private int valueBytes; // the average length of the last values learned
    private long trimmedThrough; // since the last tick: the lowest bottom, minus 1, of those that know more; or 0
    private long snapshotNeeded; // at the last tick; 0 for none
    private boolean isPaused;
    private long fedBallot; // the highest of which a proposal or an announcement has arrived
    private long fedThrough; // the leader of fedBallot has announced slots through here: their proposals came before
    private int unfedTicks = FED_TICKS; // since its last message of these, 0..FED_TICKS

    /** {@code storedSlots}: the learner stores no value further than this above its prefix. */
    CatchUp(
            final Configuration configuration,
            final AcceptorLog log,
            final Learner learner,
            final Outbox outbox,
            final int storedSlots) {
        this.configuration = configuration;
        self = configuration.self();
        this.log = log;
        this.learner = learner;
        this.outbox = outbox;
        this.storedSlots = storedSlots;
        slotsMax = Math.max(1, Math.min(FETCH_SLOTS, storedSlots / 4));
        final int size = configuration.size();
        fetches = new Fetches(size, learner);
        knownThrough = new long[size];
        bottoms = new long[size];
        quietTicks = new int[size];
        patienceTicks = new int[size];
        Arrays.fill(patienceTicks, PATIENCE_TICKS_MIN);
    }

    /**
     * How far above the own prefix values are accepted and stored. A follower's prefix may be a window behind the
     * leader's. That of a member that catches up is behind by what is chosen in a round trip of fetches and their
     * answers: without room for the leader's proposals of that time it would stay behind under load for ever.
     */
    static int storedSlots(final int windowSlots) {
        return Math.max(2 * windowSlots, (int) Math.min(8L * windowSlots, STORED_SLOTS_MAX));
    }

    /** The member {@code from} knows slots through here chosen. It can be asked for them unless it has trimmed them. */
    void knows(final int from, final long throughSlot) {
        if (throughSlot <= learner.chosenThrough()) {
            return;
        }
        final int voter = configuration.voter(from);
        if (voter < 0 || from == self) {
            return;
        }
        if (bottoms[voter] > learner.chosenThrough() + 1) {
            final long through = bottoms[voter] - 1;
            trimmedThrough = trimmedThrough == 0 ? through : Math.min(trimmedThrough, through);
        } else {
            knownThrough[voter] = Math.max(knownThrough[voter], throughSlot);
            known = Math.max(known, throughSlot);
        }
    }

    /**
     * The leader of {@code ballot} has announced with a message that passes no proposal that slots are chosen. Their
     * proposals have arrived before, or are lost.
     */
    void fed(final long ballot, final long chosenThrough) {
        if (ballot < fedBallot) {
            return;
        }
        fedThrough = ballot > fedBallot ? chosenThrough : Math.max(fedThrough, chosenThrough);
        fedBallot = ballot;
        unfedTicks = 0;
    }

    /** The member {@code from} has trimmed all slots below this one: they are chosen. */
    void trimmed(final int from, final long firstSlot) {
        final int voter = configuration.voter(from);
        if (voter < 0 || from == self) {
            return;
        }
        bottoms[voter] = Math.max(bottoms[voter], firstSlot);
        if (firstSlot > learner.chosenThrough() + 1) {
            ignore(voter); // another member may still have them
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
    void learn(
            final int from,
            final long ballot,
            final long slot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        final Fetches.Fetch fetch = fetches.find(slot);
        final boolean isTaken = learner.learn(ballot, slot, value, offset, length);
        if (isTaken) {
            valueBytes += (length - valueBytes) / 8;
        }
        final int voter = configuration.voter(from);
        if (fetch == null || !fetch.isAskedOf(voter)) {
            return;
        }
        heard |= Configuration.bit(voter);
        patienceTicks[voter] = Math.max(PATIENCE_TICKS_MIN, Math.min(PATIENCE_TICKS_MAX, 2 * fetch.ticks()));
        if (!isTaken && !learner.isKnownChosen(slot)) {
            fetch.received(); // the log has no room: it is asked for again when ticks have passed
        } else if (fetches.arrived(fetch, slot, length)) {
            allowed = Math.min(Fetches.MAX, allowed + 1);
        }
    }

    /** Asks for what is missing, as far as it may be on its way now. Returns the amount of work done. */
    int fetchMissing(final int leader) {
        if (known <= learner.chosenThrough() && fetches.isEmpty()) {
            return 0;
        }
        fetches.removeKnown();
        if (known <= learner.chosenThrough() || isPaused) {
            return 0;
        }
        int work = 0;
        while (fetches.waiting() < allowed && askNext(configuration.voter(leader))) {
            work++;
        }
        return work;
    }

    /** Whether nothing is to be fetched, because a snapshot is about to replace it. */
    void pause(final boolean pauses) {
        isPaused = pauses;
    }

    /** Time has passed. What seems to be lost is asked for again. */
    void tick() {
        snapshotNeeded = known > learner.chosenThrough() ? 0 : trimmedThrough;
        trimmedThrough = 0;
        unfedTicks = Math.min(FED_TICKS, unfedTicks + 1);
        boolean isLoss = fetches.tick();
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            quietTicks[voter] = Configuration.contains(heard, voter) ? 0 : quietTicks[voter] + 1;
            if (fetches.waiting(voter) > 0 && quietTicks[voter] >= patienceTicks[voter]) {
                patienceTicks[voter] = Math.min(PATIENCE_TICKS_MAX, 2 * patienceTicks[voter]);
                ignore(voter); // a member that is alive tells more with its next heartbeat
                isLoss = true;
            }
        }
        heard = 0;
        soughtThrough = 0;
        if (fetches.isEmpty()) {
            allowed = 1;
        } else if (isLoss) {
            allowed = Math.max(1, allowed / 2);
        }
    }

    /** Answers a fetch with chosen values: those known here, as many as one answer may bring. Or they were trimmed. */
    void teach(final int to, final long fromSlot, final long throughSlot) {
        if (fromSlot < log.firstSlot()) {
            outbox.now(to).trimmed(self, log.firstSlot());
            return;
        }
        teacher.teach(outbox.now(to), fromSlot, Math.min(throughSlot, learner.chosenThrough()));
    }

    // Inside.

    /** This voter is not asked before it names its prefix again. */
    private void ignore(final int voter) {
        fetches.lost(voter);
        knownThrough[voter] = 0;
        known = 0;
        for (final long through : knownThrough) {
            known = Math.max(known, through);
        }
    }

    /** Sends one fetch: what was lost first, then what was not asked for yet. */
    private boolean askNext(final int leader) {
        final Fetches.Fetch lost = fetches.lowestLost();
        if (lost == null) {
            return askNew(leader, mayBeOnItsWay(leader) ? Math.min(known, fedThrough) : known);
        }
        if (lost.from() > known) {
            fetches.remove(lost); // nobody is known to have it now; it is sought again when somebody says so
            return true;
        }
        lost.limit(known);
        return ask(lost, leader);
    }

    /** Whether proposals and announcements of this leader, a voter or -1, arrive. */
    private boolean mayBeOnItsWay(final int leader) {
        return unfedTicks < FED_TICKS && leader >= 0 && configuration.id(leader) == Ballot.owner(fedBallot);
    }

    private boolean askNew(final int leader, final long throughSlot) {
        final long limit = Math.min(throughSlot, learner.chosenThrough() + storedSlots);
        final long from = fetches.nextMissing(Math.max(soughtThrough, learner.chosenThrough()) + 1, limit);
        soughtThrough = from - 1;
        final int slots = valueBytes == 0 ? slotsMax : Math.max(1, Math.min(slotsMax, FETCH_BYTES / valueBytes));
        final long left = limit - from + 1;
        if (left <= 0 || (left < slots && fetches.waiting() > 0)) {
            return false; // more will be known, or have room, when an answer is here
        }
        final long through = fetches.lastMissing(from, Math.min(limit, from + slots - 1));
        soughtThrough = through;
        return ask(fetches.add(from, through), leader);
    }

    /** False if as many bytes are on their way as may be. */
    private boolean ask(final Fetches.Fetch fetch, final int leader) {
        if (fetches.waiting() > 0 && fetches.bytesWith(fetch, valueBytes) > IN_FLIGHT_BYTES) {
            return false;
        }
        final int voter = teacherOf(fetch, leader);
        if (fetches.waiting(voter) == 0) {
            quietTicks[voter] = 0;
        }
        fetches.asked(fetch, voter);
        outbox.now(configuration.id(voter)).fetch(self, fetch.from(), fetch.through());
        return true;
    }

    /** Of those that know the range: another one than before, rather no leader, with the fewest fetches. */
    private int teacherOf(final Fetches.Fetch fetch, final int leader) {
        int best = -1;
        int lowestCost = Integer.MAX_VALUE;
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            final int cost = fetches.waiting(voter)
                    + (voter == leader ? Fetches.MAX : 0)
                    + (voter == fetch.lastVoter() ? 2 * Fetches.MAX : 0);
            if (knownThrough[voter] >= fetch.through() && cost < lowestCost) {
                best = voter;
                lowestCost = cost;
            }
        }
        assert best >= 0 : "through=" + fetch.through() + " known=" + known;
        return best;
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
