package io.paxos.protocol;

/**
 * Decides when this replica campaigns: by the answers of a quorum, not by the silence of one leader.
 *
 * <p>In each round every member asks each other for the ballot that it follows, and whether it is happy with it. The
 * rules:
 *
 * <ul>
 *   <li>A leader is happy if a phase-2 quorum is connected to it and follows no higher ballot.
 *   <li>A follower is happy if its leader is connected and says that it leads with a quorum.
 *   <li>A replica campaigns only if it is unhappy, is connected to a quorum, and no connected member is happy.
 *   <li>Replicas that may campaign take turns, one per round, or one per round trip if that is longer. The one with the
 *       longest chosen prefix comes first; among equals the one with the lowest id.
 *   <li>A candidate or leader that has given way, because it achieved nothing, lets all others have their turns first,
 *       until it has led with success. So does a replica that has yet to apply much of what it knows chosen: it could
 *       not propose.
 *   <li>A leader campaigns again if for more than {@code patienceRounds} rounds a connected member has followed a
 *       higher ballot in which nobody leads. Such a member refuses everything else.
 * </ul>
 *
 * <p>So a member that is connected to all others takes over. A member without a connection to the leader waits while
 * its neighbours have one. A member that returns with an old ballot disturbs nobody.
 *
 * <p>Example: members 1, 2, 3, quorums of 2, patience 3. Member 1 leads in ballot 4.1 and fails after it answered round
 * 50. Member 2 knows slots through 90 chosen, member 3 through 92.
 *
 * <pre>
 * round 51, 52   1 is silent. Both others are happy: it answered one of the last 3 rounds.
 * round 53       3 decides first. 1 is not connected now, so 3 is unhappy. 2 has said that it is happy, so 3 waits.
 *                3 tells 2 at once that it is unhappy.
 *                2 decides. It is unhappy, and nobody is happy. 3 knows more, so 2 waits one turn. 2 tells 3 at once.
 *                3 decides early. It is unhappy, nobody is happy, nobody knows more: it campaigns in 5.3.
 *                2 receives the prepare of 5.3 and follows it. 3 now counts as happy, so 2 does not take its turn.
 * round 54       3 leads and says so. 2 is happy with 5.3.
 * </pre>
 *
 * <p>If instead only the connection of 3 to 1 fails, then 3 is unhappy and 2 stays happy. So 3 never campaigns. It
 * sends its commands to 2, which passes them on to 1.
 *
 * <p>Safety does not depend on any of this.
 *
 * @see <a href="https://dl.acm.org/doi/10.1145/3552326.3587441">Omni-Paxos, Ng, Haridi, Carbone 2023, section 5 (ballot
 *     leader election)</a>
 */
public final class Election {
    private static final int FRUITLESS_MAX = 8;
    private static final int NO_TURN = -1;

    private final Configuration configuration;
    private final Standing standing;
    private final Heartbeats heartbeats;
    private final long intervalNs;
    private final int patienceRounds;

    private long roundEndsNs; // when the next decision is due; counts once hasBegun
    private boolean hasBegun; // the first round has
    private boolean mustDecideEarly; // a decision is due before roundEndsNs
    private long connected; // at the last decision: voters that answer, the own one always among them, a bit each
    private boolean happy; // at the last decision, or since this replica became candidate or leader
    private int roundsToWait = NO_TURN; // until its turn; NO_TURN unless this replica could campaign
    private int fruitless; // 0..FRUITLESS_MAX: how often it gave way as candidate or leader since a value was chosen
    private int unledRounds; // for how many rounds unledBallot has not been NONE; 0 after each transition

    Election(
            final Configuration configuration,
            final Standing standing,
            final Heartbeats heartbeats,
            final long intervalNs,
            final int patienceRounds) {
        this.configuration = configuration;
        this.standing = standing;
        this.heartbeats = heartbeats;
        this.intervalNs = intervalNs;
        this.patienceRounds = patienceRounds;
        connected = configuration.ownBit();
    }

    /** Nanoseconds until {@link #decide} is due, by the clock of the ticks. Not positive if it is due now. */
    long untilDecisionNs(final long nowNs) {
        return hasBegun && !mustDecideEarly ? roundEndsNs - nowNs : 0;
    }

    /** Whether this replica leads with a quorum, or its leader says that it does. */
    boolean isHappy() {
        return happy;
    }

    /** Whether this voter, another member, answers. */
    boolean isConnected(final int voter) {
        return voter != configuration.ownVoter() && heartbeats.isConnected(voter);
    }

    /** The number of members that answer, this one included. */
    int connected() {
        return Long.bitCount(connected);
    }

