package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import io.paxos.spi.Probe;
import org.agrona.DirectBuffer;

/**
 * One replica's part in Multi-Paxos, in one epoch: receives messages, sends through an {@link Outbox}, and remembers in
 * an {@link AcceptorLog}.
 *
 * <p>Pure: the same messages, ticks and durable positions lead to the same messages and records. One thread. Each
 * concern is in a class of its own. This class connects them, and passes messages on:
 *
 * <pre>
 * Acceptor       promises and accepts          Proposer    campaigns and proposes; has the four below
 * Learner        knows what is chosen          Phase1      asks what was accepted
 * CatchUp        fetches what is missing       Phase2      proposes values and counts votes
 * Standing       role, and ballot followed     ReadIndex   finds the slot for a read of any replica
 * Election       decides when to campaign      Announcer   tells how far slots are chosen
 * Heartbeats     last answers of members       ReadAsker   asks the leader for the slot of own reads
 * DiskPatience   notices a log that hangs      ProgressPatience   notices that nothing is achieved
 * Relay          passes news of the leader on
 * </pre>
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, section 3</a>
 */
public final class MultiPaxos implements Messages {
    private final Configuration configuration;
    private final int self;
    private final ProtocolHost host;
    private final Acceptor acceptor;
    private final Learner learner;
    private final CatchUp catchUp;
    private final Standing standing;
    private final Election election;
    private final DiskPatience diskPatience;
    private final Proposer proposer;
    private final ReadAsker readAsker;
    private final Relay relay;
    private boolean isReplacing; // a snapshot is about to replace slots that are open here

    public MultiPaxos(
            final Configuration configuration,
            final AcceptorLog log,
            final Outbox outbox,
            final ProtocolHost host,
            final Probe probe,
            final ProtocolSettings settings) {
        this.configuration = configuration;
        self = configuration.self();
        this.host = host;
        probe.configuration(configuration.epoch());
        final int storedSlots = CatchUp.storedSlots(settings.windowSlots());
        acceptor = new Acceptor(configuration, log, outbox, probe, storedSlots);
        learner = new Learner(log, acceptor, probe, storedSlots);
        catchUp = new CatchUp(configuration, log, learner, outbox, storedSlots);
        standing = new Standing(configuration, acceptor.promised(), probe, this::standingChanged);
        final int patienceRounds = settings.patienceRounds();
        final long firstRound = (long) log.incarnation() << Integer.SIZE;
        final Heartbeats heartbeats = new Heartbeats(configuration, outbox, patienceRounds, firstRound);
        election = new Election(configuration, standing, heartbeats, settings.heartbeatIntervalNs(), patienceRounds);
        diskPatience = new DiskPatience(log, probe, settings.stallNs());
        proposer = new Proposer(configuration, log, acceptor, learner, standing, election, outbox, probe, settings);
        readAsker = new ReadAsker(configuration, outbox, host, firstRound);
        relay = new Relay(configuration, learner, outbox);
    }

    // Questions and calls of the host.

    public Configuration configuration() {
        return configuration;
    }

    public Role role() {
        return standing.role();
    }

    /** The ballot of the leader, or the last one known. {@link Ballot#NONE} if none is known. */
    public long following() {
        return standing.ballot();
    }

    /** The highest ballot promised. {@link Ballot#NONE} if none. */
    public long promised() {
        return acceptor.promised();
    }

    /** Every slot through this one is chosen, and its value is in the log here, or trimmed. */
    public long chosenThrough() {
        return learner.chosenThrough();
    }

    /** The number of members that answer, this one included. */
    public int connected() {
        return election.connected();
    }

    /** The members that answer, this one included, a bit for each voter. */
    public long connectedVoters() {
        return election.connectedVoters();
    }

    /** The chosen prefix that another member has named last; 0 if it has named none. */
    public long chosenThrough(final int voter) {
        return election.chosenThrough(voter);
    }

    /** How many rounds of heartbeats the last answer of another member took; 0 if less than one. */
    public int roundTripRounds(final int voter) {
        return election.roundTripRounds(voter);
    }

