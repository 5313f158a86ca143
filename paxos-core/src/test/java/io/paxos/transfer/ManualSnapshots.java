package io.paxos.transfer;

import io.paxos.spi.SnapshotStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Snapshots in memory. The test decides when one is durable, and which are damaged. */
final class ManualSnapshots implements SnapshotStore {
    private record Kept(long id, byte[] bytes) {}

    private final TreeMap<Long, Kept> kept = new TreeMap<>();
    private final List<Long> open = new ArrayList<>(); // the slot of each input that is open
    private Receiving part; // the one that was begun last; null before
    private boolean isOpeningDamaged; // whether no snapshot can be opened
    private long damagedFrom = Long.MAX_VALUE; // bytes from here on cannot be read

    void put(final long slot, final long id, final byte[] bytes) {
        kept.put(slot, new Kept(id, bytes));
    }

    void remove(final long slot) {
        kept.remove(slot);
    }

    /** All but the newest two, and those that are open, are deleted. */
    void trim() {
        List.copyOf(kept.descendingKeySet()).stream()
                .skip(2)
                .filter(slot -> !open.contains(slot))
                .forEach(kept::remove);
    }

    /** The process of this store ends. */
    void closeAll() {
        open.clear();
    }

    void damageOpening() {
        isOpeningDamaged = true;
    }

    void damageFrom(final long position) {
        damagedFrom = position;
    }

    byte[] bytes(final long slot) {
        return kept.get(slot).bytes;
    }

    /** What is here of the one that is received. */
    Receiving part() {
        return part;
    }

    @Override
    public long[] slots() {
        return kept.descendingKeySet().stream().mapToLong(Long::longValue).toArray();
    }

    @Override
    public long unfinishedSlot() {
        return part == null || part.state == Output.State.DURABLE ? 0 : part.slot;
    }

    @Override
    public long unfinishedId() {
        return part == null || part.state == Output.State.DURABLE ? 0 : part.id;
    }

    @Override
    public long unfinishedLength() {
        return unfinishedSlot() == 0 ? 0 : part.length();
    }

    @Override
    public Input open(final long slot) {
        if (isOpeningDamaged) {
            throw new IllegalStateException("damaged at its header");
        }
        final Kept opened = kept.get(slot);
        open.add(slot);
        return new Input() {
            private int position;

            @Override
            public int read(final MutableDirectBuffer buffer, final int offset, final int length) {
                if (position >= damagedFrom) {
                    throw new IllegalStateException("damaged at " + position);
                }
                final int count = Math.min(length, opened.bytes.length - position);
                buffer.putBytes(offset, opened.bytes, position, count);
                position += count;
                return count == 0 ? -1 : count;
            }

            @Override
            public void seek(final long newPosition) {
                position = (int) newPosition;
            }

            @Override
            public long length() {
                return opened.bytes.length;
            }

            @Override
            public long id() {
                return opened.id;
            }

            @Override
            public void close() {
                open.remove(slot);
            }
        };
    }

    @Override
    public Output begin(final long slot, final Runnable wakeup) {
        throw new IllegalStateException("nothing is written here");
    }

    @Override
    public Output receive(final long slot, final long id, final Runnable wakeup) {
        if (part != null && part.slot == slot && part.id == id) {
            part.state = Output.State.WRITING;
        } else {
            part = new Receiving(slot, id);
        }
        return part;
    }

    final class Receiving implements Output {
        private final long slot;
        private final long id;
        private byte[] bytes = new byte[0];
        private State state = State.WRITING;
        private long room = Long.MAX_VALUE;

        Receiving(final long slot, final long id) {
            this.slot = slot;
            this.id = id;
        }

        void room(final long bytes) {
            room = bytes;
        }

        void durable() {
            state = State.DURABLE;
            put(slot, id, bytes);
        }

        @Override
        public long room() {
            return room;
        }

        @Override
        public long length() {
            return bytes.length;
        }

        @Override
        public void write(final DirectBuffer buffer, final int offset, final int length) {
            final int before = bytes.length;
            bytes = Arrays.copyOf(bytes, before + length);
            buffer.getBytes(offset, new UnsafeBuffer(bytes), before, length);
        }

        @Override
        public void finish() {
            state = State.FINISHING;
        }

        @Override
        public State state() {
            return state;
        }

        @Override
        public String failure() {
            return null;
        }

        @Override
        public void abandon() {
            state = State.FAILED;
        }
    }
}
