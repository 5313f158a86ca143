package io.paxos.protocol;

import io.paxos.spi.Outbox;
import java.util.Arrays;

/**
 * Decides when to ask for leadership, by who is connected to a quorum, not by who hears the old leader.
 *
 * <p>In each round every member asks each other for the ballot that it follows, and whether it is happy with it. A leader
 * is happy if it hears a quorum that follows no higher ballot, a follower if it hears its leader say so. A replica
 * campaigns only if it is unhappy, hears nobody who is happy, and hears a quorum. So a single member that sees all others
 * takes over, a member that cannot hear the leader while its neighbours do keeps still, and one that comes back with old
 * news disturbs nobody. Those who could campaign take turns, the best informed first, so that they seldom duel.
 *
 * <p>Safety does not depend on any of this.
 *
 * @see <a href="https://dl.acm.org/doi/10.1145/3552326.3587441">Omni-Paxos, Ng, Haridi, Carbone 2023, section 5 (ballot leader
 *     election)</a>
 */
public final class Election {
    private static final long NEVER = Long.MIN_VALUE / 2;

    private final int self;
    private final int own; // the voter index of self
    private final Configuration configuration;
    private final Outbox outbox;
    private final long intervalNs;
    private final int patienceRounds;

    // What each voter asked and said last, by voter index.
    private final long[] askedRound;
    private final long[] answeredRound;
    private final long[] following;
    private final boolean[] happiness;
    private final long[] chosenThrough;

    private long round;
    private long roundEndsNs;
    private boolean hasBegun; // the first round has
    private boolean mustDecideEarly; // who campaigns is to be decided before the round is over
    private long ownFollowing;
    private long toldFollowing; // as others hear it: a candidate does not tell its ballot
    private long connected; // voters heard of late, a bit each, self included
    private boolean happy;
    private boolean running; // this replica is candidate or leader in ownFollowing
    private boolean leading;
    private int turnsToWait = -1; // rounds until our turn to campaign; -1 when there is no need to
    private int unledRounds; // for how many rounds somebody has followed a higher ballot that nobody leads in

    public Election(
            final Configuration configuration,
            final Outbox outbox,
            final long intervalNs,
            final int patienceRounds,
            final long firstRound) {
        this.configuration = configuration;
        self = configuration.self();
        this.outbox = outbox;
        this.intervalNs = intervalNs;
        this.patienceRounds = patienceRounds;
        own = configuration.ownVoter();
        connected = 1L << own;
        round = firstRound;
        askedRound = new long[configuration.size()];
        answeredRound = new long[configuration.size()];
        following = new long[configuration.size()];
        happiness = new boolean[configuration.size()];
        chosenThrough = new long[configuration.size()];
        Arrays.fill(askedRound, NEVER);
        Arrays.fill(answeredRound, NEVER);
    }

    /** How long until {@link #decide} has something to do, on the clock that ticks bring; not positive if it has now. */
    long untilDecisionNs(final long nowNs) {
        return hasBegun && !mustDecideEarly ? roundEndsNs - nowNs : 0;
    }

    boolean isHappy() {
        return happy;
    }

    /** How many members answer, this one included. */
    int connected() {
        return Long.bitCount(connected);
    }

    /** Whether those who answer are enough to elect and to choose. */
    boolean hearsQuorum() {
        return configuration.isQuorum(connected);
    }

    /** The ballot now followed, and as what. A candidate's ballot may be on no disk yet, so nobody is told of it. */
    void follows(final long ballot, final Role role) {
        ownFollowing = ballot;
        toldFollowing = role == Role.CANDIDATE ? Ballot.NONE : ballot;
        running = role != Role.FOLLOWER;
        leading = role == Role.LEADER;
        unledRounds = 0;
        if (running) {
            happy = true; // it has just heard a quorum; the next round will tell
        }
    }

    /** A candidate or leader of a higher ballot than any before has spoken: it gets the time to show itself happy. */
    void received(final int voter, final long ballot) {
        if (voter != own) {
            answeredRound[voter] = round;
            following[voter] = ballot;
            happiness[voter] = true;
        }
    }

    /** There is no way to this voter: it counts as silent until it answers again. If it is the leader, that is news. */
    void lost(final int voter) {
        if (voter != own) {
            if (hearsHappyLeader(ownFollowing) && configuration.voter(Ballot.owner(ownFollowing)) == voter) {
                mustDecideEarly = true;
            }
            answeredRound[voter] = NEVER;
            happiness[voter] = false;
        }
    }

    /** A question: answered from what is known, and remembered for {@link #sendUnhappy}; changes nothing else. */
    void ping(final int from, final long asked, final long ownChosenThrough) {
        final int voter = configuration.voter(from);
        if (voter >= 0) {
            askedRound[voter] = asked;
        }
        outbox.now(from).pong(self, asked, toldFollowing, happy, ownChosenThrough);
    }

    void pong(
            final int voter,
            final long answered,
            final long itsFollowing,
            final boolean isHappy,
            final long itsChosenThrough) {
        if (answered > round || answered < answeredRound[voter]) {
            return;
        }
        if (answered == answeredRound[voter] && !isHappy && itsFollowing < following[voter]) {
            return; // said before, and overtaken by the word of a candidate or leader
        }
        final boolean isMissing = happiness[voter] && !isHappy;
        answeredRound[voter] = answered;
        following[voter] = itsFollowing;
        happiness[voter] = isHappy;
        chosenThrough[voter] = Math.max(chosenThrough[voter], itsChosenThrough);
        if (isMissing && !happy && !isAnyoneHappy()) {
            mustDecideEarly = true; // the last of those heard who had a leader: why wait for the end of the round?
        }
    }

