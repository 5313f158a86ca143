package io.paxos.testkit.sim.disk;

import io.paxos.spi.SnapshotStore;
import io.paxos.testkit.sim.schedule.CrashPoint;
import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The snapshots on a {@link SimDisk}. One that is being written is lost in a crash. Of one that is being received a
 * random number of whole chunks stays. The medium can be behind.
 */
final class SimSnapshots {
    private static final int KEPT = 2;
    private static final int BEHIND_ONE_IN = 4; // one in this many slices finds the medium behind
    private static final int ROOM = 1 << 16;
    private static final int CHUNK_BYTES = 64; // small, so that each snapshot has some

    /** A snapshot that is durable. */
    private static final class Kept {
        private final long slot;
        private final long id;
        private final byte[] bytes; // never modified
        private boolean isDamaged; // true for good
        private boolean isRefused; // it was found damaged; true for good

        Kept(final long slot, final long id, final byte[] bytes) {
            this.slot = slot;
            this.id = id;
            this.bytes = bytes;
        }
    }

    /** What is left of a snapshot that was being received: whole chunks from its beginning. */
    private record Part(long slot, long id, byte[] bytes) {
        boolean isOf(final long itsSlot, final long itsId) {
            return slot == itsSlot && id == itsId;
        }
    }

    /** Whether the medium takes writes, and ends forces. */
    interface Medium {
        boolean takesWrites();

        boolean forces();

        long forceNs();

        /** A snapshot of this slot is durable now. */
        void durable(long slot);
    }

    private final EventQueue events;
    private final SimRandom random;
    private final Situations situations;
    private final Medium medium;
    private final List<Kept> kept = new ArrayList<>(); // the newest first; at most KEPT, and those that are open
    private final Set<Reading> open = new LinkedHashSet<>(); // of the present life
    private Writing writing; // of the present life; null if none is written
    private Part part; // null if nothing is left, or while it is being received

    SimSnapshots(final EventQueue events, final SimRandom random, final Situations situations, final Medium medium) {
        this.events = events;
        this.random = random;
        this.situations = situations;
        this.medium = medium;
    }

    /** The directory is emptied. */
    void clear() {
        crash();
        kept.clear();
        part = null;
    }

    /** The slot of the newest one that is durable; 0 if there is none. */
    long newestSlot() {
        return kept.isEmpty() ? 0 : kept.get(0).slot;
    }

    /** Whether bytes of one are here that is being received. */
    boolean hasPart() {
        return isReceiving() && writing.length > 0;
    }

    /** The process dies. */
    void crash() {
        open.clear();
        if (writing != null) {
            if (!writing.isReceived) {
                situations.saw(Situation.SNAPSHOT_LOST_BY_CRASH);
            }
            giveUp();
        }
    }

    /** A bit flips of the newest snapshot that is sound. */
    void damageNewest() {
        for (final Kept snapshot : kept) {
            if (!snapshot.isDamaged) {
                snapshot.isDamaged = true;
                return;
            }
        }
    }

    /** What one life of the process sees. */
    SnapshotStore store(final CrashPoint crashPoint) {
        return new SnapshotStore() {
            @Override
            public long[] slots() {
                return kept.stream().mapToLong(snapshot -> snapshot.slot).toArray();
            }

            @Override
            public long unfinishedLength() {
                return isReceiving() ? writing.length : part == null ? 0 : part.bytes.length;
            }

            @Override
            public Input open(final long slot) {
                final Reading reading = new Reading(kept.stream()
                        .filter(one -> one.slot == slot)
                        .findFirst()
                        .orElseThrow());
                open.add(reading);
                return reading;
            }

            @Override
            public Output begin(final long slot, final Runnable wakeup) {
                requireNext(slot);
                writing = new Writing(slot, random.nextLong(), crashPoint, wakeup);
                return writing;
            }

            @Override
            public Output receive(final long slot, final long id, final Runnable wakeup) {
                requireNext(slot);
                crashPoint.pass();
                writing = new Writing(slot, id, crashPoint, wakeup);
                final byte[] found = part != null && part.isOf(slot, id) ? part.bytes : new byte[0];
                if (found.length > 0) {
                    situations.saw(Situation.TRANSFER_RESUMED);
                }
                writing.resume(found);
                part = null;
                return writing;
            }

            @Override
            public long unfinishedSlot() {
                return isReceiving() ? writing.slot : part == null ? 0 : part.slot;
            }

            @Override
            public long unfinishedId() {
                return isReceiving() ? writing.id : part == null ? 0 : part.id;
            }
        };
    }

    private boolean isReceiving() {
        return writing != null && writing.isReceived;
    }

    private void requireNext(final long slot) {
        if (writing != null) {
            throw new IllegalStateException("the snapshot of slot " + writing.slot + " is being written");
        }
        for (final Kept snapshot : kept) {
            if (!snapshot.isRefused && slot <= snapshot.slot) {
                throw new IllegalArgumentException("slot " + slot + " is not above " + snapshot.slot);
            }
        }
    }

    /** Of one that is received, a random part stays. */
    private void giveUp() {
        writing.state = SnapshotStore.Output.State.FAILED;
        if (writing.isReceived) {
            final int chunks = random.below(writing.length / CHUNK_BYTES + 1);
            part = new Part(writing.slot, writing.id, Arrays.copyOf(writing.bytes(), chunks * CHUNK_BYTES));
        }
        writing = null;
    }

