package io.paxos.testkit.sim.rules;

import io.paxos.protocol.Ballot;
import io.paxos.spi.Messages;
import io.paxos.testkit.sim.net.Packet;
import io.paxos.testkit.sim.value.Values;
import io.paxos.transport.wire.MessageCapture;
import org.junit.jupiter.api.Test;

/** Each rule about what replicas send can fail. */
class PacketRulesTest extends RulesFixture {

    private final Packet packet = new Packet().to(3);
    private final Messages message = new MessageCapture(packet::set).sender();

    @Test
    void a_vote_that_is_not_durable() {
        truth.acceptAppended(2, B11, 1, 0, x);
        message.accepted(2, B11, 1, 1);
        broken(PacketRules.VOTE_DURABLE, this::send);
    }

    @Test
    void a_range_of_votes_with_a_gap() {
        vote(2, B11, 1, x);
        vote(2, B11, 3, y);
        message.accepted(2, B11, 1, 3);
        broken(PacketRules.VOTE_DURABLE, this::send);
    }

    @Test
    void a_promise_that_is_not_durable() {
        truth.promiseAppended(2, B11, 0);
        message.promise(2, B11, 0, 0);
        broken(PacketRules.PROMISE_DURABLE, this::send);
    }

    @Test
    void a_promise_that_hides_the_last_vote() {
        vote(2, B11, 4, x);
        promise(2, B22);
        message.promise(2, B22, 0, 3);
        broken(PacketRules.PROMISE_COMPLETE, this::send);
    }

    @Test
    void a_promise_that_claims_too_much_chosen() {
        promise(2, B22);
        message.promise(2, B22, 1, 1);
        broken(GroundTruth.CHOSEN_CLAIM, this::send);
    }

    @Test
    void a_report_that_hides_a_vote() {
        vote(2, B11, 1, x);
        message.report(2, B22, 1, Ballot.NONE, bytes(Values.NO_OP), 0, 0);
        broken(PacketRules.REPORT_TRUE, this::send);
    }

    @Test
    void a_report_of_an_older_vote_than_the_last() {
        vote(2, B11, 1, x);
        vote(2, B22, 1, y);
        message.report(2, B33, 1, B11, bytes(x), 0, bytes(x).capacity());
        broken(PacketRules.REPORT_TRUE, this::send);
    }

    @Test
    void a_report_of_a_vote_never_cast() {
        message.report(2, B33, 1, B11, bytes(x), 0, bytes(x).capacity());
        broken(PacketRules.VOTE_DURABLE, this::send);
    }

    @Test
    void a_report_of_another_value() {
        vote(2, B11, 1, x);
        message.report(2, B33, 1, B11, bytes(y), 0, bytes(y).capacity());
        broken(GroundTruth.ONE_VALUE, this::send);
    }

    @Test
    void a_proposal_in_the_ballot_of_another() {
        promise(1, B22);
        message.accept(1, B22, 1, 0, bytes(x), 0, bytes(x).capacity());
        broken(PacketRules.OWNER, this::send);
    }

    @Test
    void a_second_value_proposed_in_one_ballot_and_slot() {
        promise(1, B11);
        message.accept(1, B11, 1, 0, bytes(x), 0, bytes(x).capacity());
        send();
        message.accept(1, B11, 1, 0, bytes(y), 0, bytes(y).capacity());
        broken(GroundTruth.ONE_VALUE, this::send);
    }

    @Test
    void a_proposal_in_a_ballot_that_its_owner_has_not_promised_durably() {
        truth.promiseAppended(1, B11, 0);
        message.accept(1, B11, 1, 0, bytes(x), 0, bytes(x).capacity());
        broken(PacketRules.OWN_PROMISE, this::send);
    }

    @Test
    void a_ballot_used_by_a_second_life() {
        promise(1, B11);
        message.prepare(1, B11, 1);
        send();
        broken(PacketRules.ONE_LIFE, () -> invariants.packets.sent(packet, 2));
    }

    @Test
    void a_watermark_above_what_is_chosen() {
        message.chosen(1, B11, 1);
        broken(GroundTruth.CHOSEN_CLAIM, this::send);
    }

    @Test
    void a_learn_message_with_a_value_that_is_not_chosen() {
        vote(1, B11, 1, x);
        message.learn(1, B11, 1, bytes(x), 0, bytes(x).capacity());
        broken(PacketRules.LEARN_IS_CHOSEN, this::send);
    }

    @Test
    void a_learn_message_with_a_ballot_before_the_choice() {
        vote(1, B22, 1, x);
        vote(2, B22, 1, x);
        message.learn(1, B11, 1, bytes(x), 0, bytes(x).capacity());
        broken(PacketRules.LEARN_IS_CHOSEN, this::send);
    }

    private void send() {
        invariants.packets.sent(packet, 1);
    }
}
