package io.paxos.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.Quorums;
import io.paxos.protocol.Ballot;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Each rule can fail: a history told by hand breaks it, and no other. */
class InvariantsTest {
    private static final long B11 = Ballot.of(1, 1);
    private static final long B22 = Ballot.of(2, 2);
    private static final long B33 = Ballot.of(3, 3);

    private Invariants invariants;
    private GroundTruth truth;
    private History history;
    private int x;
    private int y;

    @BeforeEach
    void three_members() {
        invariants = new Invariants(Quorums.majority(3));
        truth = invariants.truth;
        history = invariants.history;
        history.submit();
        history.submit();
        x = value(1);
        y = value(2);
    }

    @Nested
    class What_disks_hold {
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

    @Nested
    class What_is_said {
        private final Packet packet = new Packet().to(3);

        @Test
        void a_vote_that_is_not_durable() {
            truth.acceptAppended(2, B11, 1, 0, x);
            packet.accepted(2, B11, 1, 1);
            broken(PacketRules.VOTE_DURABLE, this::send);
        }

        @Test
        void a_range_of_votes_with_a_gap() {
            vote(2, B11, 1, x);
            vote(2, B11, 3, y);
            packet.accepted(2, B11, 1, 3);
            broken(PacketRules.VOTE_DURABLE, this::send);
        }

        @Test
        void a_promise_that_is_not_durable() {
            truth.promiseAppended(2, B11, 0);
            packet.promise(2, B11, 0, 0);
            broken(PacketRules.PROMISE_DURABLE, this::send);
        }

        @Test
        void a_promise_that_hides_the_last_vote() {
            vote(2, B11, 4, x);
            promise(2, B22);
            packet.promise(2, B22, 0, 3);
            broken(PacketRules.PROMISE_COMPLETE, this::send);
        }

        @Test
        void a_promise_that_claims_too_much_chosen() {
            promise(2, B22);
            packet.promise(2, B22, 1, 1);
            broken(GroundTruth.CHOSEN_CLAIM, this::send);
        }

        @Test
        void a_report_that_hides_a_vote() {
            vote(2, B11, 1, x);
            packet.report(2, B22, 1, Ballot.NONE, bytes(Values.NO_OP), 0, 0);
            broken(PacketRules.REPORT_TRUE, this::send);
        }

        @Test
        void a_report_of_an_older_vote_than_the_last() {
            vote(2, B11, 1, x);
            vote(2, B22, 1, y);
            packet.report(2, B33, 1, B11, bytes(x), 0, bytes(x).capacity());
            broken(PacketRules.REPORT_TRUE, this::send);
        }

        @Test
        void a_report_of_a_vote_never_cast() {
            packet.report(2, B33, 1, B11, bytes(x), 0, bytes(x).capacity());
            broken(PacketRules.VOTE_DURABLE, this::send);
        }

        @Test
        void a_report_of_another_value() {
            vote(2, B11, 1, x);
            packet.report(2, B33, 1, B11, bytes(y), 0, bytes(y).capacity());
            broken(GroundTruth.ONE_VALUE, this::send);
        }

        @Test
        void a_proposal_in_the_ballot_of_another() {
            promise(1, B22);
            packet.accept(1, B22, 1, 0, bytes(x), 0, bytes(x).capacity());
            broken(PacketRules.OWNER, this::send);
        }

        @Test
        void a_second_value_proposed_in_one_ballot_and_slot() {
            promise(1, B11);
            packet.accept(1, B11, 1, 0, bytes(x), 0, bytes(x).capacity());
            send();
            packet.accept(1, B11, 1, 0, bytes(y), 0, bytes(y).capacity());
            broken(GroundTruth.ONE_VALUE, this::send);
        }

        @Test
        void a_proposal_in_a_ballot_that_its_owner_has_not_promised_durably() {
            truth.promiseAppended(1, B11, 0);
            packet.accept(1, B11, 1, 0, bytes(x), 0, bytes(x).capacity());
            broken(PacketRules.OWN_PROMISE, this::send);
        }

