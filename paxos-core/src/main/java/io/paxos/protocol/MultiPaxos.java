package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import io.paxos.spi.Probe;
import org.agrona.DirectBuffer;

/**
 * One replica's part in Multi-Paxos: hears messages, speaks through an {@link Outbox}, remembers in an {@link AcceptorLog}.
 *
 * <p>Pure: the same messages, ticks and durable positions give the same words and records. One thread. The roles are in
 * classes of their own, {@link Acceptor}, {@link Phase1} (phase 1), {@link Phase2} (phase 2), {@link Learner} and {@link
 * Election}; this class passes the words on and keeps the one thing that they share: which ballot is followed.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, section 3</a>
 */
public final class MultiPaxos implements Messages {
    /** What the protocol needs of its host; called from within the methods of this class. */
    public interface Host {
        /** Commands from another replica, to be proposed here or passed on to the leader. */
        void forwarded(int from, DirectBuffer commands, int offset, int length);

        /** Reads of this replica through this round may be served once {@code slot} is applied. */
        void readable(long round, long slot);

        /** The role, or the ballot followed, has changed. */
        void roleChanged();
    }

    /**
     * How the protocol is set; the same on every member is best, but safety does not need it.
     *
     * @param windowSlots how many slots may be open at once; a power of two
     * @param heartbeatIntervalNs length of an election round
     * @param patienceRounds how many rounds a silent member still counts as connected
     * @param stallNs how long the own log may make no progress before leadership is given up; a disk that has taken longer
     *     before is given more, up to 32 times as much
     */
    public record Settings(int windowSlots, long heartbeatIntervalNs, int patienceRounds, long stallNs) {
        public Settings {
            if (windowSlots < 1 || windowSlots > 1 << 14 || Integer.bitCount(windowSlots) != 1) {
                throw new IllegalArgumentException("windowSlots must be a power of two, 1..16384: " + windowSlots);
            }
            if (heartbeatIntervalNs < 1) {
                throw new IllegalArgumentException("heartbeatIntervalNs must be positive: " + heartbeatIntervalNs);
            }
            if (patienceRounds < 1) {
                throw new IllegalArgumentException("patienceRounds must be positive: " + patienceRounds);
            }
            if (stallNs < 1) {
                throw new IllegalArgumentException("stallNs must be positive: " + stallNs);
            }
        }
    }

    private static final int STALL_DECAY = 8; // of the patience with a slow disk, at each sync
    private static final int STALLS_MAX = 32; // times stallNs: no disk is given more

    private final Configuration configuration;
    private final int self;
    private final AcceptorLog log;
    private final Outbox outbox;
    private final Host host;
    private final long stallNs;
    private final Acceptor acceptor;
    private final Learner learner;
    private final CatchUp catchUp;
    private final Phase1 phase1;
    private final Phase2 phase2;
    private final Election election;
    private final ReadIndex reads;

    private Role role = Role.FOLLOWER;
    private long following; // the ballot of the leader believed in; not below what is promised
    private long recoveredThrough; // the last slot that phase 1 of our ballot has to settle
    private long appliedThrough;
    private long announcedThrough; // the chosen prefix that those who wait were last told
    private long waiting; // voters whose commands are under way, a bit each: they want to hear of the choice at once
    private long askedReadRound; // the last read round of this replica's that has not been answered; 0 if none
    private long durableAtProgress = -1;
    private long progressNs;
    private long stallLimitNs;

    public MultiPaxos(
            final Configuration configuration,
            final AcceptorLog log,
            final Outbox outbox,
            final Host host,
            final Probe probe,
            final Settings settings) {
        this.configuration = configuration;
        self = configuration.self();
        this.log = log;
        this.outbox = outbox;
        this.host = host;
        stallNs = settings.stallNs();
        stallLimitNs = stallNs;
        final int windowSlots = settings.windowSlots();
        acceptor = new Acceptor(configuration, log, outbox, probe, windowSlots * 2);
        learner = new Learner(log, acceptor, probe, windowSlots * 2);
        catchUp = new CatchUp(configuration, log, learner, outbox, windowSlots * 2);
        phase1 = new Phase1(configuration, outbox);
        phase2 = new Phase2(configuration, log, learner, outbox, probe, windowSlots);
        election = new Election(
                configuration,
                outbox,
                settings.heartbeatIntervalNs(),
                settings.patienceRounds(),
                (long) log.incarnation() << Integer.SIZE);
        reads = new ReadIndex(configuration, outbox);
        following = acceptor.promised();
        election.follows(following, Role.FOLLOWER);
    }

