package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Outbox;
import io.paxos.spi.Probe;
import org.agrona.DirectBuffer;

/**
 * The proposing half of a replica: wins a ballot of its own in {@link Phase1}, settles what it found there, and
 * proposes values in {@link Phase2}.
 *
 * <p>Answers to an earlier ballot of this replica count for nothing: each of these classes is given the new one first.
 *
 * <p>Example: slots through 4 are chosen, and phase 1 has found values up to slot 7. This replica becomes leader,
 * proposes those values in slots 5 to 7, with no-ops in gaps, and then new commands from slot 8 on. It answers reads
 * when slot 7 is chosen. Until then a value in slots 5 to 7 may be chosen and acknowledged already without being known
 * here, and a read at slot 4 would miss it.
 */
final class Proposer {
    private static final int ROUND_TRIPS = 4; // that a message and its repetitions may take
    private static final int APPLIED_STEP = 8; // a voter may have applied so many more slots than it has told

    private final Configuration configuration;
    private final AcceptorLog log;
    private final Acceptor acceptor;
    private final Learner learner;
    private final Standing standing;
    private final Election election;
    private final Phase1 phase1;
    private final Phase2 phase2;
    private final Announcer announcer;
    private final ReadIndex reads;
    private final ProgressPatience patience;
    private final long intervalNs;
    private final int patienceRounds;
    private long recoveredThrough; // the last slot that phase 1 of the last leadership has to settle
    private long chosenAtTick; // while this replica led: the chosen prefix at the last tick
    private long appliedThrough; // never falls; at most what is chosen
    /** This leadership, or the last one, began before this replica could propose, and it still cannot. */
    private boolean isUnready;

    private boolean hasGivenWay; // to a voter that could propose; once in a life: that voter may not be able to lead

    Proposer(
            final Configuration configuration,
            final AcceptorLog log,
            final Acceptor acceptor,
            final Learner learner,
            final Standing standing,
            final Election election,
            final Outbox outbox,
            final Probe probe,
            final ProtocolSettings settings) {
        this.configuration = configuration;
        this.log = log;
        this.acceptor = acceptor;
        this.learner = learner;
        this.standing = standing;
        this.election = election;
        phase1 = new Phase1(configuration, outbox);
        phase2 = new Phase2(configuration, log, learner, outbox, probe, settings.windowSlots());
        announcer = new Announcer(configuration, outbox);
        reads = new ReadIndex(configuration, outbox);
        patience = new ProgressPatience(settings.stallNs());
        intervalNs = settings.heartbeatIntervalNs();
        patienceRounds = settings.patienceRounds();
    }

    /**
     * Whether a command may be proposed now: this replica leads, has settled what it found, and the window has room.
     */
    boolean mayPropose() {
        return standing.isLeader()
                && election.isHappy()
                && phase2.nextSlot() > recoveredThrough
                && phase2.hasRoom(appliedThrough);
    }

    /** Proposes a value in the next slot. Only if {@link #mayPropose}. */
    void propose(final DirectBuffer value, final int offset, final int length) {
        assert mayPropose() : standing + ", nextSlot=" + phase2.nextSlot() + " recoveredThrough=" + recoveredThrough;
        phase2.propose(value, offset, length);
    }

    /** Opens at most so many slots at once, if it leads. */
    void limitWindow(final int slots) {
        phase2.limitWindow(slots);
    }

    /** Whether this replica leads, and a value that it has proposed is not chosen yet. */
    boolean isProposing() {
        return standing.isLeader() && phase2.nextSlot() > learner.chosenThrough() + 1;
    }

    /** Voters to which this leader may send proposals later than to the others, a bit each. 0 if it does not lead. */
    long unneeded() {
        return standing.isLeader() ? phase2.unneeded() : 0;
    }

    /** The state machine has applied every slot through this one. */
    void applied(final long throughSlot) {
        final long chosenThrough = learner.chosenThrough();
        Safety.require(throughSlot <= chosenThrough, "applied <= chosen", chosenThrough, throughSlot);
        assert throughSlot >= appliedThrough : "throughSlot=" + throughSlot + " appliedThrough=" + appliedThrough;
        appliedThrough = throughSlot;
        isUnready = isUnready && !isReadyToLead();
    }

    /** Whether the log has room for a proposal, and nothing was trimmed that this replica must apply. */
    boolean mayLead() {
        return log.hasRoomFor(log.valueLengthMax()) && hasState();
    }

    /** Whether this replica has applied so much of what it knows chosen that it could propose if it led now. */
    boolean isReadyToLead() {
        return phase2.wouldHaveRoom(appliedThrough);
    }

    /**
     * A voter has applied every slot through this one. A leader gives way to it if it could propose, while this replica
     * has been unable to since it leads.
     */
    void voterApplied(final int voter, final long throughSlot) {
        final boolean isItReady = phase2.wouldHaveRoom(throughSlot + APPLIED_STEP);
        if (isUnready && standing.isLeader() && isItReady && election.isConnected(voter)) {
            hasGivenWay = true;
            standing.resign(); // as it is unready, it lets all others have their turns first
        }
    }

    /** Whether the log goes on where the state machine stands. If not, this replica has lost its snapshots. */
    boolean hasState() {
        return appliedThrough + 1 >= log.firstSlot();
    }

