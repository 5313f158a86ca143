package io.paxos.examples.kv;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.SnapshotSource;
import io.paxos.statemachine.SnapshotWriter;
import io.paxos.statemachine.Snapshotting;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.agrona.DirectBuffer;

/**
 * The store: binary keys and values, in memory. The same commands in the same order give the same replies.
 *
 * <p>No input makes it throw: what is not a batch of well-formed operations gets {@link KvError#MALFORMED} and changes
 * nothing. Every limit here is a constant, since replicas with different limits would drift apart.
 */
final class KvStateMachine implements Snapshotting {
    private static final byte[] EMPTY = {};

    /**
     * In the order of SCAN. There is no second index for SCAN, which would have to be kept equal to this one. An array
     * that is a value never changes: a snapshot may still need it.
     */
    private NavigableMap<Key, byte[]> store = new TreeMap<>();

    /** Is told of each change of {@link #store}; null if no snapshot of it is being written. */
    private KvSnapshot snapshot;

    private final ReplyWriter replies = new ReplyWriter();

    /** What the replies to a query may have. Other replicas may have other limits, since a query concerns only one. */
    private final int queryReplyBytesMax;

    KvStateMachine() {
        this(KvLimits.REPLY_BYTES_MAX);
    }

    KvStateMachine(final int queryReplyBytesMax) {
        this.queryReplyBytesMax = queryReplyBytesMax;
    }

    @Override
    public void apply(final Command command, final Reply reply) {
        replies.begin(KvLimits.REPLY_BYTES_MAX);
        execute(KvCodec.decode(command.buffer(), command.offset(), command.length()), reply);
    }