    // What the host asks and tells.

    public Configuration configuration() {
        return configuration;
    }

    public Role role() {
        return role;
    }

    /** The ballot followed: of the leader believed in, or of the last one known. */
    public long following() {
        return following;
    }

    /** The highest ballot promised. */
    public long promised() {
        return acceptor.promised();
    }

    public long chosenThrough() {
        return learner.chosenThrough();
    }

    /** How many members answer, this one included. */
    public int connected() {
        return election.connected();
    }

    /**
     * Whom to give commands to: itself, the leader, a neighbour who hears the leader, or 0 if nobody is known. A candidate
     * keeps its own: a neighbour that is happy with it would have to send them back, and drops them.
     */
    public int commandsTo() {
        if (role == Role.LEADER) {
            return election.isHappy() ? self : 0;
        }
        if (role == Role.CANDIDATE) {
            return 0;
        }
        final int leaderId = leaderId();
        return leaderId != 0 ? leaderId : election.happyNeighbour();
    }

    /** The leader, if it is heard and says that it leads with a quorum; else 0. */
    public int leaderId() {
        if (role == Role.LEADER) {
            return self;
        }
        return election.hearsHappyLeader(following) ? Ballot.owner(following) : 0;
    }

    /** Whether a command may be proposed now: this replica leads, has settled what it found, and the window has room. */
    public boolean mayPropose() {
        return role == Role.LEADER
                && election.isHappy()
                && phase2.nextSlot() > recoveredThrough
                && phase2.hasRoom(appliedThrough);
    }

    /** Proposes a value in the next slot. Only if {@link #mayPropose}. */
    public void propose(final DirectBuffer value, final int offset, final int length) {
        assert mayPropose();
        phase2.propose(value, offset, length);
    }

    /** Whether this replica leads, and something that it has proposed is not chosen yet. */
    public boolean isProposing() {
        return role == Role.LEADER && phase2.nextSlot() > learner.chosenThrough() + 1;
    }

    /** Voters whom this replica, while it leads, may tell of proposals later than the others, a bit each. */
    public long unneeded() {
        return role == Role.LEADER ? phase2.unneeded() : 0;
    }

    /** Whether the next slot to apply, {@code slot}, is chosen and durable here. */
    public boolean mayApply(final long slot) {
        return slot <= learner.chosenThrough() && acceptor.isDurable(slot, learner.chosenThrough());
    }

    /** The state machine has applied every slot through this one. */
    public void applied(final long throughSlot) {
        Safety.require(
                throughSlot <= learner.chosenThrough(), "applied <= chosen", learner.chosenThrough(), throughSlot);
        appliedThrough = throughSlot;
    }

    /** Asks the leader, perhaps itself, for a slot at which reads of {@code round} can be served; rounds only grow. */
    public void askRead(final long round) {
        askedReadRound = round;
        askReadAgain();
    }

    /** How long until {@link #tick} has something to do; not positive if it has now. */
    public long untilTickNs(final long nowNs) {
        return election.untilDecisionNs(nowNs);
    }

    /** The transport knows of no way to this member: it counts as silent until it answers. Told before each tick. */
    public void lost(final int member) {
        final int voter = configuration.voter(member);
        if (voter >= 0) {
            election.lost(voter);
        }
    }

    /** Time passes: heartbeats, elections, repeats of what may have been lost. Returns the amount of work done. */
    public int tick(final long nowNs) {
        final boolean stalled = isStalled(nowNs);
        if (election.untilDecisionNs(nowNs) > 0) {
            return 0;
        }
        final boolean campaign =
                election.decide(nowNs, learner.chosenThrough(), stalled, phase2.wouldHaveRoom(appliedThrough));
        if (!election.isHappy() && (role == Role.CANDIDATE || (role == Role.LEADER && election.hearsQuorum()))) {
            become(Role.FOLLOWER, following); // a leader who merely hears nobody may go on when they are back
        }
        catchUp.tick();
        askReadAgain();
        switch (role) {
            case FOLLOWER -> {
                if (campaign) {
                    campaign();
                }
            }
            case CANDIDATE -> {
                if (phase1.isStuckAfterTick(learner.chosenThrough())) {
                    campaign();
                } else {
                    phase1.askAgain();
                }
            }
            case LEADER -> {
                if (election.hasUnledBallot()) {
                    campaign(); // take back those who have promised somebody who is gone
                } else {
                    phase2.tick();
                    reads.askAgain();
                    announce(-1L);
                }
            }
        }
        return 1;
    }

