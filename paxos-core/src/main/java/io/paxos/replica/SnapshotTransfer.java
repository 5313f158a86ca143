package io.paxos.replica;

import io.paxos.execution.Applier;
import io.paxos.execution.ExecutionState;
import io.paxos.execution.PrefixComparison;
import io.paxos.execution.Snapshots;
import io.paxos.protocol.MultiPaxos;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Outbox;
import io.paxos.transfer.SnapshotReceiver;
import io.paxos.transfer.SnapshotSender;
import io.paxos.transfer.TransferEvents;
import org.agrona.DirectBuffer;

/**
 * Puts a snapshot of another member in the place of the own state.
 *
 * <p>It is needed if all that know more have trimmed what is missing here, or if the own log begins behind the state,
 * because no own snapshot could be read. From the first byte on this replica neither votes in the slots that are being
 * replaced, nor fetches them, nor campaigns. What it has promised stays promised.
 *
 * <p>The replica's thread only.
 */
final class SnapshotTransfer {
    private final AcceptorLog log;
    private final MultiPaxos core;
    private final Applier applier;
    private final ExecutionState executed;
    private final PrefixComparison comparison;
    private final Snapshots snapshots;
    private final SnapshotSender sender;
    private final SnapshotReceiver receiver;
    private final TransferEvents events;
    private long replacing; // the slot that core was told; 0 for none

    SnapshotTransfer(
            final ReplicaSettings settings,
            final ReplicaParts parts,
            final Outbox outbox,
            final MultiPaxos core,
            final Applier applier,
            final ExecutionState executed,
            final PrefixComparison comparison,
            final Snapshots snapshots,
            final int valueLengthMax) {
        log = parts.log();
        this.core = core;
        this.applier = applier;
        this.executed = executed;
        this.comparison = comparison;
        this.snapshots = snapshots;
        events = new TransferLog(settings.self());
        sender = new SnapshotSender(
                settings.configuration(),
                log.snapshots(),
                outbox,
                snapshots::newestSlot,
                snapshots::damaged,
                events,
                valueLengthMax,
                settings.protocol().heartbeatIntervalNs());
        receiver = new SnapshotReceiver(
                settings.configuration(),
                log.snapshots(),
                outbox,
                parts.transport()::wakeup,
                snapshots::giveWay,
                events,
                valueLengthMax,
                settings.transferBytesPerSecond(),
                settings.protocol().heartbeatIntervalNs());
    }

    /** The replica starts with the snapshots that are there. Before anything else. */
    void start() {
        sender.start();
    }

    /** Time has passed. */
    void tick(final long nowNs) {
        sender.tick(nowNs);
        receiver.tick(snapshots.isAvailable() ? needed() : 0, core.leaderId(), nowNs);
    }

    /** Receives, and installs what is complete. Returns the amount of work done. */
    int run(final long nowNs) {
        final int work = receiver.run(nowNs);
        final long received = receiver.takeReceived();
        if (received > executed.appliedThrough()) {
            install(received);
        }
        follow();
        return work;
    }

    /** Whether a snapshot is on its way, or is needed: no own one is written meanwhile. */
    boolean isReceiving() {
        return receiver.isActive();
    }

    /** How long until {@link #run} has work; {@code Long.MAX_VALUE} if it does not wait for time to pass. */
    long untilAskNs(final long nowNs) {
        return receiver.untilAskNs(nowNs);
    }

    /** The lowest slot of a snapshot that is being sent, or may be; {@code Long.MAX_VALUE} if there is none. */
    long lowestSent(final long fromSlot) {
        return sender.lowestSlot(fromSlot);
    }

    /** What is received, in a few words; or what cannot be; null if nothing is needed. */
    String text() {
        final long needed = needed();
        if (needed > 0 && !snapshots.isAvailable()) {
            return "a snapshot of slot " + needed + " or later is needed, but there are " + snapshots.text();
        }
        return receiver.text();
    }

    void close() {
        receiver.close();
        sender.close();
    }

    // Messages of other members.

    void asked(final int from, final long throughSlot) {
        if (!sender.asked(from, throughSlot)) {
            snapshots.wanted(throughSlot);
        }
    }

    void offered(final int from, final long slot, final long id, final long length) {
        if (slot > executed.appliedThrough()) {
            receiver.offered(from, slot, id, length);
        }
    }

    void fetched(final int from, final long slot, final long id, final long position, final long nowNs) {
        sender.fetched(from, slot, id, position, nowNs);
    }

    void bytes(
            final int from,
            final long slot,
            final long id,
            final long position,
            final DirectBuffer bytes,
            final int offset,
            final int length,
            final long nowNs) {
        receiver.bytes(from, slot, id, position, bytes, offset, length, nowNs);
    }

    // Inside.

    /** Tells core what is being replaced. */
    private void follow() {
        final long slot = receiver.slot();
        if (slot != replacing) {
            replacing = slot;
            core.replacing(slot);
        }
    }

    private long needed() {
        final long ownBottom = log.firstSlot() - 1;
        return Math.max(core.snapshotNeeded(), executed.appliedThrough() < ownBottom ? ownBottom : 0);
    }

    private void install(final long slot) {
        snapshots.install(slot, applier.executedBytes());
        core.restored(slot);
        comparison.resume(slot);
        events.installed(slot, receiver.length());
    }
}
