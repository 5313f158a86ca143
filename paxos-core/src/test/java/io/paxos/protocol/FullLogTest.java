package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

/** A log without room takes nothing, and nothing is claimed that it has not taken. */
class FullLogTest {
    private static final DirectBuffer X = SentMessages.value("x");
    private static final long LEADERS = Ballot.of(3, 2);

    private final ProtocolFixture fixture = new ProtocolFixture(1, 8, 1, 2, 3);

    private void lead() {
        fixture.campaign();
        fixture.core.promise(2, fixture.core.following(), 0, 0);
        fixture.core.flushDecisions();
        fixture.happyPong(2, fixture.core.following());
        fixture.sent.take();
    }

    @Test
    void an_acceptor_gives_no_promise_and_no_vote_but_still_rejects_a_lower_ballot() {
        fixture.core.prepare(2, LEADERS, 1);
        fixture.sync();
        fixture.sent.take();
        fixture.log.fillUp();
        fixture.core.accept(2, LEADERS, 1, 0, X, 0, 1);
        fixture.core.prepare(3, Ballot.of(4, 3), 1);
        assertThat(fixture.sent.take()).isEmpty();
        assertThat(fixture.core.promised()).isEqualTo(LEADERS);
        fixture.core.accept(3, Ballot.of(2, 3), 1, 0, X, 0, 1);
        assertThat(fixture.sent.take()).containsExactly("now 3 reject 1 " + LEADERS + " 1");
        fixture.log.freeUp();
        fixture.core.accept(2, LEADERS, 1, 0, X, 0, 1);
        assertThat(fixture.sent.take()).containsExactly("afterSync 2 accepted 1 " + LEADERS + " 1 1");
    }

    @Test
    void a_vote_that_the_log_has_already_is_given_again() {
        fixture.core.accept(2, LEADERS, 1, 0, X, 0, 1);
        fixture.sync();
        fixture.sent.take();
        fixture.log.fillUp();
        fixture.core.accept(2, LEADERS, 1, 0, X, 0, 1);
        assertThat(fixture.sent.take()).containsExactly("afterSync 2 accepted 1 " + LEADERS + " 1 1");
    }

    @Test
    void a_chosen_value_is_learned_only_with_room_for_it() {
        fixture.log.fillUp();
        fixture.core.learn(2, LEADERS, 1, X, 0, 1);
        assertThat(fixture.core.chosenThrough()).isZero();
        fixture.log.freeUp();
        fixture.core.learn(2, LEADERS, 1, X, 0, 1);
        assertThat(fixture.core.chosenThrough()).isEqualTo(1);
    }

    @Test
    void no_campaign_begins() {
        fixture.log.fillUp();
        fixture.campaign();
        assertThat(fixture.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(fixture.sent.take()).noneMatch(message -> message.contains("prepare"));
        fixture.log.freeUp();
        fixture.campaign();
        assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);
    }

    /** It would have nothing to repeat. */
    @Test
    void a_leader_proposes_nothing_until_its_own_log_has_room() {
        lead();
        assertThat(fixture.core.mayPropose()).isTrue();
        fixture.log.fillUp();
        assertThat(fixture.core.mayPropose()).isFalse();
        fixture.log.freeUp();
        assertThat(fixture.core.mayPropose()).isTrue();
    }
}