        @Test
        void a_ballot_used_by_a_second_life() {
            promise(1, B11);
            packet.prepare(1, B11, 1);
            send();
            broken(PacketRules.ONE_LIFE, () -> invariants.packets.sent(packet, 2));
        }

        @Test
        void a_watermark_above_what_is_chosen() {
            packet.chosen(1, B11, 1);
            broken(GroundTruth.CHOSEN_CLAIM, this::send);
        }

        @Test
        void a_value_taught_that_is_not_chosen() {
            vote(1, B11, 1, x);
            packet.learn(1, B11, 1, bytes(x), 0, bytes(x).capacity());
            broken(PacketRules.TEACHES_CHOSEN, this::send);
        }

        @Test
        void a_value_taught_in_a_ballot_before_it_was_chosen() {
            vote(1, B22, 1, x);
            vote(2, B22, 1, x);
            packet.learn(1, B11, 1, bytes(x), 0, bytes(x).capacity());
            broken(PacketRules.TEACHES_CHOSEN, this::send);
        }

        private void send() {
            invariants.packets.sent(packet, 1);
        }
    }

    @Nested
    class What_is_executed {
        @Test
        void a_command_that_nobody_submitted() {
            broken(History.VALIDITY, () -> history.executes(1, 3, 1, 0));
        }

        @Test
        void a_value_chosen_that_nobody_submitted() {
            final int stranger = value(9);
            vote(1, B11, 1, stranger);
            broken(History.VALIDITY, () -> vote(2, B11, 1, stranger));
        }

        @Test
        void a_command_in_a_slot_where_nothing_is_chosen() {
            broken(History.EXECUTED_IS_CHOSEN, () -> history.executes(1, 1, 1, 0));
        }

        @Test
        void a_command_in_a_slot_where_another_is_chosen() {
            choose(1, x);
            broken(History.EXECUTED_IS_CHOSEN, () -> history.executes(1, 2, 1, 0));
        }

        @Test
        void a_command_twice() {
            choose(1, x);
            choose(2, x);
            history.executes(1, 1, 1, 0);
            broken(History.ONCE, () -> history.executes(1, 1, 2, 0));
        }

        @Test
        void another_order_on_another_replica() {
            choose(1, x);
            choose(2, y);
            history.executes(1, 1, 1, 0);
            history.executes(1, 2, 2, 0);
            broken(History.SAME_SEQUENCE, () -> history.executes(2, 2, 2, 0));
        }

        @Test
        void another_time_on_another_replica() {
            choose(1, x);
            history.executes(1, 1, 1, 5);
            broken(History.SAME_SEQUENCE, () -> history.executes(2, 1, 1, 6));
        }

        @Test
        void time_that_falls() {
            choose(1, x);
            choose(2, y);
            history.executes(1, 1, 1, 5);
            broken(History.SAME_SEQUENCE, () -> history.executes(1, 2, 2, 4));
        }

        @Test
        void a_slot_applied_that_is_not_in_the_own_log() {
            choose(1, x);
            broken(History.APPLIED_DURABLE, () -> history.applied(3, 1));
        }

        @Test
        void a_slot_applied_that_is_not_chosen() {
            vote(1, B11, 1, x);
            broken(GroundTruth.CHOSEN_CLAIM, () -> history.applied(1, 1));
        }
    }

    @Nested
    class What_is_answered {
        @Test
        void an_acknowledgement_of_what_was_not_executed() {
            broken(History.ACK_TRUE, () -> acknowledge(1, 1, 0, 0));
        }

        @Test
        void an_acknowledgement_in_another_slot() {
            choose(1, x);
            history.executes(1, 1, 1, 0);
            broken(History.ACK_TRUE, () -> acknowledge(1, 2, 1, history.chain(1)));
        }