    /** The members that answer, this one included, a bit each. */
    long connectedVoters() {
        return connected;
    }

    /** See {@link Heartbeats#chosenThrough}. */
    long chosenThrough(final int voter) {
        return heartbeats.chosenThrough(voter);
    }

    /** See {@link Heartbeats#roundTripRounds(int)}. */
    int roundTripRounds(final int voter) {
        return heartbeats.roundTripRounds(voter);
    }

    /** See {@link Heartbeats#slowest}. */
    long slowest() {
        return heartbeats.slowest();
    }

    /** Whether the members that answer are enough for both phases. */
    boolean hasQuorum() {
        return configuration.isQuorum(connected);
    }

    /** The standing has changed, or was confirmed by a leader. */
    void standingChanged() {
        unledRounds = 0;
        if (!standing.isFollower()) {
            happy = true; // a quorum answered a moment ago; the next decision looks again
        }
    }

    /** This candidate or leader has achieved nothing, so others are to try. */
    void gaveWay() {
        fruitless = Math.min(fruitless + 1, FRUITLESS_MAX);
    }

    /** A value was chosen, so what was in the way is perhaps gone. */
    void succeeded() {
        fruitless = 0;
    }

    /** A candidate or leader of a higher ballot than before has sent a message in it. */
    void received(final int voter, final long ballot) {
        heartbeats.received(voter, ballot);
    }

    /**
     * There is no way to this voter: it counts as silent until it answers again. If it is the leader, decides early.
     */
    void lost(final int voter) {
        if (voter != configuration.ownVoter()) {
            final long ballot = standing.ballot();
            if (hasHappyLeader(ballot) && configuration.voter(Ballot.owner(ballot)) == voter) {
                mustDecideEarly = true;
            }
            heartbeats.lost(voter);
        }
    }

    /** A member asks. Changes nothing but what {@link Heartbeats} remembers. */
    void ping(final int from, final long asked, final long ownChosenThrough) {
        heartbeats.answer(from, asked, toldBallot(), happy, ownChosenThrough);
    }

    /** A member answers. Decides early if it was the last connected one that was happy. */
    void pong(
            final int voter,
            final long answered,
            final long itsFollowing,
            final boolean isItHappy,
            final long itsChosenThrough) {
        final boolean wasItHappy = heartbeats.isHappy(voter);
        heartbeats.answered(voter, answered, itsFollowing, isItHappy, itsChosenThrough);
        if (wasItHappy && !heartbeats.isHappy(voter) && !happy && !isAnyoneHappy()) {
            mustDecideEarly = true;
        }
    }

    /** Whether the owner of this ballot, another member, is connected and says that it leads in it with a quorum. */
    boolean hasHappyLeader(final long ballot) {
        final int voter = configuration.voter(Ballot.owner(ballot));
        return voter >= 0
                && voter != configuration.ownVoter()
                && heartbeats.isConnected(voter)
                && heartbeats.following(voter) == ballot
                && heartbeats.isHappy(voter);
    }

    /** The leader, perhaps this replica, if it is connected and says that it leads with a quorum. Otherwise 0. */
    int leaderId() {
        if (standing.isLeader()) {
            return configuration.self();
        }
        return hasHappyLeader(standing.ballot()) ? Ballot.owner(standing.ballot()) : 0;
    }

    /**
     * The member to give commands to: this one, the leader, a neighbour that is connected to the leader, or 0 if none
     * is known. A candidate keeps its commands. A neighbour that waits for it would have to send them back, so it drops
     * them.
     */
    int commandsTo() {
        if (standing.isLeader()) {
            return happy ? configuration.self() : 0;
        }
        if (standing.isCandidate()) {
            return 0;
        }
        final int leaderId = leaderId();
        return leaderId != 0 ? leaderId : happyNeighbour();
    }

    /** The lowest id of another member that is connected and happy, so it can pass commands on. 0 if there is none. */
    int happyNeighbour() {
        final long neighbours = heartbeats.connectedAndHappy();
        return neighbours == 0 ? 0 : configuration.id(Configuration.first(neighbours));
    }

