package io.paxos.testkit.sim.rules;

import io.paxos.Quorums;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.value.Values;

/** All rules of one run, and their common state. */
public final class Invariants {
    public final Values values = new Values();
    public final FirstViolation violations = new FirstViolation();
    public final Situations situations = new Situations();
    public final GroundTruth truth;
    public final PacketRules packets;
    public final History history;

    public Invariants(final Quorums quorums) {
        truth = new GroundTruth(quorums, values, violations, situations);
        packets = new PacketRules(quorums.members(), truth, values, violations, situations);
        history = new History(quorums.members(), truth, values, violations, situations);
        truth.onChosen(history::isChosen);
    }
}
