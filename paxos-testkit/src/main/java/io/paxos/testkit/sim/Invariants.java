package io.paxos.testkit.sim;

import io.paxos.Quorums;

/** All rules of one run, and what they share. */
final class Invariants {
    final Values values = new Values();
    final FirstViolation violations = new FirstViolation();
    final Situations situations = new Situations();
    final GroundTruth truth;
    final PacketRules packets;
    final History history;

    Invariants(final Quorums quorums) {
        truth = new GroundTruth(quorums, values, violations, situations);
        packets = new PacketRules(quorums.members(), truth, values, violations, situations);
        history = new History(quorums.members(), truth, values, violations, situations);
        truth.onChosen(history::isChosen);
    }
}