    /**
     * Finds the members that are connected, and decides whether to campaign now.
     *
     * <p>If the round is over, the next begins, and all members are asked. An early decision starts the time of the
     * round anew, so that a replica that waits for its turn waits from now on.
     *
     * @param stalled this replica's own log makes no progress, so it cannot be happy
     * @param mayLead this replica may campaign
     * @param isReady it could propose if it led: it has applied nearly all that it knows chosen
     * @return whether to campaign now; never while this replica is candidate or leader
     */
    boolean decide(
            final long nowNs,
            final long ownChosenThrough,
            final boolean stalled,
            final boolean mayLead,
            final boolean isReady) {
        final boolean isOver = !hasBegun || nowNs - roundEndsNs >= 0;
        mustDecideEarly = false;
        connected = configuration.ownBit() | heartbeats.connected();
        final boolean wasHappy = happy;
        happy = !stalled && isHappyNow();
        if (isOver) {
            unledRounds = unledBallot() == Ballot.NONE ? 0 : unledRounds + 1;
        }
        final boolean campaign = mayLead && isTurnToCampaign(ownChosenThrough, isReady);
        if (wasHappy && !happy && !campaign) {
            heartbeats.answerUnhappy(toldBallot(), ownChosenThrough); // members that wait for us wait no longer
        }
        roundEndsNs = nowNs + intervalNs;
        hasBegun = true;
        if (isOver) {
            heartbeats.askAll();
        }
        assert !campaign || standing.isFollower() : "campaigns as " + standing;
        return campaign;
    }

    /**
     * Whether a connected member is happy with this ballot or a higher one: it has a leader, perhaps out of our reach.
     */
    boolean isHappilyFollowed(final long ballot) {
        for (long rest = heartbeats.connectedAndHappy(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            if (heartbeats.following(Configuration.first(rest)) >= ballot) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether {@link #unledBallot} has been there for more than {@code patienceRounds} rounds and two round trips: a
     * candidate needs one to win, and one to tell it.
     */
    boolean hasUnledBallot() {
        return unledRounds > patienceRounds + 2 * roundTripRounds();
    }

    /** See {@link Heartbeats#roundTripRounds()}. */
    int roundTripRounds() {
        return heartbeats.roundTripRounds();
    }

    /** The highest ballot above ours that a connected member follows without a leader. {@link Ballot#NONE} if none. */
    long unledBallot() {
        long highest = Ballot.NONE;
        for (long rest = heartbeats.connected(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            if (heartbeats.following(voter) > standing.ballot() && !heartbeats.isHappy(voter)) {
                highest = Math.max(highest, heartbeats.following(voter));
            }
        }
        return highest;
    }

    /** The highest ballot above ours that a connected member is happy with. {@link Ballot#NONE} if there is none. */
    long ledBallot() {
        long highest = Ballot.NONE;
        for (long rest = heartbeats.connectedAndHappy(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final long following = heartbeats.following(Configuration.first(rest));
            highest = following > standing.ballot() ? Math.max(highest, following) : highest;
        }
        return highest;
    }

    /** The ballot in answers to other members. A candidate tells none, because its ballot may be on no disk yet. */
    private long toldBallot() {
        return standing.isCandidate() ? Ballot.NONE : standing.ballot();
    }

    private boolean isTurnToCampaign(final long ownChosenThrough, final boolean isReady) {
        if (happy || !standing.isFollower() || isAnyoneHappy() || !hasQuorum()) {
            roundsToWait = NO_TURN;
            return false;
        }
        if (roundsToWait == NO_TURN) {
            // Of two that have given way, the one that has done so more often waits longer.
            final int turnsOfAll = configuration.size() + patienceRounds;
            final int others = fruitless * turnsOfAll + (isReady ? 0 : turnsOfAll);
            roundsToWait = (others + betterInformed(ownChosenThrough)) * (1 + roundTripRounds());
        }
        return roundsToWait-- == 0; // below 0 is NO_TURN
    }

    /** The number of connected members that know a longer chosen prefix, or the same one and have a lower id. */
    private int betterInformed(final long ownChosenThrough) {
        int better = 0;
        for (long rest = heartbeats.connected(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            final long chosenThrough = heartbeats.chosenThrough(voter);
            final boolean isFirst = chosenThrough == ownChosenThrough && voter < configuration.ownVoter();
            better += chosenThrough > ownChosenThrough || isFirst ? 1 : 0;
        }
        return better;
    }

    private boolean isHappyNow() {
        return standing.isFollower() ? hasHappyLeader(standing.ballot()) : isSupported();
    }

    /** Whether a quorum follows no higher ballot. */
    private boolean isSupported() {
        long supporters = configuration.ownBit();
        for (long rest = heartbeats.connected(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            if (heartbeats.following(voter) <= standing.ballot()) {
                supporters |= Configuration.bit(voter);
            }
        }
        return standing.isLeader() ? configuration.isPhase2(supporters) : configuration.isQuorum(supporters);
    }

    private boolean isAnyoneHappy() {
        return heartbeats.connectedAndHappy() != 0;
    }
}
