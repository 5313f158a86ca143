package io.paxos.protocol;

import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Outbox;
import org.agrona.DirectBuffer;

/**
 * Phase 2 of one ballot: proposes values in consecutive slots and counts the votes.
 *
 * <p>Votes are one bit set per slot, so a repeated vote counts once, and only votes of this very ballot count. The
 * leader's own vote comes like any other, after its sync. Values wait for their quorum in the leader's own log, from where
 * they are repeated to those who have not voted.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, 2.2 phase 2, and section 3</a>
 */
public final class Phase2 {
    private static final int REPEATS_MAX = 64;

    private final int self;
    private final Members members;
    private final Quorums quorums;
    private final AcceptorLog log;
    private final Learner learner;
    private final Outbox outbox;
    private final int windowSlots;
    private final long[] votes; // voters who accepted, a bit each; by slot & mask
    private final Repeater repeater = new Repeater();
    private final Thrift thrift;
    private long ballot;
    private long nextSlot;
    private long nextSlotAtTick;
    private long chosenAtTick;

    /** {@code windowSlots}: a power of two, how many slots may be open at once. */
    public Phase2(
            final int self,
            final Members members,
            final Quorums quorums,
            final AcceptorLog log,
            final Learner learner,
            final Outbox outbox,
            final int windowSlots) {
        assert Integer.bitCount(windowSlots) == 1 : "windowSlots=" + windowSlots;
        this.self = self;
        this.members = members;
        this.quorums = quorums;
        this.log = log;
        this.learner = learner;
        this.outbox = outbox;
        this.windowSlots = windowSlots;
        votes = new long[windowSlots];
        thrift = new Thrift(members.voter(self), quorums);
    }

    /** Starts to lead: {@code fromSlot} is the first slot to propose in, the one after the chosen prefix. */
    void begin(final long newBallot, final long fromSlot) {
        Safety.require(newBallot > ballot, "an own ballot is never used again", ballot, newBallot);
        ballot = newBallot;
        nextSlot = fromSlot;
        nextSlotAtTick = fromSlot;
        chosenAtTick = fromSlot - 1;
        thrift.begin(fromSlot);
    }

    long nextSlot() {
        return nextSlot;
    }

    /** Whether the window would have room if this replica led now. */
    boolean wouldHaveRoom(final long appliedThrough) {
        return learner.chosenThrough() < appliedThrough + windowSlots;
    }

    /** Whether the window has room: open slots are bounded from the applied prefix on, so slow replicas slow proposals. */
    boolean hasRoom(final long appliedThrough) {
        return nextSlot <= Math.min(appliedThrough, learner.chosenThrough()) + windowSlots;
    }

    /** Phase 2a: proposes a value in the next slot, to itself first. */
    void propose(final DirectBuffer value, final int offset, final int length) {
        final long slot = nextSlot++;
        votes[(int) slot & windowSlots - 1] = 0;
        final long chosenThrough = learner.chosenThrough();
        outbox.now(self).accept(self, ballot, slot, chosenThrough, value, offset, length);
        for (int voter = 0; voter < members.size(); voter++) {
            if (members.id(voter) != self) {
                outbox.now(members.id(voter)).accept(self, ballot, slot, chosenThrough, value, offset, length);
            }
        }
    }

    /** Phase 2b has been heard: these slots are accepted and durable at one voter. */
    void accepted(final int voter, final long inBallot, final long fromSlot, final long throughSlot) {
        if (inBallot != ballot) {
            return; // an answer to an older self
        }
        Safety.require(
                throughSlot < nextSlot, "nobody votes in a slot that was not proposed", nextSlot - 1, throughSlot);
        for (long slot = Math.max(fromSlot, learner.chosenThrough() + 1); slot <= throughSlot; slot++) {
            votes[(int) slot & windowSlots - 1] |= 1L << voter;
        }
        long open = learner.chosenThrough() + 1;
        while (open < nextSlot && quorums.isPhase2(votes[(int) open & windowSlots - 1])) {
            learner.chosen(open);
            open++;
        }
        thrift.accepted(voter, throughSlot);
    }

    /** Voters that a quorum can do without for now, a bit each. */
    long unneeded() {
        return thrift.voters();
    }

    /** Some time has passed: repeats what has made no progress since the last tick to those who have not voted. */
    void tick() {
        final long chosenThrough = learner.chosenThrough();
        if (chosenThrough == chosenAtTick) {
            final long limit = Math.min(nextSlotAtTick, chosenThrough + 1 + REPEATS_MAX);
            for (long slot = chosenThrough + 1; slot < limit; slot++) {
                log.read(slot, repeater);
            }
        }
        chosenAtTick = chosenThrough;
        nextSlotAtTick = nextSlot;
    }

    private final class Repeater implements AcceptorLog.ValueReader {
        @Override
        public void value(
                final long slot,
                final long acceptedBallot,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            Safety.require(acceptedBallot == ballot, "a leader repeats only its own ballot", ballot, acceptedBallot);
            final long missing = ~votes[(int) slot & windowSlots - 1];
            for (int voter = 0; voter < members.size(); voter++) {
                final int to = members.id(voter);
                if ((missing & 1L << voter) == 0) {
                    continue;
                }
                if (to == self) {
                    outbox.afterSync(self).accepted(self, ballot, slot, slot); // it is in the log: we are reading it
                } else {
                    outbox.now(to).accept(self, ballot, slot, learner.chosenThrough(), buffer, offset, length);
                }
            }
        }
    }
}
