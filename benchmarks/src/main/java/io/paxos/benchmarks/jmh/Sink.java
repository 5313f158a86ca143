package io.paxos.benchmarks.jmh;

import io.paxos.spi.Messages;
import org.agrona.DirectBuffer;

/** Hears every message and keeps one number of it, so that nothing of the way to it can be left out. */
class Sink implements Messages {
    private long received;

    /** Grows with whatever is heard; hand it to a black hole. */
    final long received() {
        return received;
    }

    private void hear(final long what) {
        received += what;
    }

    private void hear(final long what, final DirectBuffer value, final int offset, final int length) {
        received += length == 0 ? what : what + value.getByte(offset + length - 1);
    }

    @Override
    public void prepare(final int from, final long ballot, final long fromSlot) {
        hear(from + ballot + fromSlot);
    }

    @Override
    public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {
        hear(from + ballot + chosenThrough + lastSlot);
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
        hear(from + ballot + slot + acceptedBallot, value, offset, length);
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
        hear(from + ballot + slot + chosenThrough, value, offset, length);
    }

    @Override
    public void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {
        hear(from + ballot + fromSlot + throughSlot);
    }

    @Override
    public void reject(final int from, final long promised, final long slot) {
        hear(from + promised + slot);
    }

    @Override
    public void chosen(final int from, final long ballot, final long throughSlot) {
        hear(from + ballot + throughSlot);
    }

    @Override
    public void fetch(final int from, final long fromSlot, final long throughSlot) {
        hear(from + fromSlot + throughSlot);
    }

    @Override
    public void learn(
            final int from,
            final long ballot,
            final long slot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        hear(from + ballot + slot, value, offset, length);
    }

    @Override
    public void ping(final int from, final long round) {
        hear(from + round);
    }

    @Override
    public void pong(
            final int from, final long round, final long following, final boolean happy, final long chosenThrough) {
        hear(from + round + following + chosenThrough + (happy ? 1 : 0));
    }

    @Override
    public void forward(final int from, final DirectBuffer commands, final int offset, final int length) {
        hear(from, commands, offset, length);
    }

    @Override
    public void askRead(final int from, final long round) {
        hear(from + round);
    }

    @Override
    public void confirm(final int from, final long ballot, final long round) {
        hear(from + ballot + round);
    }

    @Override
    public void confirmed(final int from, final long ballot, final long round) {
        hear(from + ballot + round);
    }

    @Override
    public void readAt(final int from, final long ballot, final long round, final long slot) {
        hear(from + ballot + round + slot);
    }
}
