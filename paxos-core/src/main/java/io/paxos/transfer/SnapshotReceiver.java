package io.paxos.transfer;

import io.paxos.protocol.Configuration;
import io.paxos.spi.Outbox;
import io.paxos.spi.SnapshotStore;
import org.agrona.DirectBuffer;

/**
 * Gets a snapshot from another replica, piece by piece, and goes on where it stopped after any interruption.
 *
 * <pre>
 * IDLE        a snapshot is needed: all others are asked
 * ASKING      at each tick the best offer is taken: the one that goes on with what is here, a follower's before the
 *             leader's, a later slot before an earlier one
 * RECEIVING   bytes are asked for, some at a time, and written to the store; without progress, ask again
 * FINISHING   all bytes are here and become durable
 * RECEIVED    to be taken by {@link #takeReceived}
 * </pre>
 *
 * <p>The bytes are named by slot and id, and by their place. So bytes of another snapshot, or in another place, are
 * never taken. What is here of an unfinished snapshot stays, also over a restart. Another one is begun only if all
 * others have answered and none of them has it, see {@link SnapshotOffers}, or if its sender stays away.
 *
 * <p>How long it waits for that sender: {@link #SWITCH_HEARTBEATS}, or as long as it took to receive what is here, if
 * that is longer. Example: half of a snapshot has come in 20 minutes, and its sender is gone. If it is back within 20
 * minutes, nothing was lost. If not, another snapshot is begun after 20 minutes. To begin it at once would have cost
 * 20 minutes too, because so much of it has to be received again. So the wait costs at most twice as much as the best
 * choice would have, whenever the sender comes back. After a restart of this replica nobody knows how long it took.
 * Then it is the least time in which so many bytes can come, by {@code bytesPerSecond}.
 *
 * <p>One thread.
 *
 * @see <a href="https://doi.org/10.1007/BF01762111">Karlin, Manasse, Rudolph, Sleator: Competitive snoopy caching, for
 *     the rule to wait as long as the change would cost</a>
 */
public final class SnapshotReceiver {
    /** How long the unfinished snapshot is waited for at least before another one is taken: 10 s by default. */
    static final int SWITCH_HEARTBEATS = 100;

    /**
     * After so many ticks without a need it is over. A member says that it knows more with its heartbeats, and at a
     * change of leaders one may be missing. The time for which the sender has been silent goes on meanwhile.
     */
    private static final int UNNEEDED_TICKS_MAX = 3;

    /** After this time without bytes the others are asked again: 2 s by default. */
    static final int SILENT_HEARTBEATS = 20;

    private static final long UNKNOWN = -1;
    private static final long SECOND_NS = 1_000_000_000L;

    private enum Phase {
        IDLE,
        ASKING,
        RECEIVING,
        FINISHING,
        RECEIVED
    }

    private final Configuration configuration;
    private final int self;
    private final SnapshotStore store;
    private final Outbox outbox;
    private final Runnable wakeup;
    private final Runnable beforeFirst; // called before the store is asked to receive
    private final TransferEvents events;
    private final long fetchBytes; // how many bytes answer one question
    private final long bytesPerSecond;
    private final long heartbeatNs;
    private final SnapshotOffers offers;

    private Phase phase = Phase.IDLE;
    private int leader; // as of the last tick; 0 if none was known
    private long needed; // a snapshot of this slot or a later one; 0 if none is
    private int unneededTicks; // while ASKING: 0..UNNEEDED_TICKS_MAX: for how many ticks in a row none was needed

    // What is being received, or was last; slot is 0 before the first.
    private SnapshotStore.Output output; // null unless RECEIVING or FINISHING
    private int from;
    private long slot;
    private long id;
    private long length;
    private long askedThrough; // bytes below this position have been asked for; UNKNOWN before it is known what is here
    private long underWay; // how many of these bytes have not come, in the right place or not; may be below 0
    private long askedNs; // when bytes were asked for last
    private long bytesNs; // when bytes came last, or were first needed
    private long heldBackNs; // the last tick at which nothing was asked for, because of bytesPerSecond or the disk
    private long beganNs; // when it was last begun
    private long spentNs; // how long it took to receive what is here of the unfinished one, before beganNs
    private long nextAskNs; // not before, because of bytesPerSecond

