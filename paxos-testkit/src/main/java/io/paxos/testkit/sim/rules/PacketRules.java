package io.paxos.testkit.sim.rules;

import io.paxos.protocol.Ballot;
import io.paxos.spi.IgnoredMessages;
import io.paxos.testkit.sim.net.Packet;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.value.Values;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongArrayList;

/**
 * The rules for messages. Each message is checked when it leaves its sender: its claims are compared with the disks.
 * Messages without a claim about a disk are ignored.
 */
public final class PacketRules extends IgnoredMessages {
    public static final String OWNER = "a ballot is used by its owner only";
    public static final String ONE_LIFE = "a ballot is used by one life of its owner only";
    public static final String OWN_PROMISE = "a ballot is on its owner's disk before it is used";
    public static final String PROMISE_DURABLE = "a promise is durable before it is sent";
    public static final String VOTE_DURABLE = "a vote is durable before it is sent";
    public static final String REPORT_TRUE = "a report names the highest ballot of a vote";
    public static final String PROMISE_COMPLETE = "a promise names the last slot of a vote";
    public static final String LEARN_IS_CHOSEN = "a learn message has a chosen value, and no ballot before the choice";

    public static final String CHECKSUM_TRUE = "a checksum of the prefix is that of the chosen values";

    private static final long UNUSED = 0;

    private final GroundTruth truth;
    private final Values values;
    private final FirstViolation violations;
    private final Situations situations;
    private final Long2LongHashMap lives = new Long2LongHashMap(UNUSED); // ballot to incarnation of its owner
    private final long[] preparing; // by id: the ballot of a phase 1 that is not won yet; 0 if there is none
    private final LongArrayList checksums = new LongArrayList(); // by slot, from 1: of the chosen prefix
    private Packet packet; // the last one that was sent; null before the first
    private int life; // the incarnation of its sender

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
        checksums.addLong(0);
    }

    /** A packet leaves its sender. {@code incarnation} counts the lives of the sender. */
    public void sent(final Packet sent, final int incarnation) {
        packet = sent;
        life = incarnation;
        sent.deliver(this);
    }

    @Override
    public void prepare(final int from, final long ballot, final long fromSlot) {
        owns(from, ballot);
        if (preparing[from] != ballot) {
            preparing[from] = ballot;
            for (int other = 1; other < preparing.length; other++) {
                if (other != from && preparing[other] != 0) {
                    situations.saw(Situation.DUEL);
                    preparing[other] = 0;
                }
            }
        }
    }

    @Override
    public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {
        if (truth.promisedDurably(from) < ballot) {
            throw violations.broken(PROMISE_DURABLE, "on disk " + Ballot.text(truth.promisedDurably(from)), packet);
        }
        truth.requireChosenThrough(chosenThrough);
        for (long slot = Math.max(chosenThrough, lastSlot) + 1; slot <= truth.lastSlot(); slot++) {
            if (truth.highestVote(from, slot, ballot) != 0) {
                throw violations.broken(PROMISE_COMPLETE, "at least " + slot, packet);
            }
        }
    }

    @Override
    public void report(
            final int from,
            final long ballot,
            final long slot,
            final long acceptedBallot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        final long highest = truth.highestVote(from, slot, ballot);
        if (acceptedBallot < highest) {
            throw violations.broken(REPORT_TRUE, "accepted " + Ballot.text(highest), packet);
        }
        if (acceptedBallot == Ballot.NONE) {
            return;
        }
        truth.named(acceptedBallot, slot, values.number(value, offset, length));
        if (!truth.holdsDurably(from, acceptedBallot, slot)) {
            throw violations.broken(VOTE_DURABLE, "on disk", packet);
        }
    }

    @Override
    public void accept(
            final int from,
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer bytes,
            final int offset,
            final int length) {
        owns(from, ballot);
        preparing[from] = 0;
        truth.requireChosenThrough(chosenThrough);
        final int value = values.number(bytes, offset, length);
        truth.named(ballot, slot, value);
        if (value == Values.NO_OP) {
            situations.saw(Situation.GAP_FILLED_BY_NO_OP);
        } else if (truth.wasNamedBefore(ballot, slot, value)) {
            situations.saw(Situation.OLD_VALUE_PROPOSED_AGAIN);
        }
    }

    @Override
    public void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {
        for (long slot = fromSlot; slot <= throughSlot; slot++) {
            if (!truth.holdsDurably(from, ballot, slot)) {
                throw violations.broken(VOTE_DURABLE, "slot " + slot + " on disk", packet);
            }
        }
    }

    @Override
    public void chosen(final int from, final long ballot, final long throughSlot) {
        truth.requireChosenThrough(throughSlot);
    }

    @Override
    public void pong(
            final int from, final long round, final long following, final boolean happy, final long chosenThrough) {
        truth.requireChosenThrough(chosenThrough);
    }

    @Override
    public void learn(
            final int from,
            final long ballot,
            final long slot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        situations.saw(Situation.CHOSEN_VALUE_FETCHED);
        final int chosen = truth.chosen(slot);
        if (chosen != values.number(value, offset, length) || ballot < truth.chosenBallot(slot)) {
            final String expected = chosen == GroundTruth.NONE ? "nothing" : values.text(chosen);
            throw violations.broken(LEARN_IS_CHOSEN, expected, packet);
        }
    }

    @Override
    public void forward(final int from, final DirectBuffer commands, final int offset, final int length) {
        situations.saw(Situation.COMMAND_FORWARDED);
    }

    @Override
    public void applied(final int from, final long slot, final long checksum, final long replies) {
        situations.saw(Situation.CHECKSUM_TOLD);
        while (checksums.size() <= slot) {
            checksums.addLong(checksum(checksums.getLong(checksums.size() - 1), checksums.size()));
        }
        if (checksum != checksums.getLong((int) slot)) {
            throw violations.broken(CHECKSUM_TRUE, Long.toString(checksums.getLong((int) slot)), packet);
        }
    }

    /** By the definition, and not by the code under test. */
    private long checksum(final long before, final long slot) {
        truth.requireChosenThrough(slot);
        final DirectBuffer value = values.bytes(truth.chosen(slot));
        final ByteBuffer bytes =
                ByteBuffer.allocate(2 * Long.BYTES + value.capacity()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(before).putLong(slot);
        value.getBytes(0, bytes, value.capacity());
        final CRC32C crc = new CRC32C();
        crc.update(bytes.array());
        return crc.getValue();
    }

    private void owns(final int from, final long ballot) {
        if (Ballot.owner(ballot) != from) {
            throw violations.broken(OWNER, "owner " + Ballot.owner(ballot), packet);
        }
        if (truth.promisedDurably(from) < ballot) {
            throw violations.broken(OWN_PROMISE, "on disk " + Ballot.text(truth.promisedDurably(from)), packet);
        }
        final long user = lives.get(ballot);
        if (user == UNUSED) {
            lives.put(ballot, life);
        } else if (user != life) {
            throw violations.broken(ONE_LIFE, "life " + user, "life " + life + ": " + packet);
        }
    }
}