        @Test
        void an_acknowledgement_with_another_reply() {
            choose(1, x);
            history.executes(1, 1, 1, 0);
            broken(History.ACK_TRUE, () -> acknowledge(1, 1, 1, 12345));
        }

        @Test
        void two_outcomes() {
            history.unknown(1);
            broken(History.ONE_OUTCOME, () -> history.notChosen(1));
        }

        @Test
        void not_chosen_and_yet_chosen_later() {
            history.notChosen(1);
            vote(1, B11, 1, x);
            broken(History.NOT_CHOSEN_LIE, () -> vote(2, B11, 1, x));
        }

        @Test
        void not_chosen_and_yet_chosen_before() {
            choose(1, x);
            broken(History.NOT_CHOSEN_LIE, () -> history.notChosen(1));
        }

        @Test
        void a_stale_read_after_an_acknowledgement() {
            choose(1, x);
            history.executes(1, 1, 1, 0);
            acknowledge(1, 1, 1, history.chain(1));
            final int floor = history.readBegins();
            broken(History.READ_FRESH, () -> history.read(floor, true, 0, 0));
        }

        @Test
        void a_read_that_goes_back_behind_another() {
            choose(1, x);
            history.executes(1, 1, 1, 0);
            history.read(history.readBegins(), true, 1, history.chain(1));
            final int floor = history.readBegins();
            broken(History.READ_FRESH, () -> history.read(floor, true, 0, 0));
        }

        @Test
        void a_local_read_may_be_stale() {
            choose(1, x);
            history.executes(1, 1, 1, 0);
            acknowledge(1, 1, 1, history.chain(1));
            history.read(history.readBegins(), false, 0, 0);
            invariants.violations.check();
        }

        @Test
        void a_read_of_a_state_that_never_was() {
            broken(History.READ_TRUE, () -> history.read(0, false, 0, 7));
            broken(History.READ_TRUE, () -> history.read(0, false, 1, 0));
        }

        private void acknowledge(final long number, final long slot, final long place, final long chain) {
            final UnsafeBuffer reply = new UnsafeBuffer(new byte[HistoryMachine.REPLY_LENGTH]);
            reply.putLong(0, place);
            reply.putLong(Long.BYTES, chain);
            history.chosen(number, slot, reply, 0, reply.capacity());
        }
    }

    @Test
    void the_first_violation_is_kept_though_the_replica_swallows_it() {
        promise(1, B22);
        assertThatThrownBy(() -> promise(1, B11)).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> vote(1, B11, 1, x)).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(invariants.violations::check)
                .isInstanceOfSatisfying(
                        InvariantViolation.class,
                        violation -> assertThat(violation.rule()).isEqualTo(GroundTruth.PROMISE_FALLS));
    }

    private void broken(final String rule, final ThrowingCallable told) {
        assertThatThrownBy(told)
                .isInstanceOfSatisfying(
                        InvariantViolation.class,
                        violation -> assertThat(violation.rule()).isEqualTo(rule));
    }

    private void promise(final int replica, final long ballot) {
        truth.promiseAppended(replica, ballot, 0);
        truth.promiseDurable(replica, ballot, 0);
    }

    private void vote(final int replica, final long ballot, final long slot, final int value) {
        truth.acceptAppended(replica, ballot, slot, 0, value);
        truth.acceptDurable(replica, ballot, slot, value);
    }

    private void choose(final long slot, final int value) {
        vote(1, B11, slot, value);
        vote(2, B11, slot, value);
    }

    private int value(final long number) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[24]);
        SimCommands.write(new UnsafeBuffer(buffer, 4, SimCommands.LENGTH_MIN), number, SimCommands.LENGTH_MIN);
        return invariants.values.number(buffer, 0, buffer.capacity());
    }

    private DirectBuffer bytes(final int value) {
        return invariants.values.bytes(value);
    }
}