    /**
     * @param messageBytesMax how many bytes one message carries at most, here and at the others
     * @param bytesPerSecond how fast to receive at most
     */
    public SnapshotReceiver(
            final Configuration configuration,
            final SnapshotStore store,
            final Outbox outbox,
            final Runnable wakeup,
            final Runnable beforeFirst,
            final TransferEvents events,
            final int messageBytesMax,
            final long bytesPerSecond,
            final long heartbeatNs) {
        this.configuration = configuration;
        self = configuration.self();
        this.store = store;
        this.outbox = outbox;
        this.wakeup = wakeup;
        this.beforeFirst = beforeFirst;
        this.events = events;
        fetchBytes = (long) SnapshotSender.FETCH_MESSAGES * Math.min(SnapshotSender.MESSAGE_BYTES, messageBytesMax);
        this.bytesPerSecond = bytesPerSecond;
        this.heartbeatNs = heartbeatNs;
        offers = new SnapshotOffers(configuration, store);
        spentNs = (long) ((double) store.unfinishedLength() / bytesPerSecond * SECOND_NS);
    }

    /** Whether a snapshot is on its way, or is about to be asked for. */
    public boolean isActive() {
        return phase != Phase.IDLE;
    }

    /** The slot of the snapshot that is on its way; 0 if none is. */
    public long slot() {
        return phase == Phase.IDLE || phase == Phase.ASKING ? 0 : slot;
    }

    /**
     * Time has passed.
     *
     * @param neededSlot a snapshot of this slot or a later one is needed; 0 if none is
     * @param leaderId is asked only if no other has one; 0 if none is known
     */
    public void tick(final long neededSlot, final int leaderId, final long nowNs) {
        if (neededSlot > 0 || phase == Phase.IDLE || phase == Phase.ASKING) {
            needed = neededSlot; // nothing is fetched while a snapshot is received, so nobody says then what is needed
        }
        leader = leaderId;
        switch (phase) {
            case IDLE -> {
                if (needed > 0) {
                    phase = Phase.ASKING;
                    unneededTicks = 0;
                    bytesNs = nowNs;
                    offers.clear();
                    askAll();
                }
            }
            case ASKING -> {
                unneededTicks = needed == 0 ? unneededTicks + 1 : 0;
                if (unneededTicks == UNNEEDED_TICKS_MAX) {
                    phase = Phase.IDLE;
                } else if (needed > 0 && mayTake(nowNs)) {
                    begin(nowNs);
                } else if (needed > 0) {
                    askAll();
                }
            }
            case RECEIVING -> repeatIfLost(nowNs);
            default -> {
                // waits for the disk, or for the replica
            }
        }
    }

    /**
     * Another replica has this snapshot. Nothing changes while one is received: an answer may come late. If its sender
     * does not have it any more, no bytes come, and all are asked again.
     */
    public void offered(final int by, final long itsSlot, final long itsId, final long itsLength) {
        if (phase == Phase.ASKING && itsLength >= 0) {
            offers.add(by, itsSlot, itsId, itsLength, needed, leader);
        }
    }

    /** Bytes have come. Taken only if they are the next ones of the snapshot that is on its way. */
    public void bytes(
            final int by,
            final long itsSlot,
            final long itsId,
            final long position,
            final DirectBuffer bytes,
            final int offset,
            final int count,
            final long nowNs) {
        final boolean isThis = phase == Phase.RECEIVING && by == from && itsSlot == slot && itsId == id;
        if (!isThis) {
            return;
        }
        underWay -= count;
        if (position < 0 || position != output.length() || count > length - position) {
            return;
        }
        output.write(bytes, offset, count);
        nextAskNs += count * SECOND_NS / bytesPerSecond; // what was lost on its way costs no time
        bytesNs = nowNs;
    }

    /** Asks for more, or ends. Returns the amount of work done. */
    public int run(final long nowNs) {
        switch (phase) {
            case RECEIVING -> {
                return receive(nowNs);
            }
            case FINISHING -> {
                return finish();
            }
            default -> {
                return 0;
            }
        }
    }

    /** How long until {@link #run} may ask for more; {@code Long.MAX_VALUE} if it does not wait for time to pass. */
    public long untilAskNs(final long nowNs) {
        final boolean isToAsk = phase == Phase.RECEIVING && isAnswered() && output.room() > 0;
        return isToAsk ? nextAskNs - nowNs : Long.MAX_VALUE;
    }

    /** The slot of a snapshot that is complete and durable in the store now. 0 if there is none. Told once. */
    public long takeReceived() {
        if (phase != Phase.RECEIVED) {
            return 0;
        }
        phase = Phase.IDLE;
        return slot;
    }

    /** How many bytes the snapshot has that was received last. */
    public long length() {
        return length;
    }

