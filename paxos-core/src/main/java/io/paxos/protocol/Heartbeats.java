package io.paxos.protocol;

import io.paxos.spi.Outbox;
import java.util.Arrays;

/**
 * Asks every other member once in each round, and remembers the last answer of each.
 *
 * <p>A member is connected if an answer of it has arrived in one of the last {@code patienceRounds} rounds, whatever
 * round it answers: a long way is no silence. Example with patience 3: in round 53 a member whose answer arrived in
 * round 51 is connected, also if it answers round 45. One whose answer arrived in round 50 is not.
 *
 * <p>An answer to a question of more than {@value #ANSWER_ROUNDS_MAX} rounds ago counts for nothing. What it says may
 * be as old as the question, and a queue that empties slowly could deliver such news for a long time. An answer that is
 * overtaken by a later one counts for nothing either. A candidate or leader that sends a message in a higher ballot
 * counts as if it had answered this round and were happy.
 *
 * @see Election
 */
final class Heartbeats {
    /** A round trip that is longer than so many rounds counts as silence. */
    static final int ANSWER_ROUNDS_MAX = 100;

    private static final long NEVER = Long.MIN_VALUE / 2;

    private final Configuration configuration;
    private final int self;
    private final Outbox outbox;
    private final int patienceRounds;
    private final long firstRound; // the round before the first question of this life

    // The last question and the last answer of each voter, by voter.
    private final long[] askedRound; // of its last question; NEVER before the first
    private final long[] pongRound; // of the question to its last answer; NEVER before the first; never falls
    private final long[] arrivedRound; // in which its last answer arrived; NEVER before the first and after it was lost
    private final long[] tripRounds; // how many rounds its last answer took; 0..ANSWER_ROUNDS_MAX
    private final long[] newsRound; // of the question after which it said what follows; NEVER before, and after a loss
    private final long[] following; // the ballot that it follows; NONE if it tells none
    private final long[] chosenThrough; // never falls
    private long happy; // voters that are happy with what they follow, a bit each

    private long round; // of the last question to the others; never falls

    /** {@code firstRound} is above every round of an earlier life of this replica, so old answers count for nothing. */
    Heartbeats(
            final Configuration configuration, final Outbox outbox, final int patienceRounds, final long firstRound) {
        this.configuration = configuration;
        self = configuration.self();
        this.outbox = outbox;
        this.patienceRounds = patienceRounds;
        this.firstRound = firstRound;
        round = firstRound;
        askedRound = new long[configuration.size()];
        pongRound = new long[configuration.size()];
        arrivedRound = new long[configuration.size()];
        tripRounds = new long[configuration.size()];
        newsRound = new long[configuration.size()];
        following = new long[configuration.size()];
        chosenThrough = new long[configuration.size()];
        Arrays.fill(askedRound, NEVER);
        Arrays.fill(pongRound, NEVER);
        Arrays.fill(arrivedRound, NEVER);
        Arrays.fill(newsRound, NEVER);
    }

    /** A new round: asks all other members. */
    void askAll() {
        round++;
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            outbox.now(configuration.id(Configuration.first(rest))).ping(self, round);
        }
    }

    /** A member asks. The answer leaves at once. */
    void answer(
            final int from,
            final long asked,
            final long ownFollowing,
            final boolean isOwnHappy,
            final long ownChosenThrough) {
        final int voter = configuration.voter(from);
        if (voter >= 0) {
            askedRound[voter] = asked;
        }
        outbox.now(from).pong(self, asked, ownFollowing, isOwnHappy, ownChosenThrough);
    }

    /** Answers the last question of every member once more: this replica has become unhappy. */
    void answerUnhappy(final long ownFollowing, final long ownChosenThrough) {
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            if (askedRound[voter] != NEVER) {
                outbox.now(configuration.id(voter))
                        .pong(self, askedRound[voter], ownFollowing, false, ownChosenThrough);
            }
        }
    }

    /** A member answers. Ignored if a later answer, or a message in a higher ballot, is here already. */
    void answered(
            final int voter,
            final long toRound,
            final long itsFollowing,
            final boolean isItHappy,
            final long itsChosenThrough) {
        if (toRound > round || toRound <= firstRound || toRound < round - ANSWER_ROUNDS_MAX) {
            return; // to a question that was never asked, or in an earlier life, or too long ago
        }
        if (toRound < pongRound[voter]) {
            return;
        }
        pongRound[voter] = toRound;
        arrivedRound[voter] = round;
        tripRounds[voter] = round - toRound;
        chosenThrough[voter] = Math.max(chosenThrough[voter], itsChosenThrough);
        if (isNews(voter, toRound, itsFollowing, isItHappy)) {
            newsRound[voter] = toRound;
            following[voter] = itsFollowing;
            setHappy(voter, isItHappy);
        }
    }

    /** Whether an answer was sent after the candidate's or leader's message that {@link #received} has noted last. */
    private boolean isNews(final int voter, final long toRound, final long itsFollowing, final boolean isItHappy) {
        return toRound > newsRound[voter]
                || (toRound == newsRound[voter] && (isItHappy || itsFollowing >= following[voter]));
    }

    /** A candidate or leader has sent a message in its ballot. It gets the time to show that it has a quorum. */
    void received(final int voter, final long ballot) {
        if (voter != configuration.ownVoter()) {
            arrivedRound[voter] = round;
            newsRound[voter] = round;
            following[voter] = ballot;
            setHappy(voter, true);
        }
    }

    /** There is no way to this voter: it counts as silent until it answers again. */
    void lost(final int voter) {
        arrivedRound[voter] = NEVER;
        newsRound[voter] = NEVER;
        setHappy(voter, false);
    }

    /** The other members that are connected now, a bit each. */
    long connected() {
        long connected = 0;
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            if (isConnected(voter)) {
                connected |= Configuration.bit(voter);
            }
        }
        return connected;
    }

    /** Those of {@link #connected} that are happy, a bit each. */
    long connectedAndHappy() {
        return connected() & happy;
    }

    /** Whether this voter, another member, is connected now. */
    boolean isConnected(final int voter) {
        assert arrivedRound[voter] <= round : "arrivedRound=" + arrivedRound[voter] + " round=" + round;
        return arrivedRound[voter] > round - patienceRounds;
    }

    /** How many rounds the last answer of a connected member took, the longest of all; 0 if each was there at once. */
    int roundTripRounds() {
        long longest = 0;
        for (long rest = connected(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            longest = Math.max(longest, tripRounds[Configuration.first(rest)]);
        }
        return (int) longest;
    }

    /** How many rounds the last answer of this voter took, also if it is silent now. */
    int roundTripRounds(final int voter) {
        return (int) tripRounds[voter];
    }

    boolean isHappy(final int voter) {
        return Configuration.contains(happy, voter);
    }

    long following(final int voter) {
        return following[voter];
    }

    long chosenThrough(final int voter) {
        return chosenThrough[voter];
    }

    /**
     * The shortest chosen prefix that another voter has named last, also one that is away; 0 as long as one has named
     * none. {@code Long.MAX_VALUE} without other voters.
     */
    long slowest() {
        long slowest = Long.MAX_VALUE;
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            slowest = Math.min(slowest, chosenThrough[Configuration.first(rest)]);
        }
        return slowest;
    }

    private void setHappy(final int voter, final boolean isHappy) {
        happy = isHappy ? happy | Configuration.bit(voter) : happy & ~Configuration.bit(voter);
    }
}
