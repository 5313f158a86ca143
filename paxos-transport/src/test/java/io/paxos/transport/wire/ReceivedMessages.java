package io.paxos.transport.wire;

import io.paxos.spi.Messages;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** Receiver that write down every message: its name, its parameters in order, and a copy of its payload. */
public final class ReceivedMessages implements Messages {
    private final List<List<Object>> messages = new ArrayList<>();

    public List<List<Object>> messages() {
        return messages;
    }

    public int count() {
        return messages.size();
    }

    public List<Object> last() {
        return messages.get(messages.size() - 1);
    }

    public static ByteBuffer copy(final DirectBuffer buffer, final int offset, final int length) {
        final byte[] bytes = new byte[length];
        if (length > 0) {
            buffer.getBytes(offset, bytes);
        }
        return ByteBuffer.wrap(bytes);
    }

    private void received(final Object... parts) {
        messages.add(List.of(parts));
    }

    @Override
    public void prepare(final int from, final long ballot, final long fromSlot) {
        received("prepare", from, ballot, fromSlot);
    }

    @Override
    public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {
        received("promise", from, ballot, chosenThrough, lastSlot);
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
        received("report", from, ballot, slot, acceptedBallot, copy(value, offset, length));
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
        received("accept", from, ballot, slot, chosenThrough, copy(value, offset, length));
    }

    @Override
    public void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {
        received("accepted", from, ballot, fromSlot, throughSlot);
    }

    @Override
    public void reject(final int from, final long promised, final long slot) {
        received("reject", from, promised, slot);
    }

    @Override
    public void chosen(final int from, final long ballot, final long throughSlot) {
        received("chosen", from, ballot, throughSlot);
    }

    @Override
    public void fetch(final int from, final long fromSlot, final long throughSlot) {
        received("fetch", from, fromSlot, throughSlot);
    }

    @Override
    public void learn(
            final int from,
            final long ballot,
            final long slot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        received("learn", from, ballot, slot, copy(value, offset, length));
    }

    @Override
    public void ping(final int from, final long round) {
        received("ping", from, round);
    }

    @Override
    public void pong(
            final int from, final long round, final long following, final boolean happy, final long chosenThrough) {
        received("pong", from, round, following, happy, chosenThrough);
    }

    @Override
    public void forward(final int from, final DirectBuffer commands, final int offset, final int length) {
        received("forward", from, copy(commands, offset, length));
    }

    @Override
    public void askRead(final int from, final long round) {
        received("askRead", from, round);
    }

    @Override
    public void confirm(final int from, final long ballot, final long round) {
        received("confirm", from, ballot, round);
    }

    @Override
    public void confirmed(final int from, final long ballot, final long round) {
        received("confirmed", from, ballot, round);
    }

    @Override
    public void readAt(final int from, final long ballot, final long round, final long slot) {
        received("readAt", from, ballot, round, slot);
    }
}
