package io.paxos.transport.wire;

import io.paxos.spi.Messages;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** Ears that write down every sentence: its name, its parameters in order, and a copy of its payload. */
public final class Heard implements Messages {
    private final List<List<Object>> sentences = new ArrayList<>();

    public List<List<Object>> sentences() {
        return sentences;
    }

    public int count() {
        return sentences.size();
    }

    public List<Object> last() {
        return sentences.get(sentences.size() - 1);
    }

    public static ByteBuffer copy(final DirectBuffer buffer, final int offset, final int length) {
        final byte[] bytes = new byte[length];
        if (length > 0) {
            buffer.getBytes(offset, bytes);
        }
        return ByteBuffer.wrap(bytes);
    }

    private void say(final Object... words) {
        sentences.add(List.of(words));
    }

    @Override
    public void prepare(final int from, final long ballot, final long fromSlot) {
        say("prepare", from, ballot, fromSlot);
    }

    @Override
    public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {
        say("promise", from, ballot, chosenThrough, lastSlot);
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
        say("report", from, ballot, slot, acceptedBallot, copy(value, offset, length));
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
        say("accept", from, ballot, slot, chosenThrough, copy(value, offset, length));
    }

    @Override
    public void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {
        say("accepted", from, ballot, fromSlot, throughSlot);
    }

    @Override
    public void reject(final int from, final long promised, final long slot) {
        say("reject", from, promised, slot);
    }

    @Override
    public void chosen(final int from, final long ballot, final long throughSlot) {
        say("chosen", from, ballot, throughSlot);
    }

    @Override
    public void fetch(final int from, final long fromSlot, final long throughSlot) {
        say("fetch", from, fromSlot, throughSlot);
    }

    @Override
    public void learn(
            final int from,
            final long ballot,
            final long slot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        say("learn", from, ballot, slot, copy(value, offset, length));
    }

    @Override
    public void ping(final int from, final long round) {
        say("ping", from, round);
    }

    @Override
    public void pong(
            final int from, final long round, final long following, final boolean happy, final long chosenThrough) {
        say("pong", from, round, following, happy, chosenThrough);
    }

    @Override
    public void forward(final int from, final DirectBuffer commands, final int offset, final int length) {
        say("forward", from, copy(commands, offset, length));
    }

    @Override
    public void askRead(final int from, final long round) {
        say("askRead", from, round);
    }

    @Override
    public void confirm(final int from, final long ballot, final long round) {
        say("confirm", from, ballot, round);
    }

    @Override
    public void confirmed(final int from, final long ballot, final long round) {
        say("confirmed", from, ballot, round);
    }

    @Override
    public void readAt(final int from, final long ballot, final long round, final long slot) {
        say("readAt", from, ballot, round, slot);
    }
}
