package io.paxos.testkit.trace;

import io.paxos.protocol.Ballot;
import io.paxos.spi.Messages;
import java.util.Map;
import org.agrona.DirectBuffer;

/** Makes a {@link MessageText} of each message that it is told, and passes the message on. */
public abstract class MessageRecorder implements Messages {
    /** What a value is, for people. */
    @FunctionalInterface
    public interface ValueText {
        String of(DirectBuffer value, int offset, int length);

        /** Its length and a hash of its bytes. */
        ValueText HASH = (value, offset, length) -> {
            if (length == 0) {
                return "no-op";
            }
            int hash = 0;
            for (int i = 0; i < length; i++) {
                hash = 31 * hash + value.getByte(offset + i);
            }
            return length + " bytes #" + String.format("%08x", hash);
        };
    }

    private final ValueText values;

    protected MessageRecorder(final ValueText values) {
        this.values = values;
    }

    /** Something was said by {@code from}. Returns who is told next. */
    protected abstract Messages sent(int from, MessageText text);

    @Override
    public void prepare(final int from, final long ballot, final long fromSlot) {
        send(from, "prepare", ballot, fromSlot, 0).prepare(from, ballot, fromSlot);
    }

    @Override
    public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {
        send(from, "promise", ballot, 0, 0, "chosen through", "" + chosenThrough, "last slot", "" + lastSlot)
                .promise(from, ballot, chosenThrough, lastSlot);
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
        final String accepted = acceptedBallot == Ballot.NONE ? "none" : Ballot.text(acceptedBallot);
        final String text = acceptedBallot == Ballot.NONE ? "none" : values.of(value, offset, length);
        send(from, "report", ballot, slot, 0, "accepted in", accepted, "value", text)
                .report(from, ballot, slot, acceptedBallot, value, offset, length);
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
        final String text = values.of(value, offset, length);
        send(from, "accept", ballot, slot, 0, "value", text, "chosen through", "" + chosenThrough)
                .accept(from, ballot, slot, chosenThrough, value, offset, length);
    }

    @Override
    public void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {
        send(from, "accepted", ballot, fromSlot, throughSlot).accepted(from, ballot, fromSlot, throughSlot);
    }

    @Override
    public void reject(final int from, final long promised, final long slot) {
        send(from, "reject", promised, slot, 0).reject(from, promised, slot);
    }

    @Override
    public void chosen(final int from, final long ballot, final long throughSlot) {
        send(from, "chosen", ballot, 0, throughSlot).chosen(from, ballot, throughSlot);
    }

    @Override
    public void fetch(final int from, final long fromSlot, final long throughSlot) {
        send(from, "fetch", 0, fromSlot, throughSlot).fetch(from, fromSlot, throughSlot);
    }

    @Override
    public void learn(
            final int from,
            final long ballot,
            final long slot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        send(from, "learn", ballot, slot, 0, "value", values.of(value, offset, length))
                .learn(from, ballot, slot, value, offset, length);
    }

    @Override
    public void ping(final int from, final long round) {
        send(from, "ping", 0, 0, 0, "round", roundText(round)).ping(from, round);
    }

    @Override
    public void pong(
            final int from, final long round, final long following, final boolean happy, final long chosenThrough) {
        final String mood = happy ? "yes" : "no";
        send(
                        from,
                        "pong",
                        following,
                        0,
                        0,
                        "round",
                        roundText(round),
                        "happy",
                        mood,
                        "chosen through",
                        "" + chosenThrough)
                .pong(from, round, following, happy, chosenThrough);
    }

    @Override
    public void forward(final int from, final DirectBuffer commands, final int offset, final int length) {
        send(from, "forward", 0, 0, 0, "commands", values.of(commands, offset, length))
                .forward(from, commands, offset, length);
    }

    @Override
    public void askRead(final int from, final long round) {
        send(from, "ask read", 0, 0, 0, "round", roundText(round)).askRead(from, round);
    }

    @Override
    public void confirm(final int from, final long ballot, final long round) {
        send(from, "confirm", ballot, 0, 0, "round", "" + round).confirm(from, ballot, round);
    }

    @Override
    public void confirmed(final int from, final long ballot, final long round) {
        send(from, "confirmed", ballot, 0, 0, "round", "" + round).confirmed(from, ballot, round);
    }

    @Override
    public void readAt(final int from, final long ballot, final long round, final long slot) {
        send(from, "read at", ballot, slot, 0, "round", roundText(round)).readAt(from, ballot, round, slot);
    }

    private Messages send(
            final int from,
            final String type,
            final long ballot,
            final long slot,
            final long throughSlot,
            final String... namesAndValues) {
        final Map<String, String> fields = Recorder.fields(namesAndValues);
        return sent(from, new MessageText(type, ballot, slot, throughSlot, fields));
    }

    /** Rounds begin with the incarnation in their upper half. */
    private static String roundText(final long round) {
        return (round >>> Integer.SIZE) + ":" + (int) round;
    }
}