    /** Whether the members that answer are enough for both phases. */
    public boolean hasQuorum() {
        return election.hasQuorum();
    }

    /**
     * How many rounds of heartbeats the slowest of the members that answer took for its last answer; 0 if less than
     * one. At {@code patienceRounds} or more, each change of the delay can look like the end of a member.
     */
    public int roundTripRounds() {
        return election.roundTripRounds();
    }

    /** The member to give commands to: this one, the leader, a neighbour that passes them on, or 0 if none is known. */
    public int commandsTo() {
        return election.commandsTo();
    }

    /** The leader, if it is connected and says that it leads with a quorum. Otherwise 0. */
    public int leaderId() {
        return election.leaderId();
    }

    /**
     * Whether a command may be proposed now: this replica leads, has settled what it found, and the window has room.
     */
    public boolean mayPropose() {
        return proposer.mayPropose();
    }

    /** Proposes a value in the next slot. Only if {@link #mayPropose}. The value is copied before return. */
    public void propose(final DirectBuffer value, final int offset, final int length) {
        proposer.propose(value, offset, length);
    }

    /** Opens at most so many slots at once when it leads: the smallest window of all members is the one that counts. */
    public void limitWindow(final int slots) {
        proposer.limitWindow(slots);
    }

    /** Whether this replica leads, and a value that it has proposed is not chosen yet. */
    public boolean isProposing() {
        return proposer.isProposing();
    }

    /** Voters to which this leader may send proposals later than to the others, a bit each. 0 if it does not lead. */
    public long unneeded() {
        return proposer.unneeded();
    }

    /** Whether the next slot to apply, {@code slot}, is chosen and durable here. */
    public boolean mayApply(final long slot) {
        return slot <= learner.chosenThrough() && acceptor.isDurable(slot, learner.chosenThrough());
    }

    /**
     * The state machine has the state after all slots through this one, from a snapshot. Their values are in the log
     * here, or trimmed. A candidate or leader becomes a follower: what it is settling may be among these slots.
     */
    public void restored(final long throughSlot) {
        if (!standing.isFollower()) {
            standing.resign();
        }
        learner.restored(throughSlot);
        proposer.applied(throughSlot);
    }

    /**
     * All slots through this one are chosen, and a snapshot is about to replace what is here. Until then this replica
     * does not vote in them, does not fetch their values, and does not campaign. 0: none is.
     */
    public void replacing(final long throughSlot) {
        isReplacing = throughSlot > 0;
        acceptor.replacing(throughSlot);
        catchUp.pause(isReplacing);
    }

    /**
     * A snapshot of this slot or a later one is needed, because all members that know more have trimmed what is missing
     * here. 0 if none is needed.
     */
    public long snapshotNeeded() {
        return catchUp.snapshotNeeded();
    }

    /** Every other member has named a chosen prefix at least this long; 0 as long as one has named none. */
    public long slowest() {
        return election.slowest();
    }

    /** The state machine has applied every slot through this one. */
    public void applied(final long throughSlot) {
        proposer.applied(throughSlot);
    }

    /**
     * Asks the leader, perhaps this replica, for a slot at which reads of {@code round} can be served; through a
     * neighbour if this replica has no connection to the leader. Rounds only grow.
     */
    public void askRead(final long round) {
        readAsker.ask(configuration.ownVoter(), round, readsTo());
    }

    private int readsTo() {
        final int leaderId = leaderId();
        return leaderId != 0 ? leaderId : commandsTo();
    }

    /** Nanoseconds until {@link #tick} has something to do. Not positive if it has now. */
    public long untilTickNs(final long nowNs) {
        return election.untilDecisionNs(nowNs);
    }

    /** The transport has no way to this member: it counts as silent until it answers. Called before each tick. */
    public void lost(final int member) {
        final int voter = configuration.voter(member);
        if (voter >= 0) {
            election.lost(voter);
        }
    }

