package io.paxos.spi;

import org.agrona.DirectBuffer;

/** Does nothing with any message. For receivers that need only a few of them, and for tests. */
public class IgnoredMessages implements Messages {
    /** Ignores every message. */
    public static final Messages ALL = new IgnoredMessages();

    protected IgnoredMessages() {}

    @Override
    public void prepare(final int from, final long ballot, final long fromSlot) {}

    @Override
    public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {}

    @Override
    public void report(
            final int from,
            final long ballot,
            final long slot,
            final long acceptedBallot,
            final DirectBuffer value,
            final int offset,
            final int length) {}

    @Override
    public void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {}

    @Override
    public void accept(
            final int from,
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {}

    @Override
    public void reject(final int from, final long promised, final long slot) {}

    @Override
    public void chosen(final int from, final long ballot, final long throughSlot) {}

    @Override
    public void fetch(final int from, final long fromSlot, final long throughSlot) {}

    @Override
    public void learn(
            final int from,
            final long ballot,
            final long slot,
            final DirectBuffer value,
            final int offset,
            final int length) {}

    @Override
    public void ping(final int from, final long round) {}

    @Override
    public void pong(
            final int from, final long round, final long following, final boolean happy, final long chosenThrough) {}

    @Override
    public void forward(final int from, final DirectBuffer commands, final int offset, final int length) {}

    @Override
    public void askRead(final int from, final long round) {}

    @Override
    public void confirm(final int from, final long ballot, final long round) {}

    @Override
    public void confirmed(final int from, final long ballot, final long round) {}

    @Override
    public void readAt(final int from, final long ballot, final long round, final long slot) {}

    @Override
    public void applied(final int from, final long slot, final long values, final long replies) {}

    @Override
    public void wallClock(final int from, final long timeMs) {}

    @Override
    public void full(final int from, final long ballot) {}

    @Override
    public void trimmed(final int from, final long firstSlot) {}

    @Override
    public void askSnapshot(final int from, final long throughSlot) {}

    @Override
    public void snapshot(final int from, final long slot, final long id, final long length) {}

    @Override
    public void fetchSnapshot(final int from, final long slot, final long id, final long position) {}

    @Override
    public void snapshotBytes(
            final int from,
            final long slot,
            final long id,
            final long position,
            final DirectBuffer bytes,
            final int offset,
            final int length) {}
}
