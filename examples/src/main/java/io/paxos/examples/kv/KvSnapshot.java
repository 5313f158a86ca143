package io.paxos.examples.kv;

import io.paxos.statemachine.SnapshotSink;
import io.paxos.statemachine.SnapshotSource;
import io.paxos.statemachine.SnapshotWriter;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Writes the keys and values of one moment in the order of the keys, while commands change the store.
 *
 * <p>All keys up to {@link #written} are done. A change of a key above it first stores the old value here, and the
 * writer takes that value instead of the present one. Worked example: the store holds {@code a=1 b=2 d=4}, and {@code
 * a} is written. Then {@code b} is set to 9, {@code c} is set to 3, {@code d} is deleted, and {@code a} is set to 5.
 * {@link #before} holds {@code b=2 c=ABSENT d=4}. The next slice writes {@code b=2}, leaves out {@code c}, and writes
 * {@code d=4}.
 *
 * <p>The bytes: {@link #FORMAT}, the number of keys, key and value of each, {@link #END}. Equal states, equal bytes.
 */
final class KvSnapshot implements SnapshotWriter {
    /** "kvsnap01". Another layout of the bytes needs another number. */
    private static final long FORMAT = 0x6b76_736e_6170_3031L;

    private static final long END = ~FORMAT;
    private static final int HEADER_BYTES = 2 * Long.BYTES;
    private static final int LENGTHS_BYTES = 2 * Integer.BYTES; // of key and value

    /** Counts for a key that is left out, so that many of them do not make a slice long. */
    private static final int SKIPPED_BYTES = 16;

    /** The old value of a key that is new. Compared by identity, since a value may be empty. */
    private static final byte[] ABSENT = {};

    private final NavigableMap<Key, byte[]> store; // the machine changes it, and calls changed() each time
    private final long keys; // how many there were at the beginning
    private final Consumer<KvSnapshot> onClose;

    /** The old values of keys that were changed since the beginning. All are above {@link #written}. */
    private final TreeMap<Key, byte[]> before = new TreeMap<>();

    private Key written; // the last key that is done; null: none
    private boolean hasBegun; // whether the header is written
    private boolean isComplete; // whether all is written, or the snapshot is given up

    /** Copies nothing. {@code onClose} gets this when no change need be reported any longer. */
    KvSnapshot(final NavigableMap<Key, byte[]> store, final Consumer<KvSnapshot> onClose) {
        this.store = store;
        this.keys = store.size();
        this.onClose = onClose;
    }

    /** The key has got another value or is gone. {@code old} is the value until then, null if there was none. */
    void changed(final Key key, final byte[] old) {
        if (!isComplete && (written == null || key.compareTo(written) > 0)) {
            before.putIfAbsent(key, old == null ? ABSENT : old);
        }
    }

    /** Exceeds {@link SnapshotSink#SLICE_BYTES} by less than one key and its value. */
    @Override
    public boolean writeSlice(final SnapshotSink sink) {
        int bytes = hasBegun ? 0 : writeHeader(sink);
        final Iterator<Map.Entry<Key, byte[]>> entries = (written == null ? store : store.tailMap(written, false))
                .entrySet()
                .iterator();
        Map.Entry<Key, byte[]> present = next(entries);
        while (bytes < SnapshotSink.SLICE_BYTES) {
            final Map.Entry<Key, byte[]> old = before.firstEntry();
            if (present == null && old == null) {
                sink.writeLong(END);
                isComplete = true;
                return false;
            }
            final int order = order(present, old);
            if (order < 0) {
                bytes += write(sink, present);
            } else {
                bytes += write(sink, old);
                before.remove(old.getKey());
            }
            if (order <= 0) {
                present = next(entries);
            }
        }
        return true;
    }

    private int writeHeader(final SnapshotSink sink) {
        sink.writeLong(FORMAT);
        sink.writeLong(keys);
        hasBegun = true;
        return HEADER_BYTES;
    }

    private static Map.Entry<Key, byte[]> next(final Iterator<Map.Entry<Key, byte[]>> entries) {
        return entries.hasNext() ? entries.next() : null;
    }

    /** Below 0 if the present entry is next, above 0 if the old one is; 0 if both have the same key. */
    private static int order(final Map.Entry<Key, byte[]> present, final Map.Entry<Key, byte[]> old) {
        if (present == null) {
            return 1;
        }
        return old == null ? -1 : present.getKey().compareTo(old.getKey());
    }

    private int write(final SnapshotSink sink, final Map.Entry<Key, byte[]> entry) {
        written = entry.getKey();
        final byte[] value = entry.getValue();
        if (value == ABSENT) {
            return SKIPPED_BYTES;
        }
        sink.writeBytes(written.bytes());
        sink.writeBytes(value);
        return LENGTHS_BYTES + written.bytes().length + value.length;
    }

    @Override
    public void close() {
        isComplete = true;
        before.clear();
        onClose.accept(this);
    }

    /**
     * The keys and values of a snapshot.
     *
     * @throws IllegalArgumentException if the bytes are something else
     * @throws IllegalStateException if the source says that they are damaged
     */
    static NavigableMap<Key, byte[]> read(final SnapshotSource source) {
        require(source.readLong() == FORMAT, "the first 8 bytes are others");
        final long keys = source.readLong();
        require(keys >= 0 && keys <= Integer.MAX_VALUE, "it says that it has " + keys + " keys");
        final TreeMap<Key, byte[]> store = new TreeMap<>();
        Key last = null;
        for (long i = 0; i < keys; i++) {
            final Key key = Key.of(source.readBytes());
            require(last == null || last.compareTo(key) < 0, "key " + (i + 1) + " of " + keys + " is out of order");
            store.put(key, source.readBytes());
            last = key;
        }
        require(source.readLong() == END, "it goes on after its " + keys + " keys");
        return store;
    }

    private static void require(final boolean holds, final String flaw) {
        if (!holds) {
            throw new IllegalArgumentException("this is not a snapshot of the key-value store: " + flaw);
        }
    }
}