    private void keep(final Writing snapshot) {
        kept.removeIf(older -> older.isRefused);
        kept.add(0, new Kept(snapshot.slot, snapshot.id, snapshot.bytes()));
        for (int place = kept.size() - 1; place >= KEPT; place--) {
            final Kept older = kept.get(place);
            if (open.stream().noneMatch(reading -> reading.snapshot == older)) {
                kept.remove(place);
            }
        }
        if (part != null && part.slot <= snapshot.slot) {
            part = null;
        }
        medium.durable(snapshot.slot);
        situations.saw(Situation.SNAPSHOT_TAKEN);
    }

    private final class Reading implements SnapshotStore.Input {
        private final Kept snapshot;
        private int position;

        Reading(final Kept snapshot) {
            this.snapshot = snapshot;
        }

        @Override
        public int read(final MutableDirectBuffer buffer, final int offset, final int length) {
            if (snapshot.isDamaged) {
                snapshot.isRefused = true;
                situations.saw(Situation.DAMAGED_SNAPSHOT_NOTICED);
                throw new IllegalStateException("the snapshot of slot " + snapshot.slot + " is damaged");
            }
            if (position == snapshot.bytes.length) {
                return -1;
            }
            final int count = Math.min(length, Math.min(snapshot.bytes.length - position, 1 + random.below(ROOM)));
            buffer.putBytes(offset, snapshot.bytes, position, count);
            position += count;
            return count;
        }

        @Override
        public void seek(final long newPosition) {
            if (newPosition < 0 || newPosition > snapshot.bytes.length) {
                throw new IllegalArgumentException("position=" + newPosition + " length=" + snapshot.bytes.length);
            }
            position = (int) newPosition;
        }

        @Override
        public long length() {
            return snapshot.bytes.length;
        }

        @Override
        public long id() {
            return snapshot.id;
        }

        @Override
        public void close() {
            open.remove(this);
        }
    }

    private final class Writing implements SnapshotStore.Output {
        private final long slot;
        private final long id;
        private final CrashPoint crashPoint;
        private final Runnable wakeup;
        private final MutableDirectBuffer bytes = new ExpandableArrayBuffer();
        private final EventQueue.Handler<Object> onCaughtUp = (number, none) -> caughtUp();
        private final EventQueue.Handler<Object> onForced = (number, none) -> forced();
        private final EventQueue.Handler<Object> onResumed = (number, none) -> resumed();
        private int length; // of what is there of it
        private boolean isReceived; // comes from another replica
        private boolean isBehind;
        private boolean isHurried;
        private State state = State.WRITING;

        Writing(final long slot, final long id, final CrashPoint crashPoint, final Runnable wakeup) {
            this.slot = slot;
            this.id = id;
            this.crashPoint = crashPoint;
            this.wakeup = wakeup;
        }

        /** It is received. The medium looks for what is there of it. */
        void resume(final byte[] found) {
            isReceived = true;
            bytes.putBytes(0, found);
            length = found.length;
            state = State.RESUMING;
            events.at(events.nowNs() + 1 + medium.forceNs(), onResumed, 0, null);
        }

        byte[] bytes() {
            final byte[] all = new byte[length];
            bytes.getBytes(0, all);
            return all;
        }

        @Override
        public long room() {
            if (state == State.RESUMING) {
                return 0;
            }
            if (!isBehind && random.below(BEHIND_ONE_IN) == 0) {
                isBehind = true;
                events.at(events.nowNs() + 1 + medium.forceNs(), onCaughtUp, 0, null);
            }
            return isBehind ? 0 : ROOM;
        }

        @Override
        public long length() {
            return state == State.RESUMING ? -1 : length;
        }

        @Override
        public void write(final DirectBuffer buffer, final int offset, final int count) {
            requireNotResuming();
            crashPoint.pass();
            bytes.putBytes(length, buffer, offset, count);
            length += count;
            if (!medium.takesWrites()) {
                fail();
            }
        }

        @Override
        public void finish() {
            requireNotResuming();
            if (state == State.WRITING) {
                state = State.FINISHING;
                events.at(events.nowNs() + 1 + medium.forceNs(), onForced, 0, null);
            }
        }

        @Override
        public void hurry() {
            if (!isHurried) {
                isHurried = true;
                situations.saw(Situation.SNAPSHOT_HURRIED);
            }
        }

        @Override
        public State state() {
            return state;
        }

        @Override
        public String failure() {
            return state == State.FAILED ? "input/output error" : null;
        }

        @Override
        public void abandon() {
            if (writing == this) {
                giveUp();
            }
        }

        private void requireNotResuming() {
            if (state == State.RESUMING) {
                throw new IllegalStateException("the snapshot of slot " + slot + " does not take bytes yet");
            }
        }

        private void resumed() {
            if (writing == this) {
                state = State.WRITING;
                wakeup.run();
            }
        }

        private void caughtUp() {
            isBehind = false;
            if (writing == this) {
                wakeup.run();
            }
        }

        private void forced() {
            if (writing != this || state != State.FINISHING) {
                return;
            }
            if (medium.forces()) {
                keep(this);
                state = State.DURABLE;
                writing = null;
            } else {
                fail();
            }
            wakeup.run();
        }

        private void fail() {
            state = State.FAILED;
            writing = null;
            situations.saw(Situation.SNAPSHOT_FAILED);
        }
    }
}
