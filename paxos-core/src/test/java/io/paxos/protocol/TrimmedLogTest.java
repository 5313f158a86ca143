package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a replica answers below the bottom of its log, and what it does with such an answer. */
class TrimmedLogTest {
    private static final DirectBuffer X = SentMessages.value("x");
    private static final long LEADERS = Ballot.of(3, 2);

    private final ProtocolFixture fixture = new ProtocolFixture(1, 8, 1, 2, 3);

    /** Slots through this one are chosen, and their values are in the log here. */
    private void learn(final long throughSlot) {
        for (long slot = fixture.core.chosenThrough() + 1; slot <= throughSlot; slot++) {
            fixture.core.learn(2, LEADERS, slot, X, 0, 1);
        }
        fixture.sync();
        fixture.sent.take();
    }

    /** The slots 1 to 20 are chosen, and 1 to 10 are trimmed. */
    private void trimmed() {
        learn(20);
        fixture.core.applied(20);
        fixture.log.trim(10);
    }

    @Nested
    class A_replica_that_has_trimmed {
        @Test
        void answers_an_accept_below_with_its_bottom_and_never_with_a_vote() {
            trimmed();
            fixture.core.accept(2, LEADERS, 10, 9, X, 0, 1);
            assertThat(fixture.sent.take()).containsExactly("now 2 trimmed 1 11");
            fixture.core.accept(2, LEADERS, 11, 9, X, 0, 1);
            assertThat(fixture.sent.take()).containsExactly("afterSync 2 accepted 1 " + LEADERS + " 11 11");
        }

        @Test
        void answers_a_fetch_below_with_its_bottom_and_one_above_with_values() {
            trimmed();
            fixture.core.fetch(3, 10, 12);
            assertThat(fixture.sent.take()).containsExactly("now 3 trimmed 1 11");
            fixture.core.fetch(3, 11, 12);
            assertThat(fixture.sent.take())
                    .containsExactly("now 3 learn 1 " + LEADERS + " 11 'x'", "now 3 learn 1 " + LEADERS + " 12 'x'");
        }

        @Test
        void names_its_prefix_in_a_promise_and_reports_nothing_below() {
            trimmed();
            final long ballot = Ballot.of(4, 3);
            fixture.core.prepare(3, ballot, 1);
            assertThat(fixture.sent.take()).containsExactly("afterSync 3 promise 1 " + ballot + " 20 20");
        }

        @Test
        void ignores_a_late_promise_report_or_learned_value_below() {
            trimmed();
            fixture.campaign();
            final long ballot = fixture.core.following();
            fixture.core.promise(2, ballot, 5, 7);
            fixture.core.report(2, ballot, 6, LEADERS, X, 0, 1);
            fixture.core.learn(3, LEADERS, 4, X, 0, 1);
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
            assertThat(fixture.core.chosenThrough()).isEqualTo(20);
        }

        @Test
        void names_at_least_what_it_has_trimmed_after_a_restart_without_a_snapshot() {
            fixture.log.trim(10);
            final ProtocolFixture restarted = new ProtocolFixture(1, 8, 1, 2, 3);
            restarted.log.trim(10);
            assertThat(new Learner(restarted.log, null, null, 8).chosenThrough())
                    .isEqualTo(10);
        }
    }

    @Nested
    class A_replica_that_lacks_what_was_trimmed {
        private void pong(final int from, final long chosenThrough) {
            fixture.core.pong(from, fixture.round(), Ballot.NONE, false, chosenThrough);
        }

        private boolean fetchesFrom(final int member) {
            fixture.core.flushDecisions();
            return fixture.sent.take().stream().anyMatch(line -> line.startsWith("now " + member + " fetch "));
        }

        @Test
        void asks_another_member_that_knows_more() {
            learn(5);
            fixture.tick();
            pong(2, 90);
            assertThat(fetchesFrom(2)).isTrue();
            fixture.core.trimmed(2, 50);
            pong(2, 91);
            assertThat(fetchesFrom(2)).isFalse();
            pong(3, 80);
            assertThat(fetchesFrom(3)).isTrue();
            fixture.tick();
            assertThat(fixture.core.snapshotNeeded()).isZero();
        }

