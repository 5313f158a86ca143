package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Claims;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Single-decree Paxos, many times over: each decree is a slot with promises, ballots and a proposer of its own.
 *
 * <p>Pure, like {@link MultiPaxos}: one thread, no clock but ticks. Of the messages it uses {@code prepare}, {@code report}
 * (which is the promise, since there is one slot to report), {@code accept}, {@code accepted}, {@code reject} and {@code
 * learn}; the slot in them is the decree. Anyone may propose at any time; there is no leader. Those who get in each other's
 * way wait for a growing number of ticks that differs from member to member.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, section 2</a>
 * @see <a href="https://lamport.azurewebsites.net/pubs/lamport-paxos.pdf">The Part-Time Parliament, section 2 (Synod)</a>
 */
public final class Synod implements Messages {
    /** Hears what was decided; called from within the methods of {@link Synod}. */
    public interface Host {
        /** The value of a decree that was proposed here is chosen, perhaps another than ours. Valid during the call. */
        void chosen(long decree, DirectBuffer value, int offset, int length);
    }

    private static final int BACK_OFF_DOUBLINGS = 5;

    /** One decree that is being proposed here. */
    private static final class Proposal {
        private final byte[] ownValue;
        private long ballot; // none while it waits for the next attempt
        private long highest; // of all ballots heard of
        private long promises; // voters, a bit each
        private long votes;
        private long bestBallot; // the highest in which something was reported accepted
        private byte[] value; // what phase 2 proposes; null in phase 1
        private byte[] bestValue;
        private int attempts;
        private int ticksToWait;

        Proposal(final byte[] ownValue) {
            this.ownValue = ownValue;
        }
    }

    private final int self;
    private final Configuration configuration;
    private final AcceptorLog log;
    private final Outbox outbox;
    private final Host host;
    private final Long2ObjectHashMap<Proposal> proposals = new Long2ObjectHashMap<>();
    private final UnsafeBuffer view = new UnsafeBuffer();
    private final Reporter reporter = new Reporter();
    private final OneValue oneValue;

    public Synod(final Configuration configuration, final AcceptorLog log, final Outbox outbox, final Host host) {
        self = configuration.self();
        this.configuration = configuration;
        this.log = log;
        this.outbox = outbox;
        this.host = host;
        oneValue = new OneValue(log);
    }

    /** How many decrees are being proposed here; the caller bounds it. */
    public int open() {
        return proposals.size();
    }

    /** Whether this decree is being proposed here. */
    public boolean isOpen(final long decree) {
        return proposals.containsKey(decree);
    }

    /** Proposes a value for a decree >= 1 that is not being proposed here; the array is kept. */
    public void propose(final long decree, final byte[] value) {
        assert decree > 0 && !isOpen(decree) : "decree=" + decree;
        final Proposal proposal = new Proposal(value);
        proposals.put(decree, proposal);
        prepare(decree, proposal);
    }

    /** Gives up on a decree; what has been said about it stays said. */
    public void abandon(final long decree) {
        proposals.remove(decree);
    }

    /** Some time has passed: whatever is open is repeated, or begun again in a higher ballot. Returns the work done. */
    public int tick() {
        final Long2ObjectHashMap<Proposal>.EntryIterator open =
                proposals.entrySet().iterator();
        while (open.hasNext()) {
            open.next();
            tick(open.getLongKey(), open.getValue());
        }
        return proposals.size();
    }

    private void tick(final long decree, final Proposal proposal) {
        if (proposal.ticksToWait > 0) {
            proposal.ticksToWait--;
            if (proposal.ticksToWait == 0) {
                prepare(decree, proposal);
            }
        } else if (proposal.value == null) {
            askForPromises(decree, proposal);
        } else {
            askForVotes(decree, proposal);
        }
    }

    // Proposer: phases 1a and 2a, and the counting of 1b and 2b.

    private void prepare(final long decree, final Proposal proposal) {
        proposal.highest = Math.max(proposal.highest, log.promised(decree));
        proposal.ballot = Ballot.above(proposal.highest, self);
        proposal.highest = proposal.ballot;
        proposal.promises = 0;
        proposal.votes = 0;
        proposal.bestBallot = Ballot.NONE;
        proposal.bestValue = null;
        proposal.value = null;
        proposal.ticksToWait = 0;
        askForPromises(decree, proposal);
    }

    private void askForPromises(final long decree, final Proposal proposal) {
        final long missing = ~proposal.promises;
        final long ballot = proposal.ballot;
        outbox.now(self).prepare(self, ballot, decree);
        for (int voter = 0; voter < configuration.size(); voter++) {
            if ((missing & 1L << voter) != 0 && configuration.id(voter) != self) {
                // after the own promise: see Claims
                outbox.afterSync(configuration.id(voter)).prepare(self, ballot, decree);
            }
        }
    }

    private void askForVotes(final long decree, final Proposal proposal) {
        final long missing = ~proposal.votes;
        for (int voter = 0; voter < configuration.size(); voter++) {
            if ((missing & 1L << voter) != 0) {
                view.wrap(proposal.value);
                outbox.now(configuration.id(voter))
                        .accept(self, proposal.ballot, decree, 0, view, 0, proposal.value.length);
            }
        }
    }

