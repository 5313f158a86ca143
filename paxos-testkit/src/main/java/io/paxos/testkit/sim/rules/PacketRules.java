package io.paxos.testkit.sim.rules;

import io.paxos.protocol.Ballot;
import io.paxos.testkit.sim.net.Packet;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.value.Values;
import org.agrona.collections.Long2LongHashMap;

/** What a replica may say, seen at the moment at which it leaves: every claim is held against the disks. */
public final class PacketRules {
    public static final String OWNER = "a ballot is used by its owner only";
    public static final String ONE_LIFE = "a ballot is used by one life of its owner only";
    public static final String OWN_PROMISE = "a ballot is on its owner's disk before it is used";
    public static final String PROMISE_DURABLE = "a promise is durable before it is given";
    public static final String VOTE_DURABLE = "a vote is durable before it is cast";
    public static final String REPORT_TRUE = "a report tells the highest ballot voted in";
    public static final String PROMISE_COMPLETE = "a promise names the last slot voted in";
    public static final String TEACHES_CHOSEN = "what is taught is chosen, in a ballot not before";

    private static final long NOBODY = 0;

    private final GroundTruth truth;
    private final Values values;
    private final FirstViolation violations;
    private final Situations situations;
    private final Long2LongHashMap lives = new Long2LongHashMap(NOBODY); // ballot to the incarnation that uses it
    private final long[] preparing; // by id: the ballot of a phase 1 that has not been won yet

    public PacketRules(
            final int members,
            final GroundTruth truth,
            final Values values,
            final FirstViolation violations,
            final Situations situations) {
        this.truth = truth;
        this.values = values;
        this.violations = violations;
        this.situations = situations;
        preparing = new long[members + 1];
    }

    /** A packet leaves its sender, who lives for the {@code incarnation}-th time. */
    public void sent(final Packet packet, final int incarnation) {
        switch (packet.type()) {
            case PREPARE -> prepare(packet, incarnation);
            case PROMISE -> promise(packet);
            case REPORT -> report(packet);
            case ACCEPT -> accept(packet, incarnation);
            case ACCEPTED -> accepted(packet);
            case CHOSEN, PONG -> truth.requireChosenThrough(packet.throughSlot());
            case LEARN -> learn(packet);
            case FORWARD -> situations.saw(Situation.COMMAND_FORWARDED);
            case REJECT, FETCH, PING, ASK_READ, CONFIRM, CONFIRMED, READ_AT -> {
                // claims nothing that a disk could tell
            }
        }
    }

    private void prepare(final Packet packet, final int incarnation) {
        owns(packet, incarnation);
        final long ballot = packet.ballot();
        if (preparing[packet.from()] != ballot) {
            preparing[packet.from()] = ballot;
            for (int other = 1; other < preparing.length; other++) {
                if (other != packet.from() && preparing[other] != 0) {
                    situations.saw(Situation.DUEL);
                    preparing[other] = 0;
                }
            }
        }
    }

    private void promise(final Packet packet) {
        final long ballot = packet.ballot();
        if (truth.promisedDurably(packet.from()) < ballot) {
            throw violations.broken(
                    PROMISE_DURABLE, "on disk " + Ballot.text(truth.promisedDurably(packet.from())), packet);
        }
        truth.requireChosenThrough(packet.throughSlot());
        final long from = Math.max(packet.throughSlot(), packet.lastSlot()) + 1;
        for (long slot = from; slot <= truth.lastSlot(); slot++) {
            if (truth.highestVote(packet.from(), slot, ballot) != 0) {
                throw violations.broken(PROMISE_COMPLETE, "at least " + slot, packet);
            }
        }
    }

    private void report(final Packet packet) {
        final long accepted = packet.acceptedBallot();
        final long highest = truth.highestVote(packet.from(), packet.slot(), packet.ballot());
        if (accepted < highest) {
            throw violations.broken(REPORT_TRUE, "accepted " + Ballot.text(highest), packet);
        }
        if (accepted == Ballot.NONE) {
            return;
        }
        truth.named(accepted, packet.slot(), number(packet));
        if (!truth.holdsDurably(packet.from(), accepted, packet.slot())) {
            throw violations.broken(VOTE_DURABLE, "on disk", packet);
        }
    }

    private void accept(final Packet packet, final int incarnation) {
        owns(packet, incarnation);
        preparing[packet.from()] = 0;
        truth.requireChosenThrough(packet.throughSlot());
        final int value = number(packet);
        truth.named(packet.ballot(), packet.slot(), value);
        if (value == Values.NO_OP) {
            situations.saw(Situation.GAP_FILLED_BY_NO_OP);
        } else if (truth.wasNamedBefore(packet.ballot(), packet.slot(), value)) {
            situations.saw(Situation.OLD_VALUE_PROPOSED_AGAIN);
        }
    }

    private void accepted(final Packet packet) {
        for (long slot = packet.slot(); slot <= packet.throughSlot(); slot++) {
            if (!truth.holdsDurably(packet.from(), packet.ballot(), slot)) {
                throw violations.broken(VOTE_DURABLE, "slot " + slot + " on disk", packet);
            }
        }
    }

    private void learn(final Packet packet) {
        situations.saw(Situation.CHOSEN_VALUE_FETCHED);
        final int chosen = truth.chosen(packet.slot());
        if (chosen != number(packet) || packet.ballot() < truth.chosenBallot(packet.slot())) {
            final String expected = chosen == GroundTruth.NONE ? "nothing" : values.text(chosen);
            throw violations.broken(TEACHES_CHOSEN, expected, packet);
        }
    }

    private void owns(final Packet packet, final int incarnation) {
        final long ballot = packet.ballot();
        if (Ballot.owner(ballot) != packet.from()) {
            throw violations.broken(OWNER, "owner " + Ballot.owner(ballot), packet);
        }
        if (truth.promisedDurably(packet.from()) < ballot) {
            throw violations.broken(
                    OWN_PROMISE, "on disk " + Ballot.text(truth.promisedDurably(packet.from())), packet);
        }
        final long life = lives.get(ballot);
        if (life == NOBODY) {
            lives.put(ballot, incarnation);
        } else if (life != incarnation) {
            throw violations.broken(ONE_LIFE, "life " + life, "life " + incarnation + ": " + packet);
        }
    }

    private int number(final Packet packet) {
        return values.number(packet.value(), 0, packet.length());
    }
}
