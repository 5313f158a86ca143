package io.paxos.testkit.sim.disk;

import io.paxos.spi.SnapshotStore;
import io.paxos.testkit.sim.schedule.CrashPoint;
import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;

/** The snapshots on a {@link SimDisk}. One that is being written is lost in a crash. The medium can be behind. */
final class SimSnapshots {
    private static final int KEPT = 2;
    private static final int BEHIND_ONE_IN = 4; // one in this many slices finds the medium behind
    private static final int ROOM = 1 << 16;

    /** A snapshot that is durable. */
    private static final class Kept {
        private final long slot;
        private final byte[] bytes; // never modified
        private boolean isDamaged; // true for good

        Kept(final long slot, final byte[] bytes) {
            this.slot = slot;
            this.bytes = bytes;
        }
    }

    /** Whether the medium takes writes, and ends forces. */
    interface Medium {
        boolean takesWrites();

        boolean forces();

        long forceNs();
    }

    private final EventQueue events;
    private final SimRandom random;
    private final Situations situations;
    private final Medium medium;
    private final List<Kept> kept = new ArrayList<>(); // the newest first; at most KEPT
    private Writing writing; // of the present life; null if none is written

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
    }

    /** The process dies. */
    void crash() {
        if (writing != null) {
            situations.saw(Situation.SNAPSHOT_LOST_BY_CRASH);
            writing.state = SnapshotStore.Output.State.FAILED;
            writing = null;
        }
    }

    /** A bit of the newest snapshot flips. */
    void damageNewest() {
        if (!kept.isEmpty()) {
            kept.get(0).isDamaged = true;
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
            public Input open(final long slot) {
                return new Reading(kept.stream()
                        .filter(one -> one.slot == slot)
                        .findFirst()
                        .orElseThrow());
            }

            @Override
            public Output begin(final long slot, final Runnable wakeup) {
                if (writing != null) {
                    throw new IllegalStateException("the snapshot of slot " + writing.slot + " is being written");
                }
                if (!kept.isEmpty() && slot <= kept.get(0).slot) {
                    throw new IllegalArgumentException("slot " + slot + " is not above " + kept.get(0).slot);
                }
                writing = new Writing(slot, crashPoint, wakeup);
                return writing;
            }
        };
    }

    private void keep(final Writing snapshot) {
        kept.add(0, new Kept(snapshot.slot, snapshot.bytes()));
        if (kept.size() > KEPT) {
            kept.remove(KEPT);
        }
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
        public long length() {
            return snapshot.bytes.length;
        }

        @Override
        public void close() {}
    }

    private final class Writing implements SnapshotStore.Output {
        private final long slot;
        private final CrashPoint crashPoint;
        private final Runnable wakeup;
        private final MutableDirectBuffer bytes = new ExpandableArrayBuffer();
        private final EventQueue.Handler<Object> onCaughtUp = (number, none) -> caughtUp();
        private final EventQueue.Handler<Object> onForced = (number, none) -> forced();
        private int length;
        private boolean isBehind;
        private State state = State.WRITING;

        Writing(final long slot, final CrashPoint crashPoint, final Runnable wakeup) {
            this.slot = slot;
            this.crashPoint = crashPoint;
            this.wakeup = wakeup;
        }

        byte[] bytes() {
            final byte[] all = new byte[length];
            bytes.getBytes(0, all);
            return all;
        }

        @Override
        public long room() {
            if (!isBehind && random.below(BEHIND_ONE_IN) == 0) {
                isBehind = true;
                events.at(events.nowNs() + 1 + medium.forceNs(), onCaughtUp, 0, null);
            }
            return isBehind ? 0 : ROOM;
        }

        @Override
        public void write(final DirectBuffer buffer, final int offset, final int count) {
            crashPoint.pass();
            bytes.putBytes(length, buffer, offset, count);
            length += count;
            if (!medium.takesWrites()) {
                fail();
            }
        }

        @Override
        public void finish() {
            if (state == State.WRITING) {
                state = State.FINISHING;
                events.at(events.nowNs() + 1 + medium.forceNs(), onForced, 0, null);
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
                writing = null;
                state = State.FAILED;
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
