package io.paxos.transfer;

import io.paxos.protocol.Configuration;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import io.paxos.spi.SnapshotStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sends snapshots of this replica to members that lack what was trimmed. Each member asks for the next bytes itself, so
 * several can be served at once, each at its own pace.
 *
 * <p>A snapshot stays open as long as a member asks for its bytes, also if newer ones replace it meanwhile. So at most
 * one for each other member is open.
 *
 * <p>A replica that starts does not know which snapshots it was sending. So it holds those that are there, as if a
 * member had just asked for each. They are let go after {@link #IDLE_HEARTBEATS} in which nobody has asked for them.
 * Example: member 1 has received half of snapshot 500 when this replica is killed. This replica starts again with
 * snapshots 500 and 700. It writes 900 and 1000 before member 1 asks. Then 500 is still there, and member 1 goes on.
 *
 * <p>It holds the newest two, and as many of the oldest as there are other members, since each member receives at most
 * one. Beside them there are those that are written in the present life, of which the store keeps two. So with two
 * other members at most six snapshots are on its disk, however often it starts.
 *
 * <p>One thread.
 */
public final class SnapshotSender implements AutoCloseable {
    /** How many bytes one message has at most. */
    static final int MESSAGE_BYTES = 64 << 10;

    /** How many messages answer one question at most. */
    static final int FETCH_MESSAGES = 4;

    /** A member that asks for nothing for so long is not served any more: 30 s by default. */
    static final int IDLE_HEARTBEATS = 300;

    private static final int NEWEST = 2; // the store keeps so many

    private static final int DESCRIBED_MAX = 16;

    /** What one member is sent. */
    private static final class Session {
        private final long slot;
        private final SnapshotStore.Input input;
        private long position; // of input
        private long askedNs; // when the member last asked

        Session(final long slot, final SnapshotStore.Input input) {
            this.slot = slot;
            this.input = input;
        }
    }

    /** What was there at the start. */
    private record Held(long slot, SnapshotStore.Input input) {}

    private final Configuration configuration;
    private final int self;
    private final SnapshotStore store;
    private final Outbox outbox;
    private final LongSupplier newest; // the slot of the newest snapshot that may be sent; 0 for none
    private final LongConsumer onDamaged; // is told that the newest one is damaged, so that another is written
    private final TransferEvents events;
    private final UnsafeBuffer buffer;
    private final Session[] sessions; // by voter; null if it is sent nothing
    private final long idleNs;
    private final List<Held> held = new ArrayList<>(); // since the start, the newest first; empty after idleNs
    private long heldNs; // the time of the first tick
    private boolean hasTicked;
    private final Long2ObjectHashMap<long[]> described = new Long2ObjectHashMap<>(); // by slot: id and length
    private long damagedSlot; // an older snapshot that was found damaged when it was sent; 0 for none

    /** @param messageBytesMax how many bytes one message carries at most */
    public SnapshotSender(
            final Configuration configuration,
            final SnapshotStore store,
            final Outbox outbox,
            final LongSupplier newest,
            final LongConsumer onDamaged,
            final TransferEvents events,
            final int messageBytesMax,
            final long heartbeatNs) {
        this.configuration = configuration;
        self = configuration.self();
        this.store = store;
        this.outbox = outbox;
        this.newest = newest;
        this.onDamaged = onDamaged;
        this.events = events;
        buffer = new UnsafeBuffer(new byte[Math.min(MESSAGE_BYTES, messageBytesMax)]);
        sessions = new Session[configuration.size()];
        idleNs = IDLE_HEARTBEATS * heartbeatNs;
    }

    /** The replica starts. Called once, before a snapshot is written or received. */
    public void start() {
        final long[] slots = store.slots();
        for (int place = 0; place < slots.length; place++) {
            if (place < NEWEST || place >= slots.length - (configuration.size() - 1)) {
                hold(slots[place]);
            }
        }
    }

    private void hold(final long slot) {
        try {
            held.add(new Held(slot, store.open(slot)));
        } catch (final IllegalStateException e) {
            events.notHeld(slot, e.getMessage());
        }
    }

    /**
     * A member asks for a snapshot of this slot or a later one. It is told of each, because it may have a part of one
     * already. Returns whether there is one.
     */
    public boolean asked(final int from, final long throughSlot) {
        boolean isAny = false;
        for (final long slot : store.slots()) {
            if (slot >= throughSlot && slot <= newest.getAsLong() && slot != damagedSlot) {
                offer(from, slot);
                isAny = true;
            }
        }
        return isAny;
    }

    private void offer(final int to, final long slot) {
        if (!described.containsKey(slot)) {
            try (SnapshotStore.Input input = store.open(slot)) {
                described.put(slot, new long[] {input.id(), input.length()});
            } catch (final IllegalStateException e) {
                damaged(configuration.voter(to), slot, e);
                return;
            }
        }
        final long[] idAndLength = described.get(slot);
        outbox.now(to).snapshot(self, slot, idAndLength[0], idAndLength[1]);
    }

    /** A member asks for bytes. If this snapshot is not here any more, it is told of the newest one. */
    public void fetched(final int from, final long slot, final long id, final long position, final long nowNs) {
        final int voter = configuration.voter(from);
        final Session session = isKept(slot) || isOpen(voter, slot) ? session(voter, slot, nowNs) : null;
        if (session == null || session.input.id() != id || position < 0 || position > session.input.length()) {
            asked(from, 0);
            return;
        }
        try {
            send(outbox.now(from), session, position);
        } catch (final IllegalStateException e) {
            damaged(voter, slot, e);
        }
    }

    /**
     * The lowest slot of a snapshot that is being sent or held, of this slot or a later one: what follows it is needed
     * soon. Long.MAX_VALUE if there is none.
     */
    public long lowestSlot(final long fromSlot) {
        long lowest = Long.MAX_VALUE;
        for (final Session session : sessions) {
            lowest = session == null || session.slot < fromSlot ? lowest : Math.min(lowest, session.slot);
        }
        for (int i = 0; i < held.size(); i++) {
            final long slot = held.get(i).slot;
            lowest = slot < fromSlot ? lowest : Math.min(lowest, slot);
        }
        return lowest;
    }

    /** Ends what no member has asked for lately. */
    public void tick(final long nowNs) {
        if (!hasTicked) {
            hasTicked = true;
            heldNs = nowNs;
        }
        for (int voter = 0; voter < sessions.length; voter++) {
            if (sessions[voter] != null && nowNs - sessions[voter].askedNs > idleNs) {
                end(voter);
            }
        }
        if (!held.isEmpty() && nowNs - heldNs > idleNs) {
            letGo();
        }
        if (described.size() > DESCRIBED_MAX) {
            described.clear();
        }
    }

    @Override
    public void close() {
        for (int voter = 0; voter < sessions.length; voter++) {
            end(voter);
        }
        letGo();
    }

    private void letGo() {
        held.forEach(one -> one.input.close());
        held.clear();
    }

    private void send(final Messages to, final Session session, final long from) {
        if (session.position != from) {
            session.input.seek(from);
            session.position = from;
        }
        final long limit = Math.min(session.input.length(), from + (long) FETCH_MESSAGES * buffer.capacity());
        while (session.position < limit) {
            final int length =
                    session.input.read(buffer, 0, (int) Math.min(buffer.capacity(), limit - session.position));
            to.snapshotBytes(self, session.slot, session.input.id(), session.position, buffer, 0, length);
            session.position += length;
        }
    }

    /** What this member is sent, of this slot; null if it cannot be read. */
    private Session session(final int voter, final long slot, final long nowNs) {
        if (!isOpen(voter, slot)) {
            end(voter);
            try {
                sessions[voter] = new Session(slot, store.open(slot));
            } catch (final IllegalStateException e) {
                damaged(voter, slot, e);
                return null;
            }
        }
        sessions[voter].askedNs = nowNs;
        return sessions[voter];
    }

    private boolean isOpen(final int voter, final long slot) {
        return sessions[voter] != null && sessions[voter].slot == slot;
    }

    private boolean isKept(final long slot) {
        return slot != damagedSlot
                && slot <= newest.getAsLong()
                && Arrays.stream(store.slots()).anyMatch(kept -> kept == slot);
    }

    private void damaged(final int voter, final long slot, final IllegalStateException cause) {
        described.remove(slot);
        if (slot == newest.getAsLong()) {
            onDamaged.accept(slot);
        } else {
            damagedSlot = slot;
        }
        endAll(slot);
        events.notSent(slot, configuration.id(voter), cause.getMessage());
    }

    /** Another snapshot of this slot may take its place, so nobody reads on in this one. */
    private void endAll(final long slot) {
        for (int voter = 0; voter < sessions.length; voter++) {
            if (isOpen(voter, slot)) {
                end(voter);
            }
        }
        for (int i = held.size() - 1; i >= 0; i--) {
            if (held.get(i).slot == slot) {
                held.remove(i).input.close();
            }
        }
    }

    private void end(final int voter) {
        if (sessions[voter] != null) {
            sessions[voter].input.close();
            sessions[voter] = null;
        }
    }
}