    /** Time passes: heartbeats, elections, repeats of what may have been lost. Returns the amount of work done. */
    public int tick(final long nowNs) {
        diskPatience.look(nowNs);
        if (election.untilDecisionNs(nowNs) > 0) {
            return 0;
        }
        proposer.giveWayIfFruitless(nowNs, diskPatience.limitNs());
        final boolean stalled = diskPatience.isStalled(nowNs);
        final boolean mayLead = !stalled && !isReplacing && proposer.mayLead();
        final boolean isReady = proposer.isReadyToLead();
        final boolean campaign = election.decide(nowNs, learner.chosenThrough(), stalled, mayLead, isReady);
        proposer.resignIfUnsupported();
        catchUp.tick();
        final boolean needsSnapshot = catchUp.snapshotNeeded() > 0;
        if (needsSnapshot && standing.isCandidate()) {
            standing.resign(); // the others wait for a candidate, and a snapshot can take minutes
        }
        readAsker.askAgain(readsTo());
        relay.tick();
        proposer.tick(campaign && !needsSnapshot, !needsSnapshot);
        return 1;
    }

    /** Sends what follows from all messages since the last call. Returns the amount of work done. */
    public int flushDecisions() {
        return catchUp.fetchMissing(Ballot.owner(standing.ballot())) + proposer.flush() + relay.flush();
    }

    // Messages of other members.

    @Override
    public void prepare(final int from, final long ballot, final long fromSlot) {
        if (Ballot.owner(ballot) != from || !configuration.isVoter(from) || !proposer.hasState()) {
            return; // without its state a replica would name a prefix that it can give to nobody
        }
        acceptor.prepare(from, ballot, fromSlot, learner.chosenThrough());
        followOwner(from);
    }

    @Override
    public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {
        if (standing.isCandidate() && configuration.isVoter(from)) {
            catchUp.knows(from, chosenThrough);
            proposer.promise(from, ballot, chosenThrough, lastSlot);
        }
    }

    @Override
    public void report(
            final int from,
            final long ballot,
            final long slot,
            final long acceptedBallot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        proposer.report(from, ballot, slot, acceptedBallot, value, offset, length);
    }

    @Override
    public void accept(
            final int from,
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (Ballot.owner(ballot) != from || !configuration.isVoter(from)) {
            return;
        }
        acceptor.accept(from, ballot, slot, learner.chosenThrough(), value, offset, length);
        followOwner(from);
        if (from != self) {
            catchUp.fed(ballot, chosenThrough);
            announced(from, ballot, chosenThrough);
        }
    }

    @Override
    public void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {
        proposer.accepted(from, ballot, fromSlot, throughSlot);
    }

    @Override
    public void reject(final int from, final long promised, final long slot) {
        if (promised <= standing.ballot()) {
            return;
        }
        final boolean wasLeader = standing.isLeader();
        standing.follow(promised);
        if (wasLeader && !election.isHappilyFollowed(promised) && election.hasQuorum()) {
            proposer.campaign(); // an old promise to a candidate that is gone: wins the acceptor back at once
        }
    }

    @Override
    public void chosen(final int from, final long ballot, final long throughSlot) {
        if (Ballot.owner(ballot) == from) {
            catchUp.fed(ballot, throughSlot);
        }
        announced(from, ballot, throughSlot);
    }

    @Override
    public void fetch(final int from, final long fromSlot, final long throughSlot) {
        catchUp.teach(from, fromSlot, throughSlot);
    }

    @Override
    public void learn(
            final int from,
            final long ballot,
            final long slot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (slot < 1 || ballot <= Ballot.NONE) {
            return;
        }
        catchUp.learn(from, ballot, slot, value, offset, length);
        if (acceptor.promised() > standing.ballot()) {
            standing.follow(acceptor.promised());
        }
    }

    @Override
    public void ping(final int from, final long round) {
        election.ping(from, round, proposer.hasState() ? learner.chosenThrough() : 0);
        if (configuration.isVoter(from)) {
            host.pinged(from);
        }
    }