    /** What happens, in a few words. Null if nothing does. */
    public String text() {
        return switch (phase) {
            case IDLE, RECEIVED -> null;
            case ASKING -> "asking for a snapshot of slot " + needed + " or later" + unfinished();
            case RECEIVING, FINISHING ->
                "receiving slot " + slot + " from " + from + ": " + output.length() + " of " + length + " bytes";
        };
    }

    /** Ends for good. What is here of an unfinished snapshot stays. */
    public void close() {
        if (output != null) {
            output.abandon();
            output = null;
        }
        phase = Phase.IDLE;
    }

    // Inside.

    private void askAll() {
        offers.nextRound();
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            outbox.now(configuration.id(Configuration.first(rest))).askSnapshot(self, needed);
        }
    }

    private String unfinished() {
        final long begun = store.unfinishedSlot();
        return begun == 0 ? "" : "; a part of that of slot " + begun + " is here";
    }

    /** The unfinished snapshot is waited for, because its sender may be back soon. */
    private boolean mayTake(final long nowNs) {
        return offers.by() != 0 && (offers.goesOn() || offers.isSure() || nowNs - bytesNs >= patienceNs());
    }

    private long patienceNs() {
        return Math.max(SWITCH_HEARTBEATS * heartbeatNs, spentNs);
    }

    private void begin(final long nowNs) {
        from = offers.by();
        slot = offers.slot();
        id = offers.id();
        length = offers.length();
        if (!offers.goesOn()) {
            final String why = offers.isSure()
                    ? "no other member has it, or the log behind it"
                    : "no bytes of it for " + (nowNs - bytesNs) / SECOND_NS + " s";
            events.givenUp(store.unfinishedSlot(), why);
        }
        if (store.unfinishedSlot() != slot || store.unfinishedId() != id) {
            spentNs = 0;
        }
        offers.clear();
        beforeFirst.run();
        output = store.receive(slot, id, wakeup);
        phase = Phase.RECEIVING;
        askedThrough = UNKNOWN;
        underWay = 0;
        beganNs = nowNs;
        heldBackNs = nowNs;
        nextAskNs = nowNs;
    }

    private int receive(final long nowNs) {
        switch (output.state()) {
            case RESUMING -> {
                beganNs = nowNs;
                return 0;
            }
            case FAILED -> {
                stop(output.failure());
                return 1;
            }
            default -> {
                // takes bytes
            }
        }
        if (askedThrough == UNKNOWN) {
            askedThrough = output.length();
            events.receiving(slot, from, output.length(), length);
        }
        if (output.length() == length) {
            output.finish();
            phase = Phase.FINISHING;
            return 1;
        }
        if (!isAnswered() || isHeldBack(nowNs)) {
            return 0;
        }
        ask(nowNs);
        return 1;
    }

    /** Whether what was asked for is here, perhaps in another order. */
    private boolean isAnswered() {
        return output.length() >= askedThrough || underWay <= 0;
    }

    private boolean isHeldBack(final long nowNs) {
        return output.room() <= 0 || nowNs - nextAskNs < 0;
    }

    private void ask(final long nowNs) {
        askedThrough = Math.min(length, output.length() + fetchBytes);
        underWay = askedThrough - output.length();
        askedNs = nowNs;
        nextAskNs = Math.max(nextAskNs, nowNs);
        outbox.now(from).fetchSnapshot(self, slot, id, output.length());
    }

    private void repeatIfLost(final long nowNs) {
        if (askedThrough == UNKNOWN) {
            return; // the store still looks for what is here
        }
        if (isAnswered() && isHeldBack(nowNs)) {
            heldBackNs = nowNs;
            return;
        }
        final long silentNs = Math.min(nowNs - bytesNs, Math.min(nowNs - beganNs, nowNs - heldBackNs));
        if (silentNs >= SILENT_HEARTBEATS * heartbeatNs) {
            stop("no bytes for " + SILENT_HEARTBEATS + " heartbeats");
        } else if (Math.min(nowNs - bytesNs, nowNs - askedNs) >= heartbeatNs) {
            underWay = 0; // lost: asks again
        }
    }

    private int finish() {
        switch (output.state()) {
            case DURABLE -> {
                output = null;
                phase = Phase.RECEIVED;
                return 1;
            }
            case FAILED -> {
                stop(output.failure());
                return 1;
            }
            default -> {
                return 0;
            }
        }
    }

    /** The unfinished snapshot stays in the store. */
    private void stop(final String why) {
        events.notReceived(slot, from, why);
        spentNs += Math.max(0, bytesNs - beganNs);
        output.abandon();
        output = null;
        phase = Phase.ASKING;
        askAll();
    }
}
