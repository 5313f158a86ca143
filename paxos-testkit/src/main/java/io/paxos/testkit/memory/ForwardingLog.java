package io.paxos.testkit.memory;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.SnapshotStore;
import org.agrona.DirectBuffer;

/** Passes each call on to another log. A subclass overrides what it changes. */
public class ForwardingLog implements AcceptorLog {
    /** Gets each call. Never null. */
    protected final AcceptorLog log;

    /** Passes each call on to {@code log}. */
    public ForwardingLog(final AcceptorLog log) {
        this.log = log;
    }

    @Override
    public int replica() {
        return log.replica();
    }

    @Override
    public int incarnation() {
        return log.incarnation();
    }

    @Override
    public long clusterId() {
        return log.clusterId();
    }

    @Override
    public long storageId() {
        return log.storageId();
    }

    @Override
    public long openingId(final int incarnation) {
        return log.openingId(incarnation);
    }

    @Override
    public byte[] notes() {
        return log.notes();
    }

    @Override
    public void putNotes(final byte[] notes) {
        log.putNotes(notes);
    }

    @Override
    public SnapshotStore snapshots() {
        return log.snapshots();
    }

    @Override
    public long promised() {
        return log.promised();
    }

    @Override
    public long promised(final long slot) {
        return log.promised(slot);
    }

    @Override
    public long firstSlot() {
        return log.firstSlot();
    }

    @Override
    public long lastSlot() {
        return log.lastSlot();
    }

    @Override
    public long chosenThrough() {
        return log.chosenThrough();
    }

    @Override
    public long acceptedBallot(final long slot) {
        return log.acceptedBallot(slot);
    }

    @Override
    public ReadResult read(final long slot, final ValueReader reader) {
        return log.read(slot, reader);
    }

    @Override
    public void trim(final long throughSlot) {
        log.trim(throughSlot);
    }

    @Override
    public long trimPoint(final long throughSlot, final long keepBytes) {
        return log.trimPoint(throughSlot, keepBytes);
    }

    @Override
    public long pieceBytes() {
        return log.pieceBytes();
    }

    @Override
    public boolean isFull() {
        return log.isFull();
    }

    @Override
    public boolean hasRoomFor(final int valueLength) {
        return log.hasRoomFor(valueLength);
    }

    @Override
    public long bytes() {
        return log.bytes();
    }

    @Override
    public void promise(final long ballot) {
        log.promise(ballot);
    }

    @Override
    public void promise(final long ballot, final long slot) {
        log.promise(ballot, slot);
    }

    @Override
    public void accept(
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        log.accept(ballot, slot, chosenThrough, value, offset, length);
    }

    @Override
    public long appendedPosition() {
        return log.appendedPosition();
    }

    @Override
    public long durablePosition() {
        return log.durablePosition();
    }

    @Override
    public int sync() {
        return log.sync();
    }

    @Override
    public void onDurable(final Runnable wakeup) {
        log.onDurable(wakeup);
    }

    @Override
    public int valueLengthMax() {
        return log.valueLengthMax();
    }

    @Override
    public String durability() {
        return log.durability();
    }

    @Override
    public void close() {
        log.close();
    }
}