    @Override
    public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
        final List<KvOperation> operations = KvCodec.decode(query, offset, length);
        final boolean readsOnly =
                operations.stream().allMatch(operation -> operation.op().reads());
        replies.begin(queryReplyBytesMax);
        execute(readsOnly ? operations : List.of(), reply);
    }

    @Override
    public SnapshotWriter writeSnapshot() {
        if (snapshot != null) {
            throw new IllegalStateException("a snapshot is being written; close it first");
        }
        snapshot = new KvSnapshot(store, this::closed);
        return snapshot;
    }

    private void closed(final KvSnapshot closed) {
        if (snapshot == closed) {
            snapshot = null;
        }
    }

    /** Changes nothing if it throws. */
    @Override
    public void readSnapshot(final SnapshotSource source) {
        replaceStore(KvSnapshot.read(source));
    }

    private void execute(final List<KvOperation> operations, final Reply reply) {
        if (operations.isEmpty()) {
            replies.error(KvError.MALFORMED);
        }
        for (final KvOperation operation : operations) {
            execute(operation);
        }
        replies.moveTo(reply);
    }

    private void execute(final KvOperation operation) {
        switch (operation.op()) {
            case SET -> set(operation);
            case GETDEL -> getDelete(operation);
            case DEL -> replies.integer(delete(operation.arguments()));
            case INCRBY -> add(operation);
            case APPEND -> append(operation);
            case MSET -> setAll(operation.arguments());
            case FLUSHALL -> flush();
            case GET -> get(operation);
            case EXISTS -> replies.integer(countOf(operation.arguments()));
            case STRLEN -> replies.integer(lengthOf(operation.argument(0)));
            case MGET -> getAll(operation.arguments());
            case DBSIZE -> replies.integer(store.size());
            case SCAN -> scan(operation);
        }
    }

    private void set(final KvOperation operation) {
        final Key key = Key.of(operation.argument(0));
        final int flags = operation.argument(2)[0];
        final byte[] old = store.get(key);
        final boolean answerOld = SetFlags.has(flags, SetFlags.GET);
        if (answerOld && !fits(old)) {
            replies.error(KvError.REPLY_TOO_LARGE);
            return;
        }
        final boolean holds = holds(operation, flags, old);
        if (holds) {
            put(key, operation.argument(1));
        }
        if (answerOld) {
            replies.bytesOrNil(old);
        } else if (holds) {
            replies.ok();
        } else {
            replies.nil();
        }
    }

    private static boolean holds(final KvOperation operation, final int flags, final byte[] old) {
        if (SetFlags.has(flags, SetFlags.NX)) {
            return old == null;
        }
        if (SetFlags.has(flags, SetFlags.XX)) {
            return old != null;
        }
        return !SetFlags.has(flags, SetFlags.IFEQ) || (old != null && Arrays.equals(old, operation.argument(3)));
    }

    private void getDelete(final KvOperation operation) {
        final Key key = Key.of(operation.argument(0));
        final byte[] old = store.get(key);
        if (!fits(old)) {
            replies.error(KvError.REPLY_TOO_LARGE);
            return;
        }
        remove(key);
        replies.bytesOrNil(old);
    }

    private int delete(final List<byte[]> keys) {
        int deleted = 0;
        for (final byte[] key : keys) {
            if (remove(Key.of(key)) != null) {
                deleted++;
            }
        }
        return deleted;
    }

    private void add(final KvOperation operation) {
        final Key key = Key.of(operation.argument(0));
        final byte[] old = store.get(key);
        final Integers.Parsed number = old == null ? Integers.ZERO : Integers.parse(old);
        if (!number.valid()) {
            replies.error(KvError.NOT_AN_INTEGER);
            return;
        }
        final long delta = operation.numberAt(1);
        final long sum = number.value() + delta;
        if (((number.value() ^ sum) & (delta ^ sum)) < 0) {
            replies.error(KvError.OVERFLOW);
            return;
        }
        put(key, ascii(sum));
        replies.integer(sum);
    }

    private void append(final KvOperation operation) {
        final Key key = Key.of(operation.argument(0));
        final byte[] tail = operation.argument(1);
        final byte[] old = store.getOrDefault(key, EMPTY);
        if (old.length + tail.length > KvLimits.ARGUMENT_BYTES_MAX) {
            replies.error(KvError.VALUE_TOO_LARGE);
            return;
        }
        final byte[] value = Arrays.copyOf(old, old.length + tail.length);
        System.arraycopy(tail, 0, value, old.length, tail.length);
        put(key, value);
        replies.integer(value.length);
    }

    private void setAll(final List<byte[]> keysAndValues) {
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            put(Key.of(keysAndValues.get(i)), keysAndValues.get(i + 1));
        }
        replies.ok();
    }

    private void flush() {
        replaceStore(new TreeMap<>());
        replies.ok();
    }

    private void get(final KvOperation operation) {
        final byte[] value = store.get(Key.of(operation.argument(0)));
        if (fits(value)) {
            replies.bytesOrNil(value);
        } else {
            replies.error(KvError.REPLY_TOO_LARGE);
        }
    }

    private int countOf(final List<byte[]> keys) {
        int count = 0;
        for (final byte[] key : keys) {
            if (store.containsKey(Key.of(key))) {
                count++;
            }
        }
        return count;
    }

    private int lengthOf(final byte[] key) {
        return store.getOrDefault(Key.of(key), EMPTY).length;
    }

    private void getAll(final List<byte[]> keys) {
        final List<byte[]> values = new ArrayList<>(keys.size());
        long bytes = 0;
        for (final byte[] key : keys) {
            final byte[] value = store.get(Key.of(key));
            bytes += ReplyWriter.HEADER_BYTES_MAX + (value == null ? 0 : value.length);
            values.add(value);
        }
        if (replies.fits(bytes)) {
            replies.arrayOf(values, (int) bytes);
        } else {
            replies.error(KvError.REPLY_TOO_LARGE);
        }
    }

    /**
     * Goes on at the cursor and stops between two hashes only, so that the next cursor, the hash after the last, skips
     * nothing: a key that is there all the while is returned exactly once.
     */
    private void scan(final KvOperation operation) {
        final Glob glob = new Glob(operation.argument(1));
        final long count = Math.min(operation.numberAt(2), KvLimits.SCAN_COUNT_MAX);
        final List<byte[]> found = new ArrayList<>();
        long seen = 0;
        long steps = 0;
        long bytes = 0;
        long cursor = operation.numberAt(0);
        boolean atEnd = true;
        for (final Key key : store.tailMap(Key.floor(cursor), true).keySet()) {
            final boolean isEnough =
                    seen >= count || bytes >= KvLimits.SCAN_BYTES_MAX || steps >= KvLimits.SCAN_STEPS_MAX;
            if (isEnough && key.hash() >= cursor) {
                atEnd = false;
                break;
            }
            cursor = key.hash() + 1;
            seen++;
            steps += glob.steps(key.bytes().length);
            if (glob.matches(key.bytes())) {
                bytes += ReplyWriter.HEADER_BYTES_MAX + key.bytes().length;
                found.add(key.bytes());
            }
        }
        if (!replies.fits(bytes + 4L * ReplyWriter.HEADER_BYTES_MAX)) {
            replies.error(KvError.REPLY_TOO_LARGE);
            return;
        }
        replies.array(2);
        replies.bytes(ascii(atEnd ? 0 : cursor));
        replies.arrayOf(found, (int) bytes);
    }

    private void put(final Key key, final byte[] value) {
        final byte[] old = store.put(key, value);
        if (snapshot != null) {
            snapshot.changed(key, old);
        }
    }

    /** The value that was there, or null. */
    private byte[] remove(final Key key) {
        final byte[] old = store.remove(key);
        if (snapshot != null && old != null) {
            snapshot.changed(key, old);
        }
        return old;
    }

    /** A snapshot that is being written keeps the old store, which does not change any longer. */
    private void replaceStore(final NavigableMap<Key, byte[]> other) {
        store = other;
        snapshot = null;
    }

    private boolean fits(final byte[] value) {
        return value == null || replies.fits(value.length);
    }

    private static byte[] ascii(final long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }
}