    /** Says what all that was heard since the last call adds up to. Returns the amount of work done. */
    public int flushDecisions() {
        int work = catchUp.fetchMissing();
        if (role == Role.CANDIDATE) {
            leadIfWon(); // what it waited for may have been learned in any way
        }
        if (role == Role.LEADER) {
            work += proposeRecovered();
            work += announceToWaiting();
            reads.flush(learner.chosenThrough());
        }
        return work;
    }

    // What other members say.

    @Override
    public void prepare(final int from, final long ballot, final long fromSlot) {
        if (Ballot.owner(ballot) != from || !configuration.isVoter(from)) {
            return;
        }
        acceptor.prepare(from, ballot, fromSlot, learner.chosenThrough());
        followOwner(from);
    }

    @Override
    public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {
        final int voter = configuration.voter(from);
        if (role == Role.CANDIDATE && voter >= 0) {
            phase1.promise(voter, ballot, chosenThrough, lastSlot);
            catchUp.knows(from, chosenThrough);
            leadIfWon();
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
        final int voter = configuration.voter(from);
        if (role == Role.CANDIDATE && voter >= 0) {
            phase1.report(voter, ballot, slot, acceptedBallot, value, offset, length);
            phase1.askForMore(voter);
            leadIfWon();
        }
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
            announced(from, ballot, chosenThrough);
        }
    }

    @Override
    public void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {
        final int voter = configuration.voter(from);
        if (role == Role.LEADER && voter >= 0) {
            phase2.accepted(voter, ballot, fromSlot, throughSlot);
        }
    }

    @Override
    public void reject(final int from, final long promised, final long slot) {
        if (promised <= following) {
            return;
        }
        final boolean led = role == Role.LEADER;
        become(Role.FOLLOWER, promised);
        if (led && !election.isHappilyFollowed(promised) && election.hearsQuorum()) {
            campaign(); // an old promise to a candidate who is gone: take the acceptor back at once
        }
    }

    @Override
    public void chosen(final int from, final long ballot, final long throughSlot) {
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
        catchUp.learn(ballot, slot, value, offset, length);
        followIfHigher(acceptor.promised());
    }

    @Override
    public void ping(final int from, final long round) {
        election.ping(from, round, learner.chosenThrough());
    }

    @Override
    public void pong(
            final int from, final long round, final long itsFollowing, final boolean happy, final long chosenThrough) {
        final int voter = configuration.voter(from);
        if (voter < 0) {
            return;
        }
        election.pong(voter, round, itsFollowing, happy, chosenThrough);
        catchUp.knows(from, chosenThrough);
        final boolean isLeader = happy && Ballot.owner(itsFollowing) == from && itsFollowing >= acceptor.promised();
        if (isLeader && (itsFollowing > following || !election.hearsHappyLeader(following))) {
            become(Role.FOLLOWER, itsFollowing);
        }
    }

    @Override
    public void forward(final int from, final DirectBuffer commands, final int offset, final int length) {
        final int voter = configuration.voter(from);
        if (voter >= 0) {
            waiting |= 1L << voter;
            host.forwarded(from, commands, offset, length);
        }
    }

    /** Answered only when all that phase 1 found is chosen: before, an older leader's choice might lie above. */
    @Override
    public void askRead(final int from, final long round) {
        final int voter = configuration.voter(from);
        if (role == Role.LEADER && voter >= 0 && learner.chosenThrough() >= recoveredThrough) {
            reads.ask(voter, round, learner.chosenThrough());
        }
    }

    @Override
    public void confirm(final int from, final long ballot, final long round) {
        if (acceptor.promised() > ballot) {
            outbox.now(from).reject(self, acceptor.promised(), 0);
        } else {
            outbox.now(from).confirmed(self, ballot, round);
        }
    }

    @Override
    public void confirmed(final int from, final long ballot, final long round) {
        final int voter = configuration.voter(from);
        if (role == Role.LEADER && voter >= 0) {
            reads.confirmed(voter, ballot, round, learner.chosenThrough());
        }
    }

