package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.spi.Probe;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The promises of one replica, word by word; the others are played by the test. */
class MultiPaxosTest {
    private static final DirectBuffer X = SentMessages.value("x");
    private static final DirectBuffer Y = SentMessages.value("y");
    private static final DirectBuffer Z = SentMessages.value("z");
    private static final long BALLOT = Ballot.of(1, 1);

    /** Replica 1 of 3, which has asked for promises and has its own. */
    private static ProtocolFixture candidate(final int windowSlots) {
        final ProtocolFixture fixture = new ProtocolFixture(1, windowSlots, 1, 2, 3);
        fixture.campaign();
        assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);
        return fixture;
    }

    /** Replica 1 of 3, which leads and has found nothing to settle. */
    private static ProtocolFixture leader() {
        final ProtocolFixture fixture = candidate(8);
        fixture.core.promise(2, fixture.core.following(), 0, 0);
        assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
        fixture.sent.take();
        return fixture;
    }

    @Nested
    class Phase_1 {
        @Test
        void is_not_won_before_the_own_promise_is_durable() {
            final ProtocolFixture fixture = new ProtocolFixture(1, 8, 1, 2, 3);
            while (fixture.core.role() != Role.CANDIDATE) {
                fixture.roundWithUnhappy(2, 3);
            }
            final long ballot = fixture.core.following();
            fixture.core.promise(2, ballot, 0, 0);
            fixture.core.promise(3, ballot, 0, 0);
            assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);

            fixture.sync();
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
        }

        /** L2: sofa-jraft #1245, etcd's contract of Ready: the own ballot included. */
        @Test
        void asks_others_only_after_the_own_promise_is_durable() {
            final ProtocolFixture fixture = candidate(8);
            assertThat(fixture.sent.take())
                    .contains("afterSync 2 prepare 1 " + fixture.core.following() + " 1")
                    .noneMatch(line -> line.startsWith("now") && line.contains("prepare"));
        }

        @Test
        void is_not_won_by_an_answer_that_lacks_reports() {
            final ProtocolFixture fixture = candidate(8);
            final long ballot = fixture.core.following();
            fixture.core.promise(2, ballot, 0, 2);
            fixture.core.report(2, ballot, 2, Ballot.of(1, 2), X, 0, 1);
            assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);

            fixture.core.report(2, ballot, 1, Ballot.of(1, 2), Y, 0, 1);
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
        }

        @Test
        void waits_until_what_a_promise_calls_chosen_is_known_here() {
            final ProtocolFixture fixture = new ProtocolFixture(1, 8, 1, 2, 3);
            fixture.core.prepare(3, Ballot.of(2, 3), 1);
            fixture.campaign();
            final long ballot = fixture.core.following();
            fixture.core.promise(2, ballot, 1, 1);
            assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);
            fixture.core.flushDecisions();
            assertThat(fixture.sent.take()).contains("now 2 fetch 1 1 1");

            fixture.core.learn(2, Ballot.of(1, 2), 1, X, 0, 1);
            fixture.core.flushDecisions();
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
            assertThat(fixture.core.chosenThrough()).isEqualTo(1);
        }

        @Test
        void waits_no_longer_when_a_leaders_last_word_settles_it() {
            final ProtocolFixture fixture = new ProtocolFixture(1, 8, 1, 2, 3);
            final long older = Ballot.of(2, 3);
            fixture.core.accept(3, older, 1, 0, X, 0, 1);
            fixture.campaign();
            fixture.core.promise(3, fixture.core.following(), 1, 1);
            assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);
            fixture.core.chosen(3, older, 1);
            fixture.core.flushDecisions();
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
        }

        @Test
        void begins_anew_when_only_somebody_who_is_gone_knew_what_is_chosen() {
            final ProtocolFixture fixture = candidate(8);
            final long ballot = fixture.core.following();
            fixture.core.promise(3, ballot, 7, 7);
            for (int i = 0; i < 15; i++) {
                fixture.roundWithUnhappy(2);
            }
            assertThat(fixture.core.following()).isGreaterThan(ballot);
        }

        @Test
        void keeps_its_ballot_as_long_as_answers_come_in() {
            final ProtocolFixture fixture = candidate(8);
            final long ballot = fixture.core.following();
            for (int i = 0; i < 30; i++) {
                fixture.roundWithUnhappy(2, 3);
            }
            assertThat(fixture.core.following()).isEqualTo(ballot);
        }

        @Test
        void asks_for_the_rest_as_soon_as_one_answer_is_there() {
            final ProtocolFixture fixture = candidate(512);
            final long ballot = fixture.core.following();
            fixture.core.promise(2, ballot, 0, 300);
            fixture.sent.take();
            for (long slot = 1; slot <= Acceptor.REPORTS_MAX; slot++) {
                fixture.core.report(2, ballot, slot, Ballot.of(1, 2), X, 0, 1);
            }
            assertThat(fixture.sent.take()).containsExactly("afterSync 2 prepare 1 " + ballot + " 257");
        }

        @Test
        void reproposes_the_value_of_the_highest_ballot_and_fills_gaps_with_no_ops() {
            final ProtocolFixture fixture = new ProtocolFixture(1, 8, 1, 2, 3, 4, 5);
            fixture.campaign();
            final long ballot = fixture.core.following();
            fixture.sent.take();
            fixture.core.promise(3, ballot, 0, 3);
            fixture.core.report(3, ballot, 1, Ballot.of(1, 2), X, 0, 1);
            fixture.core.report(3, ballot, 2, Ballot.NONE, X, 0, 0);
            fixture.core.report(3, ballot, 3, Ballot.of(2, 4), Y, 0, 1);
            fixture.core.promise(4, ballot, 0, 3);
            fixture.core.report(4, ballot, 1, Ballot.of(1, 3), Z, 0, 1);
            fixture.core.report(4, ballot, 2, Ballot.NONE, X, 0, 0);
            fixture.core.report(4, ballot, 3, Ballot.of(1, 3), X, 0, 1);

            assertThat(fixture.sent.take().stream().filter(line -> line.startsWith("now 5 accept")))
                    .containsExactly(
                            "now 5 accept 1 " + ballot + " 1 0 'z'",
                            "now 5 accept 1 " + ballot + " 2 0 ''",
                            "now 5 accept 1 " + ballot + " 3 0 'y'");
        }

        @Test
        void proposes_new_commands_only_above_what_it_found() {
            final ProtocolFixture fixture = candidate(1);
            final long ballot = fixture.core.following();
            fixture.core.promise(2, ballot, 0, 2);
            fixture.core.report(2, ballot, 1, Ballot.of(1, 2), X, 0, 1);
            fixture.core.report(2, ballot, 2, Ballot.of(1, 2), Y, 0, 1);
            fixture.sync();
            fixture.accepted(2, 1);
            fixture.core.applied(1);
            assertThat(fixture.core.mayPropose()).isFalse(); // slot 2 must get 'y'

            fixture.core.flushDecisions();
            fixture.sync();
            fixture.accepted(2, 2);
            fixture.core.applied(2);
            assertThat(fixture.valueAt(2)).isEqualTo("y");
            assertThat(fixture.core.mayPropose()).isTrue();
        }
    }

    @Nested
    class Phase_2 {
        @Test
        void is_chosen_by_a_quorum_with_the_leader_only_after_its_own_sync() {
            final ProtocolFixture fixture = leader();
            fixture.core.propose(X, 0, 1);
            fixture.accepted(2, 1);
            assertThat(fixture.core.chosenThrough()).isZero();

            fixture.sync();
            assertThat(fixture.core.chosenThrough()).isEqualTo(1);
        }

        /** L5: logcabin #44: acknowledgements are a set of voters, not a number. */
        @Test
        void a_repeated_vote_counts_once() {
            final ProtocolFixture fixture = new ProtocolFixture(1, 8, 1, 2, 3, 4, 5);
            fixture.campaign();
            fixture.core.promise(2, fixture.core.following(), 0, 0);
            fixture.core.promise(3, fixture.core.following(), 0, 0);
            fixture.core.propose(X, 0, 1);
            fixture.sync();
            fixture.accepted(2, 1);
            fixture.accepted(2, 1);
            assertThat(fixture.core.chosenThrough()).isZero();

            fixture.accepted(4, 1);
            assertThat(fixture.core.chosenThrough()).isEqualTo(1);
        }

        /** L5: aeron #2147, RATIS-2605, ravendb #9325: an answer to another term counted for this one. */
        @Test
        void votes_of_an_older_ballot_do_not_count() {
            final ProtocolFixture fixture = leader();
            final long older = fixture.core.following();
            fixture.core.propose(X, 0, 1);
            fixture.sync();
            final long between = Ballot.of(2, 3);
            fixture.core.prepare(3, between, 1);
            fixture.sync();
            fixture.core.pong(3, 0, between, false, 0);
            fixture.campaign();
            final long ballot = fixture.core.following();
            assertThat(ballot).isGreaterThan(between);
            fixture.core.promise(3, ballot, 0, 1);
            fixture.core.report(3, ballot, 1, between, Y, 0, 1);
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);

            fixture.core.accepted(2, older, 1, 1);
            fixture.sync();
            assertThat(fixture.valueAt(1)).isEqualTo("y");
            assertThat(fixture.core.chosenThrough()).isZero();

            fixture.accepted(3, 1);
            assertThat(fixture.core.chosenThrough()).isEqualTo(1);
        }

        /** L5: ravendb #9325: an answer names what it answers, and is held to it. */
        @Test
        void a_vote_for_a_slot_that_was_not_proposed_is_fatal() {
            final ProtocolFixture fixture = leader();
            assertThatThrownBy(() -> fixture.accepted(2, 5)).isInstanceOf(Safety.BrokenRule.class);
        }

        @Test
        void is_repeated_to_those_who_have_not_voted() {
            final ProtocolFixture fixture = leader();
            fixture.core.propose(X, 0, 1);
            fixture.sync();
            fixture.sent.take();
            fixture.roundWithUnhappy(2, 3);
            fixture.roundWithUnhappy(2, 3);

            assertThat(fixture.sent.take())
                    .contains(
                            "now 2 accept 1 " + fixture.core.following() + " 1 0 'x'",
                            "now 3 accept 1 " + fixture.core.following() + " 1 0 'x'");
        }

        @Test
        void waits_for_a_slow_own_disk_without_harm() {
            final ProtocolFixture fixture = leader();
            fixture.core.propose(X, 0, 1);
            for (int i = 0; i < 5; i++) {
                fixture.roundWithUnhappy(2, 3);
            }
            assertThat(fixture.core.chosenThrough()).isZero();
            fixture.sync();
            fixture.accepted(2, 1);
            assertThat(fixture.core.chosenThrough()).isEqualTo(1);
        }

        @Test
        void a_full_window_holds_proposals_back_until_slots_are_applied() {
            final ProtocolFixture fixture = leader();
            for (int slot = 1; slot <= 8; slot++) {
                fixture.core.propose(X, 0, 1);
            }
            fixture.sync();
            assertThat(fixture.core.mayPropose()).isFalse();
            fixture.core.accepted(2, fixture.core.following(), 1, 8);
            assertThat(fixture.core.chosenThrough()).isEqualTo(8);
            assertThat(fixture.core.mayPropose()).isFalse();
            fixture.core.applied(1);
            assertThat(fixture.core.mayPropose()).isTrue();
        }
    }

    @Nested
    class Learning {
        /** L6: aeron #1898, RATIS-2605: a commit position is no licence to apply what is stored. */
        @Test
        void a_watermark_alone_chooses_nothing_that_was_accepted_in_another_ballot() {
            final ProtocolFixture fixture = new ProtocolFixture(2, 8, 1, 2, 3);
            fixture.core.accept(1, Ballot.of(1, 1), 1, 0, X, 0, 1);
            fixture.core.chosen(3, Ballot.of(2, 3), 1);
            assertThat(fixture.core.chosenThrough()).isZero();

            fixture.core.flushDecisions();
            assertThat(fixture.sent.take()).contains("now 3 fetch 2 1 1");
            fixture.core.learn(3, Ballot.of(2, 3), 1, Y, 0, 1);
            assertThat(fixture.core.chosenThrough()).isEqualTo(1);
            assertThat(fixture.valueAt(1)).isEqualTo("y");
        }

        /** L6: aeron #1898: in its own ballot it is one. */
        @Test
        void a_watermark_of_the_same_ballot_chooses_what_was_accepted_in_it() {
            final ProtocolFixture fixture = new ProtocolFixture(2, 8, 1, 2, 3);
            fixture.core.accept(1, Ballot.of(1, 1), 1, 0, X, 0, 1);
            fixture.core.accept(1, Ballot.of(1, 1), 2, 1, Y, 0, 1);
            assertThat(fixture.core.chosenThrough()).isEqualTo(1);
        }

        /** L4: etcd #10508, etcd #14370, RATIS-2507: applied never outruns the durable log. */
        @Test
        void a_slot_is_applied_only_when_it_is_chosen_and_durable_here() {
            final ProtocolFixture fixture = new ProtocolFixture(2, 8, 1, 2, 3);
            fixture.core.accept(1, Ballot.of(1, 1), 1, 0, X, 0, 1);
            fixture.core.chosen(1, Ballot.of(1, 1), 1);
            assertThat(fixture.core.mayApply(1)).isFalse();
            fixture.sync();
            assertThat(fixture.core.mayApply(1)).isTrue();
            assertThat(fixture.core.mayApply(2)).isFalse();
        }

        @Test
        void a_slow_disk_holds_applying_up_once_and_not_for_ever() {
            final ProtocolFixture fixture =
                    new ProtocolFixture(2, 2, 1, 2, 3); // four slots share the places of their positions
            final long ballot = Ballot.of(1, 1);
            for (long slot = 1; slot <= 4; slot++) {
                fixture.core.accept(1, ballot, slot, slot - 1, X, 0, 1);
            }
            fixture.core.chosen(1, ballot, 4);
            assertThat(fixture.core.mayApply(1)).isFalse();
            fixture.log.force();
            for (long slot = 5; slot <= 8; slot++) {
                fixture.core.accept(1, ballot, slot, slot - 1, X, 0, 1);
            }
            assertThat(fixture.core.mayApply(1)).isTrue(); // though its place now tells of slot 5, which is not durable
            assertThat(fixture.core.mayApply(5)).isFalse();
        }

        @Test
        void what_is_chosen_is_taught_to_those_who_ask() {
            final ProtocolFixture fixture = leader();
            fixture.core.propose(X, 0, 1);
            fixture.core.propose(Y, 0, 1);
            fixture.sync();
            fixture.accepted(2, 1);
            fixture.sent.take();
            fixture.core.fetch(3, 1, 2);
            assertThat(fixture.sent.take()).containsExactly("now 3 learn 1 " + fixture.core.following() + " 1 'x'");
        }
    }

    @Nested
    class Reads {
        /** L20: tikv #10011, sofa-jraft #34: no lease, but a question that is younger than the read. */
        @Test
        void are_served_only_after_a_quorum_has_confirmed_the_leader() {
            final ProtocolFixture fixture = leader();
            fixture.core.askRead(7);
            fixture.core.flushDecisions();
            assertThat(fixture.readable).isEmpty();
            assertThat(fixture.sent.take()).contains("now 2 confirm 1 " + fixture.core.following() + " 1");

            fixture.core.confirmed(2, fixture.core.following(), 1);
            assertThat(fixture.readable).containsExactly("7@0");
        }

        /** L20: yugabyte-db #16: what was true when it was sent can be false when it is received. */
        @Test
        void are_not_served_by_a_confirmation_given_before_the_question() {
            final ProtocolFixture fixture = leader();
            fixture.core.askRead(7);
            fixture.core.flushDecisions();
            fixture.core.confirmed(2, fixture.core.following(), 1);
            fixture.core.askRead(8);
            fixture.core.flushDecisions();
            fixture.core.confirmed(3, fixture.core.following(), 1);
            assertThat(fixture.readable).containsExactly("7@0");

            fixture.core.confirmed(3, fixture.core.following(), 2);
            assertThat(fixture.readable).containsExactly("7@0", "8@0");
        }

        @Test
        void wait_until_all_that_phase_1_found_is_chosen() {
            final ProtocolFixture fixture = candidate(8);
            final long ballot = fixture.core.following();
            fixture.core.promise(2, ballot, 0, 1);
            fixture.core.report(2, ballot, 1, Ballot.of(1, 2), X, 0, 1);
            fixture.core.askRead(7);
            fixture.core.flushDecisions();
            fixture.core.confirmed(2, ballot, 1);
            assertThat(fixture.readable).isEmpty();

            fixture.sync();
            fixture.accepted(2, 1);
            fixture.core.askRead(7);
            fixture.core.flushDecisions();
            fixture.core.confirmed(2, ballot, 1);
            assertThat(fixture.readable).containsExactly("7@1");
        }

        @Test
        void are_not_confirmed_by_one_who_has_promised_a_higher_ballot() {
            final ProtocolFixture fixture = new ProtocolFixture(2, 8, 1, 2, 3);
            fixture.core.prepare(3, Ballot.of(2, 3), 1);
            fixture.sent.take();
            fixture.core.confirm(1, Ballot.of(1, 1), 1);
            assertThat(fixture.sent.take()).containsExactly("now 1 reject 2 " + Ballot.of(2, 3) + " 0");
        }
    }

    @Nested
    class A_leader {
        /** F7: it stayed leader, and 0 of its 20 commands were chosen. */
        @Test
        void that_hears_only_a_neighbour_with_another_leader_follows_that_one() {
            final ProtocolFixture fixture = new ProtocolFixture(1, 8, 1, 2, 3, 4, 5);
            fixture.campaign();
            fixture.core.promise(2, fixture.core.following(), 0, 0);
            fixture.core.promise(3, fixture.core.following(), 0, 0);
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
            final long higher = Ballot.of(9, 4);
            for (int i = 0; i <= ProtocolFixture.PATIENCE; i++) {
                fixture.tick();
                fixture.happyPong(2, higher);
            }
            fixture.tick();
            assertThat(fixture.core.role()).isEqualTo(Role.FOLLOWER);
            assertThat(fixture.core.following()).isEqualTo(higher);
            assertThat(fixture.core.commandsTo()).isEqualTo(2);
        }

        /** F5: 0 of 120 commands in 6,000 heartbeats, and always the same leader. */
        @Test
        void that_gets_nothing_chosen_gives_way_and_lets_all_others_have_their_turns_first() {
            final ProtocolFixture fixture =
                    new ProtocolFixture(Probe.NONE, 10 * ProtocolFixture.INTERVAL_NS, 1, 8, 1, 2, 3);
            fixture.campaign();
            fixture.core.promise(2, fixture.core.following(), 0, 0);
            fixture.core.propose(X, 0, 1);
            fixture.sync();
            int rounds = 0;
            while (fixture.core.role() == Role.LEADER) {
                fixture.roundWithUnhappy(2, 3);
                assertThat(++rounds).isLessThan(20);
            }
            assertThat(rounds).isGreaterThan(10);
            for (int turn = 0; turn < 3; turn++) {
                fixture.roundWithUnhappy(2, 3);
                assertThat(fixture.core.role()).isEqualTo(Role.FOLLOWER);
            }
            fixture.campaign();
            assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);
        }
    }

    @Nested
    class Elections {
        /** L8: ra #608, CCF #8094: probes are pure. */
        @Test
        void a_heartbeat_question_changes_nothing() {
            final ProtocolFixture fixture = new ProtocolFixture(2, 8, 1, 2, 3);
            fixture.core.accept(1, Ballot.of(1, 1), 1, 0, X, 0, 1);
            final long appended = fixture.log.appendedPosition();
            final long following = fixture.core.following();
            fixture.core.ping(3, 99);
            assertThat(fixture.log.appendedPosition()).isEqualTo(appended);
            assertThat(fixture.core.following()).isEqualTo(following);
            assertThat(fixture.core.promised()).isEqualTo(following);
        }

        @Test
        void nobody_campaigns_while_a_neighbour_is_happy() {
            final ProtocolFixture fixture = new ProtocolFixture(1, 8, 1, 2, 3);
            final long round = (long) fixture.log.incarnation() << Integer.SIZE;
            for (int i = 1; i <= 20; i++) {
                fixture.tick();
                fixture.core.pong(2, round + i, Ballot.of(4, 3), true, 0); // follows 3, from which nothing arrives
            }
            assertThat(fixture.core.role()).isEqualTo(Role.FOLLOWER);
            assertThat(fixture.core.commandsTo()).isEqualTo(2);
            assertThat(fixture.core.leaderId()).isZero();
        }

        @Test
        void a_candidate_keeps_its_commands_from_a_neighbour_that_would_send_them_back() {
            final ProtocolFixture fixture = candidate(8);
            fixture.happyPong(2, fixture.core.following());
            assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);
            assertThat(fixture.core.commandsTo()).isZero();
        }

        @Test
        void a_deposed_leader_leaves_a_happy_neighbourhood_alone() {
            final ProtocolFixture fixture = leader();
            final long newer = Ballot.of(2, 2); // of a member from which nothing arrives
            for (int i = 0; i < 20; i++) {
                fixture.tick();
                fixture.happyPong(3, newer);
            }
            fixture.core.reject(3, newer, 1);
            assertThat(fixture.core.role()).isEqualTo(Role.FOLLOWER);
            for (int i = 0; i < 20; i++) {
                fixture.tick();
                fixture.happyPong(3, newer);
            }
            assertThat(fixture.core.role()).isEqualTo(Role.FOLLOWER);
            assertThat(fixture.sent.take()).noneMatch(line -> line.contains("prepare"));
        }

        @Test
        void a_leader_takes_back_who_has_promised_somebody_who_is_gone() {
            final ProtocolFixture fixture = new ProtocolFixture(1, 8, 1, 2, 3, 4, 5);
            fixture.campaign();
            final long ballot = fixture.core.following();
            fixture.core.promise(2, ballot, 0, 0);
            fixture.core.promise(3, ballot, 0, 0);
            for (int i = 0; i < 10 && fixture.core.role() == Role.LEADER; i++) {
                fixture.tick();
                fixture.happyPong(2, ballot);
                fixture.happyPong(3, ballot);
                fixture.unhappyPong(4, Ballot.of(7, 5));
            }
            assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);
            assertThat(fixture.core.following()).isEqualTo(Ballot.of(8, 1));
        }

        /** F30: with 60,000 commands to replay on each member there was no leader for 14 s. */
        @Test
        void who_has_yet_to_apply_what_it_knows_campaigns_when_all_others_have_had_their_turns() {
            final ProtocolFixture ready = new ProtocolFixture(2, 8, 1, 2, 3);
            final int turns = roundsUntilCandidate(ready);
            final ProtocolFixture fixture = replaying();
            final int later = roundsUntilCandidate(fixture);
            assertThat(later).isBetween(turns + 3, turns + 3 + ProtocolFixture.PATIENCE);
        }

        /** F30: who has not replayed does not lead while one that has is there. */
        @Test
        void a_leader_that_has_yet_to_apply_what_it_knows_gives_way_to_one_that_has_applied_it() {
            final ProtocolFixture fixture = replaying();
            roundsUntilCandidate(fixture);
            fixture.sync();
            fixture.core.promise(1, fixture.core.following(), 0, 0);
            fixture.core.flushDecisions();
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
            assertThat(fixture.core.mayPropose()).isFalse();
            for (int round = 0; round <= ProtocolFixture.PATIENCE; round++) {
                fixture.happyPong(1, fixture.core.following());
                fixture.tick();
            }
            fixture.core.applied(3, 24, 0, 0); // does not answer heartbeats
            fixture.core.applied(1, 8, 0, 0);
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
            fixture.core.applied(1, 24, 0, 0);
            assertThat(fixture.core.role()).isEqualTo(Role.FOLLOWER);
        }

        @Test
        void a_leader_whose_state_machine_falls_behind_goes_on_leading() {
            final ProtocolFixture fixture = replaying();
            roundsUntilCandidate(fixture);
            fixture.sync();
            fixture.core.promise(1, fixture.core.following(), 0, 0);
            fixture.core.flushDecisions();
            fixture.core.applied(31);
            for (long slot = 33; slot <= 39; slot++) {
                fixture.core.propose(X, 0, 1);
            }
            fixture.sync();
            fixture.core.accepted(1, fixture.core.following(), 33, 39);
            assertThat(fixture.core.mayPropose()).isFalse();
            fixture.happyPong(1, fixture.core.following());
            fixture.tick();
            fixture.core.applied(1, 32, 0, 0);
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
        }

        private static ProtocolFixture replaying() {
            final ProtocolFixture fixture = new ProtocolFixture(2, 8, 1, 2, 3);
            for (long slot = 1; slot <= 32; slot++) {
                fixture.core.accept(1, Ballot.of(1, 1), slot, slot - 1, X, 0, 1);
            }
            fixture.core.chosen(1, Ballot.of(1, 1), 32);
            fixture.sync();
            return fixture;
        }

        private static int roundsUntilCandidate(final ProtocolFixture fixture) {
            int rounds = 0;
            while (fixture.core.role() == Role.FOLLOWER) {
                fixture.roundWithUnhappy(1, 3);
                assertThat(++rounds).isLessThan(20);
            }
            return rounds;
        }

        @Test
        void a_leader_that_cannot_be_reached_is_missed_at_once_until_it_answers_again() {
            final ProtocolFixture fixture = new ProtocolFixture(2, 8, 1, 2, 3);
            final long ballot = Ballot.of(1, 1);
            fixture.core.accept(1, ballot, 1, 0, X, 0, 1);
            fixture.tick();
            fixture.happyPong(1, ballot);
            fixture.tick();
            assertThat(fixture.core.leaderId()).isEqualTo(1);
            fixture.happyPong(1, ballot);
            assertThat(fixture.core.untilTickNs(fixture.nowNs())).isPositive();
            fixture.core.lost(3);
            assertThat(fixture.core.untilTickNs(fixture.nowNs())).isPositive();
            fixture.core.lost(1);
            assertThat(fixture.core.untilTickNs(fixture.nowNs())).isZero();
            fixture.tick();
            assertThat(fixture.core.leaderId()).isZero();
            fixture.happyPong(1, ballot);
            fixture.tick();
            assertThat(fixture.core.leaderId()).isEqualTo(1);
        }

        /** Replica {@code self} of 3, which follows replica 1 and has an answer of both others in this round. */
        private ProtocolFixture followerOf1(final int self) {
            final ProtocolFixture fixture = new ProtocolFixture(self, 8, 1, 2, 3);
            fixture.core.accept(1, BALLOT, 1, 0, X, 0, 1);
            fixture.sync();
            for (int i = 0; i < 2; i++) {
                fixture.tick();
                fixture.happyPong(1, BALLOT);
                fixture.happyPong(5 - self, BALLOT);
            }
            return fixture;
        }

        @Test
        void who_misses_its_leader_tells_at_once_who_has_asked() {
            final ProtocolFixture fixture = followerOf1(3);
            fixture.core.ping(2, 70);
            fixture.core.ping(2, 77);
            fixture.sent.take();
            fixture.core.lost(1);
            fixture.tick();
            assertThat(fixture.sent.take()).contains("now 2 pong 3 77 " + BALLOT + " false 0");
            fixture.tick();
            assertThat(fixture.sent.take()).noneMatch(line -> line.contains("pong"));
        }

        @Test
        void the_last_to_miss_a_leader_campaigns_without_another_round() {
            final ProtocolFixture fixture = followerOf1(2);
            fixture.unhappyPong(3, BALLOT);
            assertThat(fixture.core.untilTickNs(fixture.nowNs())).isPositive();
            fixture.core.ping(3, 77);
            fixture.sent.take();
            fixture.core.lost(1);
            fixture.tick();
            assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);
            assertThat(fixture.sent.take()).noneMatch(line -> line.contains("pong")); // a candidate is not unhappy
        }

        @Test
        void a_neighbours_word_that_it_misses_the_leader_too_is_acted_on_at_once() {
            final ProtocolFixture fixture = followerOf1(2);
            fixture.core.lost(1);
            fixture.tick();
            fixture.happyPong(3, BALLOT);
            assertThat(fixture.core.role()).isEqualTo(Role.FOLLOWER);
            assertThat(fixture.core.untilTickNs(fixture.nowNs())).isPositive();
            fixture.unhappyPong(3, BALLOT);
            assertThat(fixture.core.untilTickNs(fixture.nowNs())).isZero();
            fixture.tick();
            assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);
        }

        @Test
        void a_candidates_earlier_word_does_not_make_it_unhappy_again() {
            final ProtocolFixture fixture = followerOf1(3);
            fixture.core.lost(1);
            fixture.tick();
            fixture.unhappyPong(2, BALLOT);
            fixture.tick();
            assertThat(fixture.core.role()).isEqualTo(Role.FOLLOWER); // it is the turn of 2, which knows as much
            final long higher = Ballot.of(2, 2);
            fixture.core.prepare(2, higher, 1);
            fixture.unhappyPong(2, BALLOT);
            fixture.core.tick(fixture.nowNs());
            assertThat(fixture.core.role()).isEqualTo(Role.FOLLOWER);
            assertThat(fixture.core.following()).isEqualTo(higher);
        }

        @Test
        void news_is_no_round_and_leaves_the_next_in_line_its_time_to_wait() {
            final ProtocolFixture fixture = followerOf1(3);
            fixture.sent.take();
            fixture.core.lost(1);
            fixture.core.tick(fixture.nowNs());
            assertThat(fixture.core.untilTickNs(fixture.nowNs())).isEqualTo(ProtocolFixture.INTERVAL_NS);
            assertThat(fixture.sent.take()).noneMatch(line -> line.contains("ping"));
        }

        @Test
        void nobody_campaigns_without_hearing_a_quorum() {
            final ProtocolFixture fixture = new ProtocolFixture(1, 8, 1, 2, 3, 4, 5);
            for (int i = 0; i < 20; i++) {
                fixture.roundWithUnhappy(2);
            }
            assertThat(fixture.core.role()).isEqualTo(Role.FOLLOWER);
            assertThat(fixture.core.promised()).isZero();
        }

        @Test
        void a_leader_that_meets_an_old_promise_takes_the_acceptor_back_at_once() {
            final ProtocolFixture fixture = leader();
            final long ballot = fixture.core.following();
            fixture.core.reject(3, Ballot.of(9, 3), 1);
            assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);
            assertThat(fixture.core.following()).isEqualTo(Ballot.of(10, 1)).isGreaterThan(ballot);
        }

        @Test
        void words_in_a_ballot_of_somebody_else_are_ignored() {
            final ProtocolFixture fixture = new ProtocolFixture(1, 8, 1, 2, 3);
            fixture.core.prepare(2, Ballot.of(5, 3), 1);
            fixture.core.accept(2, Ballot.of(5, 3), 1, 0, X, 0, 1);
            fixture.core.prepare(9, Ballot.of(5, 9), 1);
            assertThat(fixture.core.promised()).isZero();
            assertThat(fixture.sent.take()).isEmpty();
        }
    }
}
