package io.paxos.testkit.sim.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Quorums;
import io.paxos.testkit.sim.value.Values;
import org.junit.jupiter.api.Test;

/** Each rule about what disks hold can fail. */
class GroundTruthTest extends RulesFixture {

    @Test
    void two_values_chosen_for_one_slot() {
        vote(1, B11, 1, x);
        vote(2, B11, 1, x);
        assertThat(truth.chosen(1)).isEqualTo(x);
        vote(3, B33, 1, y);
        promise(2, B33);
        broken(GroundTruth.AGREEMENT, () -> vote(2, B33, 1, y));
    }

    @Test
    void a_no_op_is_a_value_too() {
        vote(1, B11, 1, x);
        vote(2, B11, 1, x);
        vote(3, B33, 1, Values.NO_OP);
        promise(2, B33);
        broken(GroundTruth.AGREEMENT, () -> vote(2, B33, 1, Values.NO_OP));
    }

    @Test
    void votes_of_different_ballots_choose_nothing() {
        vote(1, B11, 1, x);
        vote(2, B22, 1, x);
        assertThat(truth.chosen(1)).isEqualTo(GroundTruth.NONE);
        assertThat(truth.chosenThrough()).isZero();
    }

    @Test
    void what_is_not_durable_chooses_nothing() {
        truth.acceptAppended(1, B11, 1, 0, x);
        truth.acceptAppended(2, B11, 1, 0, x);
        truth.acceptAppended(3, B11, 1, 0, x);
        assertThat(truth.chosen(1)).isEqualTo(GroundTruth.NONE);
    }

    @Test
    void flexible_quorums_choose_with_their_own_size() {
        final GroundTruth flexible = new Invariants(Quorums.flexible(3, 3, 1)).truth;
        flexible.acceptAppended(1, B11, 1, 0, Values.NO_OP);
        flexible.acceptDurable(1, B11, 1, Values.NO_OP);
        assertThat(flexible.chosenThrough()).isEqualTo(1);
    }

    @Test
    void two_values_in_one_ballot_and_slot() {
        truth.acceptAppended(1, B11, 1, 0, x);
        broken(GroundTruth.ONE_VALUE, () -> truth.acceptAppended(2, B11, 1, 0, y));
    }

    @Test
    void two_values_in_one_ballot_and_slot_though_the_first_was_lost_in_a_crash() {
        truth.acceptAppended(1, B11, 1, 0, x);
        truth.crashed(1, 1);
        broken(GroundTruth.ONE_VALUE, () -> truth.acceptAppended(1, B11, 1, 0, y));
    }

    @Test
    void a_promise_that_falls() {
        promise(1, B22);
        broken(GroundTruth.PROMISE_FALLS, () -> promise(1, B11));
    }

    @Test
    void a_durable_promise_that_falls_after_a_crash() {
        promise(1, B22);
        truth.promiseAppended(1, B33, 0);
        truth.crashed(1, 1);
        truth.promiseAppended(1, B22, 0);
        broken(GroundTruth.PROMISE_FALLS, () -> promise(1, B11));
    }

    @Test
    void a_promise_for_one_slot_that_falls() {
        truth.promiseAppended(1, B22, 5);
        truth.promiseAppended(1, B11, 6);
        broken(GroundTruth.PROMISE_FALLS, () -> truth.promiseAppended(1, B11, 5));
    }

    @Test
    void an_accept_below_the_promise() {
        promise(1, B22);
        broken(GroundTruth.BELOW_PROMISE, () -> vote(1, B11, 1, x));
    }

    @Test
    void an_accept_below_what_was_accepted() {
        vote(1, B22, 1, x);
        broken(GroundTruth.BELOW_PROMISE, () -> vote(1, B11, 1, y));
    }

    @Test
    void a_chosen_value_may_be_stored_below_the_promise() {
        vote(1, B11, 1, x);
        vote(2, B11, 1, x);
        promise(3, B33);
        vote(3, B11, 1, x);
        assertThat(truth.holdsChosen(3, 1)).isTrue();
        assertThat(truth.highestVote(3, 1, B33)).as("that was no vote").isZero();
    }

    @Test
    void a_chosen_prefix_noted_too_high() {
        broken(GroundTruth.CHOSEN_CLAIM, () -> truth.acceptAppended(1, B11, 2, 1, x));
    }
}
