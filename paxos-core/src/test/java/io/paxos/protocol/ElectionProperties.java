package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.spi.Probe;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Which voter campaigns, for each table of answers. Three voters with ids 1, 2, 3; quorums of two. */
class ElectionProperties {
    private static final long INTERVAL_NS = 1_000;
    private static final int PATIENCE = 2;
    private static final long FOLLOWED = Ballot.of(4, 9); // its owner is no member, so nobody leads in it

    /** What another voter does. */
    enum Other {
        SILENT,
        UNHAPPY,
        HAPPY
    }

    private final SentMessages sent = new SentMessages();
    private Standing standing;
    private Election election;
    private long nowNs;
    private long round;

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void a_replica_campaigns_if_a_quorum_answers_and_nobody_is_happy_the_best_informed_first(
            @ForAll @IntRange(min = 0, max = 2) final int own,
            @ForAll final Other first,
            @ForAll final Other second,
            @ForAll @IntRange(min = 4, max = 6) final int firstChosen,
            @ForAll @IntRange(min = 4, max = 6) final int secondChosen) {
        create(own, 3);
        final int[] others = IntStream.range(0, 3).filter(voter -> voter != own).toArray();
        final Other[] answer = {first, second};
        final int[] chosen = {firstChosen, secondChosen};
        int answers = 1;
        boolean isAnyoneHappy = false;
        int turn = 0;
        for (int i = 0; i < 2; i++) {
            answers += answer[i] == Other.SILENT ? 0 : 1;
            isAnyoneHappy |= answer[i] == Other.HAPPY;
            final boolean isBetter = chosen[i] > 5 || (chosen[i] == 5 && others[i] < own);
            turn += answer[i] != Other.SILENT && isBetter ? 1 : 0;
        }
        int campaignedIn = -1;
        decide(); // the first round only asks
        for (int i = 0; i < 5 && campaignedIn < 0; i++) {
            for (int j = 0; j < 2; j++) {
                if (answer[j] != Other.SILENT) {
                    election.pong(others[j], round, FOLLOWED, answer[j] == Other.HAPPY, chosen[j]);
                }
            }
            campaignedIn = decide() ? i : -1;
        }
        assertThat(campaignedIn).isEqualTo(answers >= 2 && !isAnyoneHappy ? turn : -1);
    }

    @Example
    void a_replica_whose_disk_stalls_or_that_is_behind_does_not_campaign() {
        create(0, 3);
        decide();
        for (int i = 0; i < 5; i++) {
            election.pong(1, round, FOLLOWED, false, 5);
            assertThat(decide(true, true)).isFalse();
        }
        for (int i = 0; i < 5; i++) {
            election.pong(1, round, FOLLOWED, false, 5);
            assertThat(decide(false, false)).isFalse();
        }
    }

    @Example
    void a_leader_without_a_quorum_is_unhappy_and_says_so_to_all_that_asked() {
        create(0, 3);
        lead();
        election.ping(2, 70, 5);
        election.ping(3, 80, 5);
        sent.take();
        assertThat(election.isHappy()).isTrue();
        for (int i = 0; i < PATIENCE; i++) {
            decide();
        }
        assertThat(election.isHappy()).isFalse();
        assertThat(sent.take())
                .contains(
                        "now 2 pong 1 70 " + standing.ballot() + " false 5",
                        "now 3 pong 1 80 " + standing.ballot() + " false 5");
    }

    @Example
    void a_leader_with_a_quorum_stays_happy_and_does_not_campaign() {
        create(0, 3);
        lead();
        for (int i = 0; i < 10; i++) {
            election.pong(1, round, standing.ballot(), true, 5);
            assertThat(decide()).isFalse();
            assertThat(election.isHappy()).isTrue();
        }
    }

    @Example
    void a_candidate_tells_no_ballot_because_it_may_be_on_no_disk_yet() {
        create(0, 3);
        standing.campaign(Ballot.above(FOLLOWED, 1), FOLLOWED);
        sent.take();
        election.ping(2, 70, 5);
        assertThat(sent.take()).containsExactly("now 2 pong 1 70 0 true 5");
    }

    @Example
    void a_follower_whose_leader_is_lost_decides_early() {
        create(0, 3);
        final long leaders = Ballot.of(7, 2);
        standing.followLeader(leaders, FOLLOWED);
        decide();
        election.pong(1, round, leaders, true, 5);
        decide();
        assertThat(election.leaderId()).isEqualTo(2);
        assertThat(election.untilDecisionNs(nowNs)).isPositive();
        election.lost(1);
        assertThat(election.leaderId()).isZero();
        assertThat(election.untilDecisionNs(nowNs)).isZero();
    }