    @Override
    public void pong(
            final int from, final long round, final long itsFollowing, final boolean happy, final long chosenThrough) {
        final int voter = configuration.voter(from);
        if (voter < 0) {
            return;
        }
        election.pong(voter, round, itsFollowing, happy, chosenThrough);
        proposer.heard(voter);
        catchUp.knows(from, chosenThrough);
        final boolean isLeader = happy && Ballot.owner(itsFollowing) == from && itsFollowing >= acceptor.promised();
        if (isLeader && (itsFollowing > standing.ballot() || !election.hasHappyLeader(standing.ballot()))) {
            if (standing.isFollowing(itsFollowing)) {
                election.standingChanged(); // no change, but news of the leader
            } else {
                standing.followLeader(itsFollowing, acceptor.promised());
            }
        }
    }

    @Override
    public void forward(final int from, final DirectBuffer commands, final int offset, final int length) {
        if (configuration.isVoter(from)) {
            if (standing.isLeader()) {
                proposer.forwarded(from);
            } else if (from != self) {
                relay.passedOn(configuration.voter(from));
            }
            host.forwarded(from, commands, offset, length);
        }
    }

    @Override
    public void askRead(final int from, final long round) {
        final int leaderId = leaderId();
        if (leaderId == self) {
            proposer.askRead(from, round);
        } else if (leaderId != 0 && leaderId != from && from != self && configuration.isVoter(from)) {
            final int voter = configuration.voter(from);
            relay.passedOn(voter);
            readAsker.ask(voter, round, leaderId);
        }
    }

    @Override
    public void confirm(final int from, final long ballot, final long round) {
        acceptor.confirm(from, ballot, round);
    }

    @Override
    public void confirmed(final int from, final long ballot, final long round) {
        proposer.confirmed(from, ballot, round);
    }

    @Override
    public void readAt(final int from, final long ballot, final long round, final long slot) {
        if (from != self && Ballot.owner(ballot) == from) {
            announced(from, ballot, slot);
        }
        readAsker.answered(ballot, round, slot);
    }

    @Override
    public void applied(final int from, final long slot, final long values, final long replies) {
        if (configuration.isVoter(from)) {
            proposer.voterApplied(configuration.voter(from), slot);
            host.applied(from, slot, values, replies);
        }
    }

    @Override
    public void wallClock(final int from, final long timeMs) {
        if (configuration.isVoter(from)) {
            host.wallClock(from, timeMs);
        }
    }

    @Override
    public void full(final int from, final long ballot) {
        if (standing.isFollower() && ballot == standing.ballot() && Ballot.owner(ballot) == from) {
            host.leaderFull();
        }
    }

    @Override
    public void trimmed(final int from, final long firstSlot) {
        catchUp.trimmed(from, firstSlot);
    }

    @Override
    public void askSnapshot(final int from, final long throughSlot) {
        if (configuration.isVoter(from)) {
            host.askSnapshot(from, throughSlot);
        }
    }

    @Override
    public void snapshot(final int from, final long slot, final long id, final long length) {
        if (configuration.isVoter(from)) {
            host.snapshot(from, slot, id, length);
        }
    }

    @Override
    public void fetchSnapshot(final int from, final long slot, final long id, final long position) {
        if (configuration.isVoter(from)) {
            host.fetchSnapshot(from, slot, id, position);
        }
    }

    @Override
    public void snapshotBytes(
            final int from,
            final long slot,
            final long id,
            final long position,
            final DirectBuffer bytes,
            final int offset,
            final int length) {
        if (configuration.isVoter(from)) {
            host.snapshotBytes(from, slot, id, position, bytes, offset, length);
        }
    }

    // Inside.

    private void announced(final int from, final long ballot, final long throughSlot) {
        learner.announced(ballot, throughSlot);
        catchUp.knows(from, throughSlot);
    }

    /** After a message of {@code from} in its own ballot, which may have raised the promise. */
    private void followOwner(final int from) {
        final long promised = acceptor.promised();
        if (promised > standing.ballot()) {
            standing.follow(promised);
            election.received(configuration.voter(from), promised);
        }
    }

    private void standingChanged() {
        assert standing.ballot() >= acceptor.promised() : standing + " below the promise of " + acceptor.promised();
        election.standingChanged();
        if (standing.isFollower()) {
            proposer.end();
        }
        host.roleChanged();
    }
}
