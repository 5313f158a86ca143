package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.spi.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The transitions in the comment of {@link Standing}, for replica 1 of 3, which follows and has promised 3.1. */
class StandingTest {
    private static final Configuration CONFIGURATION = Configuration.first(1, Members.of(1, 2, 3), Quorums.majority(3));
    private static final long OWN = Ballot.of(3, 1);
    private static final long LOWER = Ballot.of(2, 3);
    private static final long HIGHER = Ballot.of(3, 2);
    private static final long NEXT_OWN = Ballot.of(4, 1);

    private final List<String> told = new ArrayList<>();
    private int changes;

    private final Probe probe = new Probe() {
        @Override
        public void follower(final long ballot) {
            told.add("follower " + Ballot.text(ballot));
        }

        @Override
        public void candidate(final long ballot) {
            told.add("candidate " + Ballot.text(ballot));
        }

        @Override
        public void leader(final long ballot) {
            told.add("leader " + Ballot.text(ballot));
        }
    };

    /** In this role, in ballot 3.1. */
    private Standing in(final Role role) {
        final boolean isFollower = role == Role.FOLLOWER;
        final Standing standing = new Standing(CONFIGURATION, isFollower ? OWN : LOWER, probe, () -> changes++);
        if (!isFollower) {
            standing.campaign(OWN, LOWER);
        }
        if (role == Role.LEADER) {
            standing.lead(OWN);
        }
        assertThat(standing.role()).isEqualTo(role);
        assertThat(standing.ballot()).isEqualTo(OWN);
        changes = 0;
        told.clear();
        return standing;
    }

    private void assertBecame(final Standing standing, final Role role, final long ballot) {
        assertThat(standing.role()).isEqualTo(role);
        assertThat(standing.ballot()).isEqualTo(ballot);
        assertThat(changes).isEqualTo(1);
        assertThat(told).containsExactly(role.name().toLowerCase(Locale.ROOT) + " " + Ballot.text(ballot));
    }

    private void assertUnchanged(final Standing standing, final Role role) {
        assertThat(standing.role()).isEqualTo(role);
        assertThat(standing.ballot()).isEqualTo(OWN);
        assertThat(changes).isZero();
        assertThat(told).isEmpty();
    }

    @Test
    void a_replica_starts_as_follower_of_what_it_has_promised() {
        final Standing standing = new Standing(CONFIGURATION, HIGHER, probe, () -> changes++);
        assertThat(standing.role()).isEqualTo(Role.FOLLOWER);
        assertThat(standing.ballot()).isEqualTo(HIGHER);
        assertThat(told).containsExactly("follower 3.2");
        assertThat(changes).isZero();
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void a_higher_ballot_makes_a_follower_of_every_role(@ForAll final Role role) {
        final StandingTest table = new StandingTest();
        final Standing standing = table.in(role);
        standing.follow(HIGHER);
        table.assertBecame(standing, Role.FOLLOWER, HIGHER);
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void a_ballot_that_is_not_higher_is_not_followed(@ForAll final Role role, @ForAll final boolean isSame) {
        final StandingTest table = new StandingTest();
        final Standing standing = table.in(role);
        assertThatThrownBy(() -> standing.follow(isSame ? OWN : LOWER)).isInstanceOf(Safety.BrokenRule.class);
        table.assertUnchanged(standing, role);
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void a_leader_of_a_higher_ballot_is_followed_in_every_role(@ForAll final Role role) {
        final StandingTest table = new StandingTest();
        final Standing standing = table.in(role);
        standing.followLeader(HIGHER, OWN);
        table.assertBecame(standing, Role.FOLLOWER, HIGHER);
    }

    @Test
    void a_follower_returns_to_a_leader_whose_ballot_is_lower_but_not_below_its_promise() {
        final Standing standing = in(Role.FOLLOWER);
        standing.followLeader(LOWER, LOWER);
        assertBecame(standing, Role.FOLLOWER, LOWER);
        assertThat(standing.isFollowing(LOWER)).isTrue();
        assertThat(standing.isFollowing(OWN)).isFalse();
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void a_leader_below_the_promise_is_not_followed(@ForAll final Role role) {
        final StandingTest table = new StandingTest();
        final Standing standing = table.in(role);
        assertThatThrownBy(() -> standing.followLeader(LOWER, OWN)).isInstanceOf(Safety.BrokenRule.class);
        table.assertUnchanged(standing, role);
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void a_candidate_or_leader_resigns_and_keeps_its_ballot(@ForAll final boolean isLeader) {
        final StandingTest table = new StandingTest();
        final Standing standing = table.in(isLeader ? Role.LEADER : Role.CANDIDATE);
        standing.resign();
        table.assertBecame(standing, Role.FOLLOWER, OWN);
    }

    @Test
    void a_follower_has_nothing_to_resign_from() {
        final Standing standing = in(Role.FOLLOWER);
        assertThatThrownBy(standing::resign).isInstanceOf(AssertionError.class);
        assertUnchanged(standing, Role.FOLLOWER);
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void every_role_may_campaign_in_a_higher_ballot_of_its_own(@ForAll final Role role) {
        final StandingTest table = new StandingTest();
        final Standing standing = table.in(role);
        standing.campaign(NEXT_OWN, HIGHER);
        table.assertBecame(standing, Role.CANDIDATE, NEXT_OWN);
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void nobody_campaigns_in_the_ballot_of_another_or_one_that_is_not_above_all(@ForAll final Role role) {
        final StandingTest table = new StandingTest();
        final Standing standing = table.in(role);
        assertThatThrownBy(() -> standing.campaign(HIGHER, OWN)).hasMessageContaining("a ballot of its own");
        assertThatThrownBy(() -> standing.campaign(OWN, LOWER)).hasMessageContaining("above the one followed");
        assertThatThrownBy(() -> standing.campaign(NEXT_OWN, NEXT_OWN)).hasMessageContaining("above the one promised");
        table.assertUnchanged(standing, role);
    }

    @Test
    void a_candidate_leads_in_the_ballot_that_it_has_promised() {
        final Standing standing = in(Role.CANDIDATE);
        standing.lead(OWN);
        assertBecame(standing, Role.LEADER, OWN);
    }

    @Test
    void nobody_leads_without_being_candidate_or_in_another_ballot_than_the_promised_one() {
        assertThatThrownBy(() -> in(Role.FOLLOWER).lead(OWN)).isInstanceOf(Safety.BrokenRule.class);
        assertThatThrownBy(() -> in(Role.LEADER).lead(OWN)).isInstanceOf(Safety.BrokenRule.class);
        assertThatThrownBy(() -> in(Role.CANDIDATE).lead(HIGHER)).isInstanceOf(Safety.BrokenRule.class);
    }
}