    /** Asks for promises to a new ballot, above every ballot known. Not if the log has no room for the own promise. */
    void campaign() {
        if (!log.hasRoomFor(0)) {
            return;
        }
        final long promised = acceptor.promised();
        final long known = Math.max(standing.ballot(), election.unledBallot());
        final long ballot = Ballot.above(Math.max(known, promised), configuration.self());
        standing.campaign(ballot, promised);
        phase1.begin(ballot, learner.chosenThrough());
    }

    /**
     * A candidate or leader that achieves nothing although a quorum answers gives way to others. Once per round, before
     * the election decides. A disk is allowed to take {@code diskNs}.
     */
    void giveWayIfFruitless(final long nowNs, final long diskNs) {
        final long chosenThrough = learner.chosenThrough();
        if (chosenThrough > chosenAtTick) {
            election.succeeded();
        }
        chosenAtTick = chosenThrough;
        final long wayNs = (patienceRounds + ROUND_TRIPS * election.roundTripRounds()) * intervalNs;
        final boolean isWaiting = standing.isCandidate() || isProposing();
        final long achieved = phase1.answers() + chosenThrough;
        if (patience.isOver(nowNs, isWaiting, election.isHappy(), achieved, diskNs, wayNs)) {
            election.gaveWay();
            standing.resign();
        }
    }

    /**
     * A leader whose members are silent goes on, because they may return. It resigns if they answer and follow others.
     * If a member that answers has another leader, this replica follows that one too, perhaps out of its own reach.
     */
    void resignIfUnsupported() {
        if (election.isHappy() || standing.isFollower()) {
            return;
        }
        final long led = election.ledBallot();
        if (led != Ballot.NONE) {
            standing.follow(led);
        } else if (standing.isCandidate() || election.hasQuorum()) {
            standing.resign();
        }
    }

    /** This replica is a follower now. */
    void end() {
        phase1.end();
    }

    /**
     * Time has passed: repeats what may have been lost.
     *
     * @param campaign the election has decided so
     * @param repeats whether open values are proposed again. A leader that needs a snapshot gets no vote for the first
     *     of them, because the voters that know it chosen have trimmed it. Its repeats would take the place of the
     *     question for the snapshot, where a queue has little room
     */
    void tick(final boolean campaign, final boolean repeats) {
        switch (standing.role()) {
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
                    campaign(); // wins back members that have promised a candidate that is gone
                } else {
                    if (repeats) {
                        phase2.tick(election.roundTripRounds());
                    }
                    reads.askAgain();
                    announcer.announceToAll(learner.chosenThrough());
                }
            }
        }
    }

    /** Sends what follows from all messages since the last call. Returns the amount of work done. */
    int flush() {
        int work = 0;
        if (standing.isCandidate()) {
            leadIfWon(); // chosen values that it waited for may have arrived in any message
        }
        if (standing.isLeader()) {
            work += proposeRecovered();
            work += announcer.announceToWaiting(learner.chosenThrough(), phase2.nextSlot());
            reads.flush(learner.chosenThrough());
        }
        return work;
    }

    // Messages. Each is ignored if this replica has not the role that waits for it, or if its sender does not vote.

    void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {
        final int voter = configuration.voter(from);
        if (standing.isCandidate() && voter >= 0) {
            phase1.promise(voter, ballot, chosenThrough, lastSlot);
            leadIfWon();
        }
    }

    void report(
            final int from,
            final long ballot,
            final long slot,
            final long acceptedBallot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        final int voter = configuration.voter(from);
        if (standing.isCandidate() && voter >= 0) {
            phase1.report(voter, ballot, slot, acceptedBallot, value, offset, length);
            phase1.askForMore(voter);
            leadIfWon();
        }
    }

    void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {
        final int voter = configuration.voter(from);
        if (standing.isLeader() && voter >= 0) {
            phase2.accepted(voter, ballot, fromSlot, throughSlot);
        }
    }

    /** A voter has answered a heartbeat. */
    void heard(final int voter) {
        phase2.heard(voter);
    }

    /** A voter has sent commands, and waits for their outcome. */
    void forwarded(final int from) {
        announcer.waits(configuration.voter(from));
    }

    /**
     * Ignored until all that phase 1 found is chosen. Until then an older leader may have chosen a value in a higher
     * slot.
     */
    void askRead(final int from, final long round) {
        final int voter = configuration.voter(from);
        if (standing.isLeader() && voter >= 0 && learner.chosenThrough() >= recoveredThrough) {
            reads.ask(voter, round, learner.chosenThrough());
        }
    }

    void confirmed(final int from, final long ballot, final long round) {
        final int voter = configuration.voter(from);
        if (standing.isLeader() && voter >= 0) {
            reads.confirmed(voter, ballot, round, learner.chosenThrough());
        }
    }

    // Inside.

    /** Phase 1 is won, and all that one of its promises calls chosen is known here too. */
    private void leadIfWon() {
        if (!phase1.isWon() || learner.chosenThrough() < phase1.base()) {
            return;
        }
        final long ballot = standing.ballot();
        recoveredThrough = phase1.throughSlot();
        isUnready = !isReadyToLead() && !hasGivenWay;
        phase2.begin(ballot, learner.chosenThrough() + 1);
        reads.begin(ballot);
        announcer.begin(ballot);
        standing.lead(acceptor.promised());
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
}
