package io.paxos.testkit.sim;

import io.paxos.protocol.Quorums;

/** All rules of one run, and what they share. */
final class Invariants {
    final Values values = new Values();
    final Referee referee = new Referee();
    final Situations situations = new Situations();
    final GroundTruth truth;
    final PacketRules packets;
    final History history;

    Invariants(final Quorums quorums) {
        truth = new GroundTruth(quorums, values, referee, situations);
        packets = new PacketRules(quorums.members(), truth, values, referee, situations);
        history = new History(quorums.members(), truth, values, referee, situations);
        truth.onChosen(history::isChosen);
    }
}
