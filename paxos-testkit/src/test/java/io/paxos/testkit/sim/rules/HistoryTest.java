package io.paxos.testkit.sim.rules;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Each rule about what is executed and answered can fail. */
class HistoryTest extends RulesFixture {

    @Nested
    class What_is_executed {
        @Test
        void a_command_that_was_not_submitted() {
            broken(History.VALIDITY, () -> history.executes(1, 3, 1, 0));
        }

        @Test
        void a_chosen_value_that_was_not_submitted() {
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
            broken(History.NOT_CHOSEN_IS_FINAL, () -> vote(2, B11, 1, x));
        }

        @Test
        void not_chosen_and_yet_chosen_before() {
            choose(1, x);
            broken(History.NOT_CHOSEN_IS_FINAL, () -> history.notChosen(1));
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
}