    @Example
    void a_higher_ballot_that_a_member_follows_without_a_leader_is_taken_back_after_some_rounds() {
        create(0, 3);
        lead();
        final long higher = Ballot.of(90, 3);
        int rounds = 0;
        while (!election.hasUnledBallot()) {
            election.pong(1, round, standing.ballot(), true, 5);
            election.pong(2, round, higher, false, 5);
            decide();
            rounds++;
            assertThat(rounds).isLessThan(10);
        }
        assertThat(rounds).isEqualTo(PATIENCE + 1);
        assertThat(election.unledBallot()).isEqualTo(higher);
    }

    /** F6: with a steady round trip of more than patience times the interval nobody was ever connected. */
    @Example
    void a_member_whose_answers_take_longer_than_patience_is_connected() {
        create(0, 3);
        final int trip = PATIENCE + 3;
        for (int i = 0; i < trip; i++) {
            decide();
        }
        for (int i = 0; i < 10; i++) {
            election.pong(1, round - trip + 1, FOLLOWED, true, 5);
            decide();
            assertThat(election.connected()).isEqualTo(2);
            assertThat(election.roundTripRounds()).isEqualTo(trip - 1);
        }
        for (int i = 1; i < PATIENCE; i++) {
            decide();
            assertThat(election.connected()).isEqualTo(2);
        }
        decide();
        assertThat(election.connected()).isEqualTo(1);
        assertThat(election.roundTripRounds()).isZero();
    }

    @Example
    void an_answer_to_a_question_of_long_ago_counts_for_nothing() {
        create(0, 3);
        for (int i = 0; i < Heartbeats.ANSWER_ROUNDS_MAX + 5; i++) {
            decide();
        }
        for (int i = 0; i < 10; i++) {
            election.pong(1, round - Heartbeats.ANSWER_ROUNDS_MAX - 1, FOLLOWED, true, 5);
            decide();
            assertThat(election.connected()).isEqualTo(1);
            assertThat(election.happyNeighbour()).isZero();
        }
        election.pong(1, round - Heartbeats.ANSWER_ROUNDS_MAX, FOLLOWED, true, 5);
        decide();
        assertThat(election.connected()).isEqualTo(2);
    }

    @Example
    void an_answer_that_a_later_one_has_overtaken_is_no_sign_of_life() {
        create(0, 3);
        for (int i = 0; i < 5; i++) {
            decide();
        }
        election.pong(1, round, FOLLOWED, false, 5);
        for (int i = 0; i <= PATIENCE; i++) {
            election.pong(1, round - 2 - i, FOLLOWED, true, 5);
            assertThat(election.happyNeighbour()).isZero();
            decide();
        }
        assertThat(election.connected()).isEqualTo(1);
    }

    @Example
    void answers_to_a_round_that_was_never_asked_count_for_nothing() {
        create(0, 3);
        decide();
        election.pong(1, round + 1, FOLLOWED, true, 5);
        election.pong(2, 0, FOLLOWED, true, 5); // of an earlier life
        decide();
        assertThat(election.connected()).isEqualTo(1);
    }

    private void create(final int own, final int voters) {
        final Configuration configuration = Configuration.first(
                own + 1, Members.of(IntStream.rangeClosed(1, voters).toArray()), Quorums.majority(voters));
        standing = new Standing(configuration, FOLLOWED, Probe.NONE, () -> {
            if (election != null) {
                election.standingChanged();
            }
        });
        election = new Election(
                configuration, standing, new Heartbeats(configuration, sent, PATIENCE, 0), INTERVAL_NS, PATIENCE);
        nowNs = 1;
        round = 0;
    }

    private void lead() {
        decide(); // the first round only asks
        final long ballot = Ballot.above(FOLLOWED, 1);
        standing.campaign(ballot, FOLLOWED);
        standing.lead(ballot);
        election.pong(1, round, ballot, true, 5);
        decide();
    }

    private boolean decide() {
        return decide(false, true);
    }

    /** The round is over. */
    private boolean decide(final boolean isStalled, final boolean mayLead) {
        nowNs += INTERVAL_NS;
        final boolean campaigns = election.decide(nowNs, 5, isStalled, !isStalled && mayLead, true);
        round++;
        return campaigns;
    }
}