    @Override
    public void report(
            final int from,
            final long ballot,
            final long decree,
            final long acceptedBallot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        final Proposal proposal = proposals.get(decree);
        final int voter = configuration.voter(from);
        if (proposal == null || voter < 0 || proposal.ballot != ballot || proposal.value != null) {
            return;
        }
        proposal.promises |= 1L << voter;
        if (acceptedBallot > proposal.bestBallot) {
            proposal.bestBallot = acceptedBallot;
            proposal.bestValue = copy(value, offset, length);
        }
        final boolean ownIsDurable = (proposal.promises & configuration.ownBit()) != 0;
        if (ownIsDurable && configuration.isPhase1(proposal.promises)) {
            proposal.value = proposal.bestBallot == Ballot.NONE ? proposal.ownValue : proposal.bestValue;
            askForVotes(decree, proposal);
        }
    }

    @Override
    public void accepted(final int from, final long ballot, final long decree, final long throughDecree) {
        final Proposal proposal = proposals.get(decree);
        final int voter = configuration.voter(from);
        if (proposal == null || voter < 0 || proposal.ballot != ballot || proposal.value == null) {
            return;
        }
        proposal.votes |= 1L << voter;
        if (configuration.isPhase2(proposal.votes)) {
            proposals.remove(decree);
            final UnsafeBuffer chosen = new UnsafeBuffer(proposal.value);
            for (int other = 0; other < configuration.size(); other++) {
                if (configuration.id(other) != self) {
                    outbox.now(configuration.id(other)).learn(self, ballot, decree, chosen, 0, chosen.capacity());
                }
            }
            host.chosen(decree, chosen, 0, chosen.capacity());
        }
    }

    @Override
    public void reject(final int from, final long promised, final long decree) {
        final Proposal proposal = proposals.get(decree);
        if (proposal == null || promised <= proposal.ballot) {
            return;
        }
        proposal.highest = Math.max(promised, proposal.highest);
        proposal.ballot = Ballot.NONE; // late answers to it no longer count: a ballot is never begun twice
        if (proposal.ticksToWait == 0) {
            proposal.ticksToWait = backOff(proposal.attempts++);
        }
    }

    /** Ticks to wait after this many failures: spread over a range that doubles, differently for each member. */
    private int backOff(final int attempts) {
        final int range = 1 << Math.min(attempts, BACK_OFF_DOUBLINGS);
        final int mixed = (self * 31 + attempts) * 0x9E3779B9;
        return 1 + Integer.remainderUnsigned(mixed >>> 8, range);
    }

    // Acceptor: phases 1b and 2b.

    @Override
    public void prepare(final int from, final long ballot, final long decree) {
        if (Ballot.owner(ballot) != from || !configuration.isVoter(from) || decree < 1) {
            return;
        }
        final long promised = log.promised(decree);
        if (ballot < promised) {
            outbox.now(from).reject(self, promised, decree);
            return;
        }
        if (ballot > promised) {
            log.promise(ballot, decree);
        }
        reporter.report(outbox.afterSync(from), ballot, decree);
    }

    @Override
    public void accept(
            final int from,
            final long ballot,
            final long decree,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (Ballot.owner(ballot) != from || !configuration.isVoter(from) || decree < 1) {
            return;
        }
        final long promised = log.promised(decree);
        if (ballot < promised) {
            outbox.now(from).reject(self, promised, decree);
            return;
        }
        if (log.acceptedBallot(decree) == ballot) {
            oneValue.require(OneValue.PER_BALLOT, decree, value, offset, length);
        } else {
            log.accept(ballot, decree, 0, value, offset, length);
        }
        outbox.afterSync(from).accepted(self, ballot, decree, decree);
    }

    // Learner.

    @Override
    public void learn(
            final int from,
            final long ballot,
            final long decree,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (proposals.remove(decree) != null) {
            host.chosen(decree, value, offset, length);
        }
    }

    /** Tells one proposer what was accepted for one decree. */
    private final class Reporter implements AcceptorLog.ValueReader {
        private Claims answer;
        private long ballot;

        void report(final Claims to, final long toBallot, final long decree) {
            answer = to;
            ballot = toBallot;
            if (!log.read(decree, this)) {
                answer.report(self, ballot, decree, Ballot.NONE, Acceptor.NOTHING, 0, 0);
            }
        }

        @Override
        public void value(
                final long decree, final long accepted, final DirectBuffer buffer, final int offset, final int length) {
            answer.report(self, ballot, decree, accepted, buffer, offset, length);
        }
    }

    private static byte[] copy(final DirectBuffer value, final int offset, final int length) {
        final byte[] copy = new byte[length];
        value.getBytes(offset, copy);
        return copy;
    }

    // Multi-Paxos alone says these.

    @Override
    public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {}

    @Override
    public void chosen(final int from, final long ballot, final long throughSlot) {}

    @Override
    public void fetch(final int from, final long fromSlot, final long throughSlot) {}

    @Override
    public void ping(final int from, final long round) {}

    @Override
    public void pong(
            final int from, final long round, final long following, final boolean happy, final long chosenThrough) {}

    @Override
    public void forward(final int from, final DirectBuffer commands, final int offset, final int length) {}

    @Override
    public void askRead(final int from, final long round) {}

    @Override
    public void confirm(final int from, final long ballot, final long round) {}

    @Override
    public void confirmed(final int from, final long ballot, final long round) {}

    @Override
    public void readAt(final int from, final long ballot, final long round, final long slot) {}
}