    @Override
    public void readAt(final int from, final long ballot, final long round, final long slot) {
        if (from != self) {
            announced(from, ballot, slot);
        }
        if (round >= askedReadRound) {
            askedReadRound = 0;
        }
        host.readable(round, slot);
    }

    // Inside.

    private void announced(final int from, final long ballot, final long throughSlot) {
        learner.announced(ballot, throughSlot);
        catchUp.knows(from, throughSlot);
    }

    private void campaign() {
        final long known = Math.max(following, election.unledBallot());
        final long ballot = Ballot.above(Math.max(known, acceptor.promised()), self);
        become(Role.CANDIDATE, ballot);
        phase1.begin(ballot, learner.chosenThrough());
    }

    /** Phase 1 is won when a quorum has told all, and when what it knows to be chosen is known here too. */
    private void leadIfWon() {
        if (!phase1.isWon() || learner.chosenThrough() < phase1.base()) {
            return;
        }
        Safety.require(acceptor.promised() == following, "a leader has promised its own ballot", following, promised());
        recoveredThrough = phase1.throughSlot();
        phase2.begin(following, learner.chosenThrough() + 1);
        reads.begin(following);
        announcedThrough = 0;
        waiting = 0;
        become(Role.LEADER, following);
        proposeRecovered();
    }

    private int proposeRecovered() {
        int work = 0;
        while (phase2.nextSlot() <= recoveredThrough && phase2.hasRoom(appliedThrough)) {
            final DirectBuffer value = phase1.value(phase2.nextSlot());
            phase2.propose(value, 0, value.capacity());
            work++;
        }
        if (phase2.nextSlot() > recoveredThrough) {
            phase1.end();
        }
        return work;
    }

    private void askReadAgain() {
        final int leaderId = leaderId();
        if (askedReadRound != 0 && leaderId != 0) {
            outbox.now(leaderId).askRead(self, askedReadRound);
        }
    }

    /** Those who have passed on commands hear of the choice at once; others with the next proposal or heartbeat. */
    private int announceToWaiting() {
        if (waiting == 0 || learner.chosenThrough() == announcedThrough) {
            return 0;
        }
        announce(waiting);
        announcedThrough = learner.chosenThrough();
        if (phase2.nextSlot() == announcedThrough + 1) {
            waiting = 0;
        }
        return 1;
    }

    private void announce(final long voters) {
        for (int voter = 0; voter < configuration.size(); voter++) {
            if ((voters & 1L << voter) != 0 && configuration.id(voter) != self) {
                outbox.now(configuration.id(voter)).chosen(self, following, learner.chosenThrough());
            }
        }
    }

    /** After a word of {@code from}, which may have been promised a higher ballot by it. */
    private void followOwner(final int from) {
        final long promised = acceptor.promised();
        if (promised > following) {
            become(Role.FOLLOWER, promised);
            election.received(configuration.voter(from), promised);
        }
    }

    private void followIfHigher(final long ballot) {
        if (ballot > following) {
            become(Role.FOLLOWER, ballot);
        }
    }

    private void become(final Role newRole, final long ballot) {
        assert ballot >= acceptor.promised() : "promised=" + acceptor.promised() + " ballot=" + ballot;
        final boolean isNew = newRole != role || ballot != following;
        role = newRole;
        following = ballot;
        election.follows(ballot, newRole);
        if (newRole == Role.FOLLOWER) {
            phase1.end();
        }
        if (isNew) {
            host.roleChanged();
        }
    }

    /**
     * Whether the own log has had something to sync for too long without getting anywhere. A disk that got there at last was
     * slow, it did not hang: it is given twice that time from then on, or leadership would go round and round between members
     * whose disks are all as slow.
     */
    private boolean isStalled(final long nowNs) {
        final long durable = log.durablePosition();
        if (durable != durableAtProgress && durableAtProgress >= 0) {
            final long tookNs = nowNs - progressNs;
            stallLimitNs =
                    Math.max(stallLimitNs - stallLimitNs / STALL_DECAY, Math.min(2 * tookNs, STALLS_MAX * stallNs));
            stallLimitNs = Math.max(stallLimitNs, stallNs);
        }
        if (durable != durableAtProgress || durable >= log.appendedPosition()) {
            durableAtProgress = durable;
            progressNs = nowNs;
        }
        return nowNs - progressNs > stallLimitNs;
    }
}
