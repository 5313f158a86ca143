package io.paxos.testkit.memory;

import io.paxos.spi.SnapshotStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Snapshots without files: the simplest store that keeps the contract. It outlives the log that it is handed out by, so
 * that a test can restart replicas within one process: see {@link #interrupt}.
 *
 * <p>One thread. Everything happens within the calls, so a snapshot is durable when {@code finish} returns.
 */
public final class MemorySnapshots implements SnapshotStore {
    private static final int KEPT = 2;
    private static final int CHUNK_BYTES = 4096; // is checked as a whole

    /** A complete snapshot, or what is there of one that was received. */
    private static final class Stored {
        private final long slot;
        private final long id;
        private final byte[] bytes;
        private final long[] checksums; // by chunk, of the bytes as they were written

        Stored(final long slot, final long id, final byte[] bytes) {
            this.slot = slot;
            this.id = id;
            this.bytes = bytes;
            checksums = new long[(bytes.length + CHUNK_BYTES - 1) / CHUNK_BYTES];
            Arrays.setAll(checksums, this::checksum);
        }

        boolean isSound(final int chunk) {
            return checksums[chunk] == checksum(chunk);
        }

        private long checksum(final int chunk) {
            final CRC32C crc32c = new CRC32C();
            crc32c.update(bytes, chunk * CHUNK_BYTES, end(chunk) - chunk * CHUNK_BYTES);
            return crc32c.getValue();
        }

        int end(final int chunk) {
            return Math.min(bytes.length, (chunk + 1) * CHUNK_BYTES);
        }
    }

    private final SplittableRandom random; // draws ids
    private final List<Stored> kept = new ArrayList<>(); // the newest first; at most KEPT, and those that are open
    private final Set<MemoryInput> open = new HashSet<>(); // of the present process
    private MemoryOutput writing; // null if none is written or received
    private Stored part; // what is left of one that was received; null if nothing is, or while it is received

    /** An empty store. {@code seed} determines the ids of its snapshots. */
    public MemorySnapshots(final long seed) {
        random = new SplittableRandom(seed);
    }

    /** The process ends: what was being written is lost, what was being received stays, and nothing is open. */
    public void interrupt() {
        open.clear();
        if (writing != null) {
            writing.abandon();
        }
    }

    /** Flips a bit of a complete snapshot. The second time it is sound again. */
    public void flip(final long slot, final long position) {
        stored(slot).bytes[Math.toIntExact(position)] ^= 1;
    }

    @Override
    public long[] slots() {
        return kept.stream().mapToLong(stored -> stored.slot).toArray();
    }

    @Override
    public long unfinishedSlot() {
        return writing != null && writing.isReceived ? writing.slot : part == null ? 0 : part.slot;
    }

    @Override
    public long unfinishedId() {
        return writing != null && writing.isReceived ? writing.id : part == null ? 0 : part.id;
    }

    @Override
    public long unfinishedLength() {
        return writing != null && writing.isReceived ? writing.length : part == null ? 0 : part.bytes.length;
    }

    @Override
    public Input open(final long slot) {
        final MemoryInput input = new MemoryInput(stored(slot));
        open.add(input);
        return input;
    }

    @Override
    public Output begin(final long slot, final Runnable wakeup) {
        requireNext(slot);
        writing = new MemoryOutput(slot, random.nextLong(), false, wakeup);
        return writing;
    }

    @Override
    public Output receive(final long slot, final long id, final Runnable wakeup) {
        requireNext(slot);
        writing = new MemoryOutput(slot, id, true, wakeup);
        if (part != null && part.slot == slot && part.id == id) {
            writing.bytes.putBytes(0, part.bytes);
            writing.length = part.bytes.length;
        }
        part = null;
        return writing;
    }

    private void requireNext(final long slot) {
        if (writing != null) {
            throw new IllegalStateException("the snapshot of slot " + writing.slot + " is being written");
        }
        final long newest = kept.isEmpty() ? 0 : kept.get(0).slot;
        if (slot <= newest) {
            throw new IllegalArgumentException("slot=" + slot + " is not above the newest snapshot, of slot " + newest);
        }
    }

    private Stored stored(final long slot) {
        return kept.stream()
                .filter(stored -> stored.slot == slot)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no snapshot of slot " + slot));
    }

    private void keep(final Stored snapshot) {
        kept.add(0, snapshot);
        for (int place = kept.size() - 1; place >= KEPT; place--) {
            final Stored older = kept.get(place);
            if (open.stream().noneMatch(input -> input.snapshot == older)) {
                kept.remove(place);
            }
        }
        if (part != null && part.slot <= snapshot.slot) {
            part = null;
        }
    }

    private final class MemoryInput implements Input {
        private final Stored snapshot;
        private int position; // of the next byte

        MemoryInput(final Stored snapshot) {
            this.snapshot = snapshot;
        }

        @Override
        public int read(final MutableDirectBuffer buffer, final int offset, final int length) {
            if (position == snapshot.bytes.length) {
                return -1;
            }
            final int chunk = position / CHUNK_BYTES;
            if (!snapshot.isSound(chunk)) {
                throw new IllegalStateException(
                        "the snapshot of slot " + snapshot.slot + " is damaged at byte " + chunk * CHUNK_BYTES);
            }
            final int count = Math.min(length, snapshot.end(chunk) - position);
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

    private final class MemoryOutput implements Output {
        private static final int ROOM_BYTES = 1 << 20;

        private final long slot;
        private final long id;
        private final boolean isReceived;
        private final Runnable wakeup;
        private final ExpandableArrayBuffer bytes = new ExpandableArrayBuffer();
        private int length; // of what is there
        private State state = State.WRITING;

        MemoryOutput(final long slot, final long id, final boolean isReceived, final Runnable wakeup) {
            this.slot = slot;
            this.id = id;
            this.isReceived = isReceived;
            this.wakeup = wakeup;
        }

        @Override
        public long room() {
            return ROOM_BYTES;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public void write(final DirectBuffer buffer, final int offset, final int count) {
            bytes.putBytes(length, buffer, offset, count);
            length += count;
        }

        @Override
        public void finish() {
            if (state == State.WRITING) {
                keep(stored());
                state = State.DURABLE;
                writing = null;
                wakeup.run();
            }
        }

        @Override
        public State state() {
            return state;
        }

        @Override
        public String failure() {
            return state == State.FAILED ? "the snapshot of slot " + slot + " was given up" : null;
        }

        @Override
        public void abandon() {
            if (state == State.WRITING) {
                part = isReceived ? stored() : part;
                state = State.FAILED;
                writing = null;
            }
        }

        private Stored stored() {
            final byte[] all = new byte[length];
            bytes.getBytes(0, all);
            return new Stored(slot, id, all);
        }
    }
}
