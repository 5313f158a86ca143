package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Outbox;
import io.paxos.spi.Probe;
import org.agrona.DirectBuffer;

/**
 * Phase 2 of one ballot: proposes values in consecutive slots and counts the votes.
 *
 * <p>The votes for a slot are a set of voters, so a repeated vote counts once. Only votes of this ballot count. The
 * leader's own vote arrives like any other, after its sync. A proposed value stays in the leader's own log. From there
 * it is sent again to voters that have not voted.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, 2.2 phase 2, and section
 *     3</a>
 */
public final class Phase2 {
    private static final int REPEATS_MAX = 64;

    private final Configuration configuration;
    private final int self;
    private final AcceptorLog log;
    private final Learner learner;
    private final Outbox outbox;
    private final Probe probe;
    private final int windowSlots;
    private final long[] votes; // by slot & windowSlots - 1: voters that accepted an open slot, a bit each
    private int openMax; // how many slots are proposed at once; 1..windowSlots
    private final Repeater repeater = new Repeater();
    private final Repeats repeats;
    private final Thrift thrift;
    private long ballot; // ours; only grows
    private long nextSlot; // above every slot proposed in ballot; above the chosen prefix

    /** {@code windowSlots} is a power of two: how many slots may be open at once. */
    public Phase2(
            final Configuration configuration,
            final AcceptorLog log,
            final Learner learner,
            final Outbox outbox,
            final Probe probe,
            final int windowSlots) {
        assert Integer.bitCount(windowSlots) == 1 : "windowSlots=" + windowSlots;
        this.configuration = configuration;
        self = configuration.self();
        this.log = log;
        this.learner = learner;
        this.outbox = outbox;
        this.probe = probe;
        this.windowSlots = windowSlots;
        votes = new long[windowSlots];
        openMax = windowSlots;
        thrift = new Thrift(configuration);
        repeats = new Repeats(configuration, outbox);
    }

    /** A leadership begins. {@code fromSlot} is the first slot to propose in, the one after the chosen prefix. */
    void begin(final long newBallot, final long fromSlot) {
        Safety.require(newBallot > ballot, "an own ballot is never used again", ballot, newBallot);
        assert fromSlot == learner.chosenThrough() + 1
                : "fromSlot=" + fromSlot + " chosenThrough=" + learner.chosenThrough();
        ballot = newBallot;
        nextSlot = fromSlot;
        thrift.begin(fromSlot);
        repeats.begin(fromSlot);
    }

    /** The slot of the next proposal. */
    long nextSlot() {
        return nextSlot;
    }

    /**
     * Opens at most so many slots at once. A voter with a smaller window drops what is too far above its prefix, and
     * gets it again only at the next heartbeat.
     */
    void limitWindow(final int slots) {
        openMax = Math.max(1, Math.min(windowSlots, slots));
    }

    /** Whether the window would have room if a replica led now that has applied slots through this one. */
    boolean wouldHaveRoom(final long appliedThrough) {
        return learner.chosenThrough() < appliedThrough + windowSlots;
    }

    /**
     * Whether the window has room, and the own log: a leader repeats what it has proposed from there. The window begins
     * at the applied prefix, so a leader that applies slowly proposes slowly.
     */
    boolean hasRoom(final long appliedThrough) {
        return nextSlot <= Math.min(appliedThrough, learner.chosenThrough()) + openMax
                && log.hasRoomFor(log.valueLengthMax());
    }

    /** Phase 2a: proposes a value in the next slot, to the own acceptor first. */
    void propose(final DirectBuffer value, final int offset, final int length) {
        final long slot = nextSlot++;
        votes[(int) slot & windowSlots - 1] = 0;
        final long chosenThrough = learner.chosenThrough();
        assert slot <= chosenThrough + windowSlots : "slot=" + slot + " chosenThrough=" + chosenThrough;
        outbox.now(self).accept(self, ballot, slot, chosenThrough, value, offset, length);
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int to = configuration.id(Configuration.first(rest));
            outbox.now(to).accept(self, ballot, slot, chosenThrough, value, offset, length);
        }
    }

    /** Phase 2b: the values of these slots, both ends inclusive, are accepted and durable at one voter. */
    void accepted(final int voter, final long inBallot, final long fromSlot, final long throughSlot) {
        if (inBallot != ballot) {
            return; // a vote for an earlier ballot of ours
        }
        Safety.require(
                throughSlot < nextSlot, "nobody votes in a slot that was not proposed", nextSlot - 1, throughSlot);
        for (long slot = Math.max(fromSlot, learner.chosenThrough() + 1); slot <= throughSlot; slot++) {
            votes[(int) slot & windowSlots - 1] |= Configuration.bit(voter);
        }
        probe.voted(voter, inBallot, fromSlot, throughSlot);
        long open = learner.chosenThrough() + 1;
        while (open < nextSlot && configuration.isPhase2(votes[(int) open & windowSlots - 1])) {
            learner.chosen(open);
            open++;
        }
        thrift.accepted(voter, throughSlot);
    }

    /** Voters that a quorum does not need for now, a bit each. */
    long unneeded() {
        return thrift.unneeded();
    }

    /** A voter has answered a heartbeat. */
    void heard(final int voter) {
        repeats.heard(voter);
    }

    /**
     * Time has passed. Values are sent again to voters that have not voted: see {@link Repeats}.
     *
     * @param roundTripTicks how many ticks a heartbeat and its answer take
     */
    void tick(final int roundTripTicks) {
        for (long rest = configuration.voters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            final long lowest = lowestOpen(voter);
            final long limit = repeats.limitAfterTick(voter, lowest, nextSlot, roundTripTicks);
            if (limit > 0) {
                repeat(voter, lowest, Math.min(limit, lowest + REPEATS_MAX));
                repeats.repeated(voter, nextSlot);
            }
        }
    }

    /** The first open slot for which this voter has not voted; {@code nextSlot} if there is none. */
    private long lowestOpen(final int voter) {
        long slot = learner.chosenThrough() + 1;
        while (slot < nextSlot && hasVoted(voter, slot)) {
            slot++;
        }
        return slot;
    }

    private boolean hasVoted(final int voter, final long slot) {
        return Configuration.contains(votes[(int) slot & windowSlots - 1], voter);
    }

    private void repeat(final int voter, final long fromSlot, final long limit) {
        repeater.to = configuration.id(voter);
        for (long slot = fromSlot; slot < limit; slot++) {
            if (!hasVoted(voter, slot)) {
                log.read(slot, repeater);
            }
        }
    }

    /** Sends a value of the own log to a voter that has not voted for it. */
    private final class Repeater implements AcceptorLog.ValueReader {
        private int to; // the voter's id

        @Override
        public void value(
                final long slot,
                final long acceptedBallot,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            Safety.require(acceptedBallot == ballot, "a leader repeats only its own ballot", ballot, acceptedBallot);
            if (to == self) {
                outbox.afterSync(self).accepted(self, ballot, slot, slot); // the value is in the own log: see above
            } else {
                outbox.now(to).accept(self, ballot, slot, learner.chosenThrough(), buffer, offset, length);
            }
        }
    }
}
