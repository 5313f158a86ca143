package io.paxos.testkit.sim.net;

import io.paxos.protocol.Ballot;
import io.paxos.spi.Messages;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.value.SimCommands;
import io.paxos.testkit.sim.value.Values;
import java.util.Locale;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One message on its way: remembers what it was told as {@link Messages}, and says it again to the receiver.
 *
 * <p>Holds one message at a time; a field that its type does not have is 0.
 */
public final class Packet implements Messages {
    /** One per method of {@link Messages}. */
    public enum Type {
        PREPARE,
        PROMISE,
        REPORT,
        ACCEPT,
        ACCEPTED,
        REJECT,
        CHOSEN,
        FETCH,
        LEARN,
        PING,
        PONG,
        FORWARD,
        ASK_READ,
        CONFIRM,
        CONFIRMED,
        READ_AT
    }

    private static final byte[] NOTHING = new byte[0];
    private static final int TEXT_BYTES_MAX = 8;

    private final UnsafeBuffer value = new UnsafeBuffer(NOTHING);
    private byte[] bytes = NOTHING;
    private int length;
    private Type type = Type.PING;
    private int from;
    private int to;
    private long ballot;
    private long slot;
    private long throughSlot;
    private long acceptedBallot;
    private long lastSlot;
    private long round;
    private boolean happy;

    /** An empty one for this receiver; the next call of a method of {@link Messages} fills it. */
    public Packet to(final int receiver) {
        to = receiver;
        return this;
    }

    public Type type() {
        return type;
    }

    public int from() {
        return from;
    }

    public int to() {
        return to;
    }

    /** The ballot that it speaks of: that promised for a reject, that followed for a pong. */
    public long ballot() {
        return ballot;
    }

    /** The slot that it speaks of, or the first one. */
    public long slot() {
        return slot;
    }

    /** The last slot that it speaks of, inclusive: of the range, or of the chosen prefix. */
    public long throughSlot() {
        return throughSlot;
    }

    /** Of a report: the ballot in which the value was accepted. */
    public long acceptedBallot() {
        return acceptedBallot;
    }

    /** Of a promise: the last slot in which anything was accepted. */
    public long lastSlot() {
        return lastSlot;
    }

    public long round() {
        return round;
    }

    public boolean happy() {
        return happy;
    }

    /** The payload, at index 0; a view that is valid until the packet is delivered. */
    public DirectBuffer value() {
        return value;
    }

    public int length() {
        return length;
    }

    /** Says it again. */
    public void deliver(final Messages receiver) {
        switch (type) {
            case PREPARE -> receiver.prepare(from, ballot, slot);
            case PROMISE -> receiver.promise(from, ballot, throughSlot, lastSlot);
            case REPORT -> receiver.report(from, ballot, slot, acceptedBallot, value, 0, length);
            case ACCEPT -> receiver.accept(from, ballot, slot, throughSlot, value, 0, length);
            case ACCEPTED -> receiver.accepted(from, ballot, slot, throughSlot);
            case REJECT -> receiver.reject(from, ballot, slot);
            case CHOSEN -> receiver.chosen(from, ballot, throughSlot);
            case FETCH -> receiver.fetch(from, slot, throughSlot);
            case LEARN -> receiver.learn(from, ballot, slot, value, 0, length);
            case PING -> receiver.ping(from, round);
            case PONG -> receiver.pong(from, round, ballot, happy, throughSlot);
            case FORWARD -> receiver.forward(from, value, 0, length);
            case ASK_READ -> receiver.askRead(from, round);
            case CONFIRM -> receiver.confirm(from, ballot, round);
            case CONFIRMED -> receiver.confirmed(from, ballot, round);
            case READ_AT -> receiver.readAt(from, ballot, round, slot);
        }
    }

    /** The same message once more. */
    public void copyFrom(final Packet other) {
        to = other.to;
        set(other.type, other.from, other.ballot, other.slot, other.throughSlot);
        acceptedBallot = other.acceptedBallot;
        lastSlot = other.lastSlot;
        round = other.round;
        happy = other.happy;
        copy(other.value, 0, other.length);
    }

    @Override
    public void prepare(final int from, final long ballot, final long fromSlot) {
        set(Type.PREPARE, from, ballot, fromSlot, 0);
    }

    @Override
    public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {
        set(Type.PROMISE, from, ballot, 0, chosenThrough);
        this.lastSlot = lastSlot;
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
        set(Type.REPORT, from, ballot, slot, 0);
        this.acceptedBallot = acceptedBallot;
        copy(value, offset, length);
    }

    @Override
    public void accept(
            final int from,
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        set(Type.ACCEPT, from, ballot, slot, chosenThrough);
        copy(value, offset, length);
    }

    @Override
    public void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {
        set(Type.ACCEPTED, from, ballot, fromSlot, throughSlot);
    }

    @Override
    public void reject(final int from, final long promised, final long slot) {
        set(Type.REJECT, from, promised, slot, 0);
    }

