package io.paxos.protocol;

import io.paxos.spi.Outbox;
import java.util.Arrays;

/**
 * Asks every other member once in each round, and remembers the last answer of each.
 *
 * <p>A member is connected if it has answered one of the last {@code patienceRounds} rounds. Example with patience 3:
 * in round 53 a member that answered 51 last is connected, and one that answered 50 last is not. A candidate or leader
 * that sends a message in a higher ballot counts as if it had answered this round and were happy.
 *
 * @see Election
 */
final class Heartbeats {
    private static final long NEVER = Long.MIN_VALUE / 2;

    private final Configuration configuration;
    private final int self;
    private final Outbox outbox;
    private final int patienceRounds;

    // The last question and the last answer of each voter, by voter.
    private final long[] askedRound; // of its last question; NEVER before the first
    private final long[] answeredRound; // at most round; NEVER before the first answer and after it was lost
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
        round = firstRound;
        askedRound = new long[configuration.size()];
        answeredRound = new long[configuration.size()];
        following = new long[configuration.size()];
        chosenThrough = new long[configuration.size()];
        Arrays.fill(askedRound, NEVER);
        Arrays.fill(answeredRound, NEVER);
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
        if (toRound > round || toRound < answeredRound[voter]) {
            return;
        }
        if (toRound == answeredRound[voter] && !isItHappy && itsFollowing < following[voter]) {
            return; // sent before the candidate's or leader's message that received() has noted
        }
        answeredRound[voter] = toRound;
        following[voter] = itsFollowing;
        chosenThrough[voter] = Math.max(chosenThrough[voter], itsChosenThrough);
        setHappy(voter, isItHappy);
    }

    /** A candidate or leader has sent a message in its ballot. It gets the time to show that it has a quorum. */
    void received(final int voter, final long ballot) {
        if (voter != configuration.ownVoter()) {
            answeredRound[voter] = round;
            following[voter] = ballot;
            setHappy(voter, true);
        }
    }

    /** There is no way to this voter: it counts as silent until it answers again. */
    void lost(final int voter) {
        answeredRound[voter] = NEVER;
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
        assert answeredRound[voter] <= round : "answeredRound=" + answeredRound[voter] + " round=" + round;
        return answeredRound[voter] > round - patienceRounds;
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
