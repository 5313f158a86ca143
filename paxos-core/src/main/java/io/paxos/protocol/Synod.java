package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Claims;
import io.paxos.spi.IgnoredMessages;
import io.paxos.spi.Outbox;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Single-decree Paxos, for any number of decrees. Each decree is a slot with promises, ballots and a proposer of its
 * own.
 *
 * <p>Pure, like {@link MultiPaxos}: one thread, no clock but ticks. It uses the messages {@code prepare}, {@code
 * report}, {@code accept}, {@code accepted}, {@code reject} and {@code learn}. The slot in them is the decree. A report
 * is the promise, because there is one slot to report. Every member may propose at any time. There is no leader.
 * Proposers whose ballots are refused wait for a growing number of ticks, which differs from member to member.
 *
 * <p>Example: members 1, 2, 3. Member 1 proposes x for decree 7 in ballot 1.1, and members 1 and 2 accept it. Before
 * member 1 knows, member 3 proposes y in ballot 1.3. Member 2 promises 1.3 and reports x, accepted in 1.1. So member 3
 * sends x in ballot 1.3, not y, and both proposers are told that x is chosen.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, section 2</a>
 * @see <a href="https://lamport.azurewebsites.net/pubs/lamport-paxos.pdf">The Part-Time Parliament, section 2
 *     (Synod)</a>
 */
public final class Synod extends IgnoredMessages {
    /** Is told what was decided. Called from within the methods of {@link Synod}. */
    public interface Host {
        /**
         * This value of a decree is chosen, whoever proposed it. The call may be repeated, also for a decree that was
         * never proposed here. The value is valid during the call.
         */
        void chosen(long decree, DirectBuffer value, int offset, int length);
    }

    private static final int BACK_OFF_DOUBLINGS = 5;

    /** One decree that is being proposed here. In phase 1 until {@code value} is set, then in phase 2. */
    private static final class Proposal {
        private final byte[] ownValue;
        private long ballot; // ours; NONE while it waits for the next attempt
        private long highest; // of all ballots known for this decree; never falls
        private long promises; // voters that have promised ballot, a bit each
        private long votes; // voters that have accepted value in ballot, a bit each
        private long bestBallot; // the highest in which one of them has accepted a value; NONE if none has
        private byte[] bestValue; // the value accepted in bestBallot
        private byte[] value; // what phase 2 proposes; null in phase 1
        private int attempts; // how many ballots were refused
        private int ticksToWait; // until the next attempt; 0 unless a ballot was refused

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

    /** The number of decrees that are being proposed here. The caller bounds it. */
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

    /** Proposes this decree no longer. Messages that were sent may still lead to a choice. */
    public void abandon(final long decree) {
        proposals.remove(decree);
    }

    /**
     * Time has passed: open decrees are asked for again, or begun in a higher ballot. Returns the amount of work done.
     */
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
        if (!log.hasRoomFor(log.valueLengthMax())) {
            proposal.ballot = Ballot.NONE;
            proposal.ticksToWait = 1;
            return;
        }
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
        final long missing = configuration.otherVoters() & ~proposal.promises;
        final long ballot = proposal.ballot;
        outbox.now(self).prepare(self, ballot, decree);
        for (long rest = missing; rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int to = configuration.id(Configuration.first(rest));
            outbox.afterSync(to).prepare(self, ballot, decree); // after the own promise is durable: see Claims
        }
    }

    private void askForVotes(final long decree, final Proposal proposal) {
        final long missing = configuration.voters() & ~proposal.votes;
        for (long rest = missing; rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int to = configuration.id(Configuration.first(rest));
            view.wrap(proposal.value);
            outbox.now(to).accept(self, proposal.ballot, decree, 0, view, 0, proposal.value.length);
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
        proposal.promises |= Configuration.bit(voter);
        if (acceptedBallot > proposal.bestBallot) {
            proposal.bestBallot = acceptedBallot;
            proposal.bestValue = copy(value, offset, length);
        }
        final boolean isOwnDurable = Configuration.contains(proposal.promises, configuration.ownVoter());
        if (isOwnDurable && configuration.isPhase1(proposal.promises)) {
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
        proposal.votes |= Configuration.bit(voter);
        if (configuration.isPhase2(proposal.votes)) {
            proposals.remove(decree);
            final UnsafeBuffer chosen = new UnsafeBuffer(proposal.value);
            for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
                final int to = configuration.id(Configuration.first(rest));
                outbox.now(to).learn(self, ballot, decree, chosen, 0, chosen.capacity());
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
        proposal.ballot = Ballot.NONE; // late answers to it count for nothing: a ballot is never begun twice
        if (proposal.ticksToWait == 0) {
            proposal.ticksToWait = backOff(proposal.attempts++);
        }
    }

    /** The ticks to wait after this many refusals: from a range that doubles, different for each member. */
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
            if (!log.hasRoomFor(0)) {
                return;
            }
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
        } else if (log.hasRoomFor(length)) {
            log.accept(ballot, decree, 0, value, offset, length);
        } else {
            return;
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
        if (decree < 1 || !configuration.isVoter(from)) {
            return;
        }
        proposals.remove(decree);
        host.chosen(decree, value, offset, length);
    }

    /** Reports to a proposer what was accepted for one decree. */
    private final class Reporter implements AcceptorLog.ValueReader {
        private Claims answer;
        private long ballot;

        void report(final Claims to, final long toBallot, final long decree) {
            answer = to;
            ballot = toBallot;
            if (log.read(decree, this) != AcceptorLog.ReadResult.FOUND) {
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
}