    /** Whether the owner of this ballot is heard, and says that it leads in it with a quorum. */
    boolean hearsHappyLeader(final long ballot) {
        final int voter = configuration.voter(Ballot.owner(ballot));
        return voter >= 0 && voter != own && isConnected(voter) && following[voter] == ballot && happiness[voter];
    }

    /** A member, not the leader, who is heard and is happy, so it can pass commands on; 0 if there is none. */
    int happyNeighbour() {
        for (int voter = 0; voter < configuration.size(); voter++) {
            if (voter != own && isConnected(voter) && happiness[voter]) {
                return configuration.id(voter);
            }
        }
        return 0;
    }

    /**
     * Looks who is connected, and decides who campaigns. A round whose time is over ends, and the next begins. After news the
     * round gets its whole time once more: who has to wait for others does so from now on.
     *
     * @param stalled this replica's own log makes no progress, so it must neither lead nor campaign
     * @param isReady it could propose if it led: it has applied nearly all that it knows chosen
     * @return whether to campaign now
     */
    boolean decide(final long nowNs, final long ownChosenThrough, final boolean stalled, final boolean isReady) {
        final boolean isOver = !hasBegun || nowNs - roundEndsNs >= 0;
        mustDecideEarly = false;
        chosenThrough[own] = ownChosenThrough;
        findConnected();
        final boolean wasHappy = happy;
        happy = !stalled && isHappyNow();
        if (isOver) {
            unledRounds = unledBallot() == Ballot.NONE ? 0 : unledRounds + 1;
        }
        final boolean campaign = !stalled && isReady && isTurnToCampaign();
        if (wasHappy && !happy && !campaign) {
            sendUnhappy();
        }
        roundEndsNs = nowNs + intervalNs;
        hasBegun = true;
        if (isOver) {
            round++;
            askAll();
        }
        return campaign;
    }

    /** Whether somebody heard is happy with this ballot or a higher one: it has a leader, though perhaps none we hear. */
    boolean isHappilyFollowed(final long ballot) {
        for (int voter = 0; voter < configuration.size(); voter++) {
            if (voter != own && isConnected(voter) && happiness[voter] && following[voter] >= ballot) {
                return true;
            }
        }
        return false;
    }

    /** Whether somebody has for long followed a higher ballot than ours, and unhappily: nobody leads in it. */
    boolean hasUnledBallot() {
        return unledRounds > patienceRounds;
    }

    /** The highest ballot above ours that somebody follows without a leader; none if there is none. */
    long unledBallot() {
        long stray = Ballot.NONE;
        for (int voter = 0; voter < configuration.size(); voter++) {
            final boolean isAbove = voter != own && isConnected(voter) && following[voter] > ownFollowing;
            if (isAbove && !happiness[voter]) {
                stray = Math.max(stray, following[voter]);
            }
        }
        return stray;
    }

    private void askAll() {
        for (int voter = 0; voter < configuration.size(); voter++) {
            if (voter != own) {
                outbox.now(configuration.id(voter)).ping(self, round);
            }
        }
    }

    /** Answers everybody's last question again, with the news: who waits for us to miss the leader too waits no longer. */
    private void sendUnhappy() {
        for (int voter = 0; voter < configuration.size(); voter++) {
            if (voter != own && askedRound[voter] != NEVER) {
                outbox.now(configuration.id(voter))
                        .pong(self, askedRound[voter], toldFollowing, false, chosenThrough[own]);
            }
        }
    }

    private boolean isTurnToCampaign() {
        if (happy || running || isAnyoneHappy() || !configuration.isQuorum(connected)) {
            turnsToWait = -1;
            return false;
        }
        if (turnsToWait < 0) {
            turnsToWait = betterInformed();
        }
        return turnsToWait-- == 0;
    }

    /** How many of those heard know a longer chosen prefix, or as long a one and come first. */
    private int betterInformed() {
        int better = 0;
        for (int voter = 0; voter < configuration.size(); voter++) {
            if (voter != own && isConnected(voter)) {
                final boolean knowsMore = chosenThrough[voter] > chosenThrough[own];
                final boolean comesFirst = chosenThrough[voter] == chosenThrough[own] && voter < own;
                better += knowsMore || comesFirst ? 1 : 0;
            }
        }
        return better;
    }

    private boolean isHappyNow() {
        if (!running) {
            return hearsHappyLeader(ownFollowing);
        }
        long supporters = 1L << own;
        boolean higherIsHappy = false;
        for (int voter = 0; voter < configuration.size(); voter++) {
            if (voter != own && isConnected(voter)) {
                if (following[voter] <= ownFollowing) {
                    supporters |= 1L << voter;
                } else {
                    higherIsHappy |= happiness[voter];
                }
            }
        }
        final boolean isSupported = leading ? configuration.isPhase2(supporters) : configuration.isQuorum(supporters);
        return isSupported || higherIsHappy;
    }

    private boolean isAnyoneHappy() {
        return happyNeighbour() != 0;
    }

    private void findConnected() {
        connected = 1L << own;
        for (int voter = 0; voter < configuration.size(); voter++) {
            if (isConnected(voter)) {
                connected |= 1L << voter;
            }
        }
    }

    private boolean isConnected(final int voter) {
        return voter == own || answeredRound[voter] > round - patienceRounds;
    }
}