        /** Seed 7199788: repeats filled the queue to the only member that is there, before the question got into it. */
        @Test
        void repeats_no_proposal_as_a_leader_that_needs_a_snapshot() {
            learn(5);
            fixture.core.applied(5);
            fixture.campaign();
            fixture.core.promise(2, fixture.core.following(), 5, 5);
            fixture.core.propose(X, 0, 1);
            fixture.sync();
            fixture.tick();
            fixture.sent.take();
            pong(2, 5);
            pong(3, 5);
            fixture.tick();
            assertThat(fixture.sent.take()).anyMatch(line -> line.startsWith("now 2 accept "));

            fixture.core.trimmed(2, 50);
            pong(2, 90);
            pong(3, 5);
            fixture.tick();
            assertThat(fixture.core.snapshotNeeded()).isEqualTo(49);
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
            assertThat(fixture.sent.take()).noneMatch(line -> line.contains(" accept "));
        }

        @Test
        void needs_a_snapshot_if_all_that_know_more_have_trimmed() {
            learn(5);
            fixture.core.trimmed(2, 50);
            fixture.core.trimmed(3, 40);
            fixture.tick();
            pong(2, 90);
            pong(3, 90);
            fixture.tick();
            assertThat(fixture.core.snapshotNeeded()).isEqualTo(39);
            assertThat(fetchesFrom(2) || fetchesFrom(3)).isFalse();
        }

        @Test
        void fetches_again_once_its_prefix_has_passed_the_bottom() {
            learn(5);
            fixture.core.trimmed(2, 50);
            fixture.core.restored(60);
            fixture.log.trim(60);
            fixture.tick();
            pong(2, 90);
            assertThat(fixture.core.snapshotNeeded()).isZero();
            assertThat(fetchesFrom(2)).isTrue();
        }

        /** L12: nothing else touches what is being replaced: braft #423, sofa-jraft #735. */
        @Test
        void does_not_vote_in_slots_that_are_being_replaced_and_keeps_its_promise() {
            learn(5);
            fixture.core.prepare(3, Ballot.of(9, 3), 1);
            fixture.sent.take();
            fixture.core.replacing(60);
            fixture.core.accept(3, Ballot.of(9, 3), 6, 5, X, 0, 1);
            assertThat(fixture.sent.take()).isEmpty();
            assertThat(fixture.log.acceptedBallot(6)).isZero();
            fixture.core.restored(60);
            fixture.core.replacing(0);
            assertThat(fixture.core.promised()).isEqualTo(Ballot.of(9, 3));
            fixture.core.accept(2, LEADERS, 61, 60, X, 0, 1);
            assertThat(fixture.sent.take()).containsExactly("now 2 reject 1 " + Ballot.of(9, 3) + " 61");
        }

        /** The others wait for a candidate. One that waits for a snapshot would keep the cluster without a leader. */
        @Test
        void gives_up_its_candidacy_if_what_it_must_learn_first_is_trimmed_everywhere() {
            fixture.campaign();
            fixture.core.promise(2, fixture.core.following(), 40, 40);
            fixture.core.flushDecisions();
            fixture.core.trimmed(2, 41);
            assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);
            fixture.tick();
            assertThat(fixture.core.snapshotNeeded()).isEqualTo(40);
            assertThat(fixture.core.role()).isEqualTo(Role.FOLLOWER);
        }

        @Test
        void gives_up_its_candidacy_when_the_snapshot_is_there() {
            fixture.campaign();
            fixture.core.promise(2, fixture.core.following(), 40, 40);
            assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);
            fixture.core.restored(60);
            assertThat(fixture.core.role()).isEqualTo(Role.FOLLOWER);
            assertThat(fixture.core.chosenThrough()).isEqualTo(60);
        }

        /** It would name a prefix that nobody can give away any more. The others can settle those slots without it. */
        @Test
        void without_its_state_promises_nothing_and_names_no_prefix() {
            final ProtocolFixture stateless = new ProtocolFixture(1, 8, 1, 2, 3);
            stateless.log.trim(7);
            stateless.core.prepare(3, Ballot.of(9, 3), 1);
            assertThat(stateless.sent.take()).isEmpty();
            stateless.core.ping(3, 5);
            assertThat(stateless.sent.take())
                    .anyMatch(line -> line.startsWith("now 3 pong 1 5 ") && line.endsWith(" 0"));
            stateless.core.restored(7);
            stateless.core.prepare(3, Ballot.of(9, 3), 1);
            assertThat(stateless.sent.take()).containsExactly("afterSync 3 promise 1 " + Ballot.of(9, 3) + " 7 7");
        }

        @Test
        void does_not_campaign_while_its_log_begins_behind_its_state() {
            final ProtocolFixture behind = new ProtocolFixture(1, 8, 1, 2, 3);
            behind.log.trim(3);
            for (int i = 0; i < 20; i++) {
                behind.roundWithUnhappy(2, 3);
            }
            assertThat(behind.core.role()).isEqualTo(Role.FOLLOWER);
        }
    }
}
