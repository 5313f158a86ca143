package io.paxos.spi;

import org.agrona.DirectBuffer;

/** Passes each message on to a receiver that is chosen anew for each one. One thread; no allocation of its own. */
public abstract class ForwardingMessages implements Messages {
    /** Who gets the message that is about to be sent. Called once for each message. */
    protected abstract Messages next();

    @Override
    public void prepare(final int from, final long ballot, final long fromSlot) {
        next().prepare(from, ballot, fromSlot);
    }

    @Override
    public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {
        next().promise(from, ballot, chosenThrough, lastSlot);
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
        next().report(from, ballot, slot, acceptedBallot, value, offset, length);
    }

    @Override
    public void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {
        next().accepted(from, ballot, fromSlot, throughSlot);
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
        next().accept(from, ballot, slot, chosenThrough, value, offset, length);
    }

    @Override
    public void reject(final int from, final long promised, final long slot) {
        next().reject(from, promised, slot);
    }

    @Override
    public void chosen(final int from, final long ballot, final long throughSlot) {
        next().chosen(from, ballot, throughSlot);
    }

    @Override
    public void fetch(final int from, final long fromSlot, final long throughSlot) {
        next().fetch(from, fromSlot, throughSlot);
    }

    @Override
    public void learn(
            final int from,
            final long ballot,
            final long slot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        next().learn(from, ballot, slot, value, offset, length);
    }

    @Override
    public void ping(final int from, final long round) {
        next().ping(from, round);
    }

    @Override
    public void pong(
            final int from, final long round, final long following, final boolean happy, final long chosenThrough) {
        next().pong(from, round, following, happy, chosenThrough);
    }

    @Override
    public void forward(final int from, final DirectBuffer commands, final int offset, final int length) {
        next().forward(from, commands, offset, length);
    }

    @Override
    public void askRead(final int from, final long round) {
        next().askRead(from, round);
    }

    @Override
    public void confirm(final int from, final long ballot, final long round) {
        next().confirm(from, ballot, round);
    }

    @Override
    public void confirmed(final int from, final long ballot, final long round) {
        next().confirmed(from, ballot, round);
    }

    @Override
    public void readAt(final int from, final long ballot, final long round, final long slot) {
        next().readAt(from, ballot, round, slot);
    }

    @Override
    public void applied(final int from, final long slot, final long values, final long replies) {
        next().applied(from, slot, values, replies);
    }

    @Override
    public void wallClock(final int from, final long timeMs) {
        next().wallClock(from, timeMs);
    }

    @Override
    public void full(final int from, final long ballot) {
        next().full(from, ballot);
    }

    @Override
    public void trimmed(final int from, final long firstSlot) {
        next().trimmed(from, firstSlot);
    }

    @Override
    public void askSnapshot(final int from, final long throughSlot) {
        next().askSnapshot(from, throughSlot);
    }

    @Override
    public void snapshot(final int from, final long slot, final long id, final long length) {
        next().snapshot(from, slot, id, length);
    }

    @Override
    public void fetchSnapshot(final int from, final long slot, final long id, final long position) {
        next().fetchSnapshot(from, slot, id, position);
    }

    @Override
    public void snapshotBytes(
            final int from,
            final long slot,
            final long id,
            final long position,
            final DirectBuffer bytes,
            final int offset,
            final int length) {
        next().snapshotBytes(from, slot, id, position, bytes, offset, length);
    }
}