    @Override
    public void chosen(final int from, final long ballot, final long throughSlot) {
        set(Type.CHOSEN, from, ballot, 0, throughSlot);
    }

    @Override
    public void fetch(final int from, final long fromSlot, final long throughSlot) {
        set(Type.FETCH, from, 0, fromSlot, throughSlot);
    }

    @Override
    public void learn(
            final int from,
            final long ballot,
            final long slot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        set(Type.LEARN, from, ballot, slot, 0);
        copy(value, offset, length);
    }

    @Override
    public void ping(final int from, final long round) {
        set(Type.PING, from, 0, 0, 0);
        this.round = round;
    }

    @Override
    public void pong(
            final int from, final long round, final long following, final boolean happy, final long chosenThrough) {
        set(Type.PONG, from, following, 0, chosenThrough);
        this.round = round;
        this.happy = happy;
    }

    @Override
    public void forward(final int from, final DirectBuffer commands, final int offset, final int length) {
        set(Type.FORWARD, from, 0, 0, 0);
        copy(commands, offset, length);
    }

    @Override
    public void askRead(final int from, final long round) {
        set(Type.ASK_READ, from, 0, 0, 0);
        this.round = round;
    }

    @Override
    public void confirm(final int from, final long ballot, final long round) {
        set(Type.CONFIRM, from, ballot, 0, 0);
        this.round = round;
    }

    @Override
    public void confirmed(final int from, final long ballot, final long round) {
        set(Type.CONFIRMED, from, ballot, 0, 0);
        this.round = round;
    }

    @Override
    public void readAt(final int from, final long ballot, final long round, final long slot) {
        set(Type.READ_AT, from, ballot, slot, 0);
        this.round = round;
    }

    /** The same number for the same message, in every run. */
    @SuppressWarnings("EnumOrdinal") // nothing outlives the process
    public long hash() {
        long hash = SimRandom.mix((long) type.ordinal() << Integer.SIZE | (long) from << Short.SIZE | to);
        hash = SimRandom.mix(hash ^ ballot);
        hash = SimRandom.mix(hash ^ slot);
        hash = SimRandom.mix(hash ^ throughSlot);
        hash = SimRandom.mix(hash ^ acceptedBallot);
        hash = SimRandom.mix(hash ^ lastSlot);
        hash = SimRandom.mix(hash ^ round);
        return SimRandom.mix(hash ^ Values.hash(value, 0, length) ^ (happy ? 1 : 0));
    }

    /** For people: {@code 2->1 accepted 3.1 slots 4..7}. */
    @Override
    public String toString() {
        final String name = type.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        final String sent = switch (type) {
            case PREPARE -> Ballot.text(ballot) + " from slot " + slot;
            case PROMISE -> Ballot.text(ballot) + " chosen through " + throughSlot + " last " + lastSlot;
            case REPORT ->
                Ballot.text(ballot) + " slot " + slot + " accepted " + Ballot.text(acceptedBallot) + " " + valueText();
            case ACCEPT -> Ballot.text(ballot) + " slot " + slot + " " + valueText() + " chosen through " + throughSlot;
            case ACCEPTED -> Ballot.text(ballot) + " slots " + slot + ".." + throughSlot;
            case REJECT -> "promised " + Ballot.text(ballot) + " slot " + slot;
            case CHOSEN -> Ballot.text(ballot) + " through " + throughSlot;
            case FETCH -> "slots " + slot + ".." + throughSlot;
            case LEARN -> Ballot.text(ballot) + " slot " + slot + " " + valueText();
            case PING -> "round " + roundText();
            case PONG ->
                "round " + roundText() + " follows " + Ballot.text(ballot) + (happy ? " happy" : " unhappy")
                        + " chosen through " + throughSlot;
            case FORWARD -> valueText();
            case ASK_READ -> "round " + roundText();
            case CONFIRM, CONFIRMED -> Ballot.text(ballot) + " round " + round;
            case READ_AT -> Ballot.text(ballot) + " round " + roundText() + " slot " + slot;
        };
        return from + "->" + to + " " + name + " " + sent;
    }

    private String valueText() {
        return length == 0 ? "no-op" : SimCommands.text(value, 0, length, TEXT_BYTES_MAX);
    }

    /** Rounds begin with the incarnation in their upper half. */
    private String roundText() {
        return (round >>> Integer.SIZE) + ":" + (int) round;
    }

    private void set(
            final Type newType,
            final int newFrom,
            final long newBallot,
            final long newSlot,
            final long newThroughSlot) {
        type = newType;
        from = newFrom;
        ballot = newBallot;
        slot = newSlot;
        throughSlot = newThroughSlot;
        acceptedBallot = 0;
        lastSlot = 0;
        round = 0;
        happy = false;
        length = 0;
    }

    private void copy(final DirectBuffer source, final int offset, final int newLength) {
        if (bytes.length < newLength) {
            bytes = new byte[Math.max(newLength, Math.max(64, 2 * bytes.length))];
            value.wrap(bytes);
        }
        source.getBytes(offset, bytes, 0, newLength);
        length = newLength;
    }
}
