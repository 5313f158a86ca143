package io.paxos.testkit.contract;

import io.paxos.spi.AcceptorLog;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The log of a replica that never restarts: in memory, durable at the next sync. For tests of everything but logs. */
final class VolatileLog implements AcceptorLog {
    private static final int VALUE_LENGTH_MAX = 1 << 20;

    private record Accepted(long ballot, UnsafeBuffer value) {}

    private final TreeMap<Long, Accepted> accepted = new TreeMap<>(); // by slot
    private final TreeMap<Long, Long> promisedInSlot = new TreeMap<>();
    private long promised;
    private long chosenThrough;
    private long appended;
    private long durable;

    @Override
    public int incarnation() {
        return 1;
    }

    @Override
    public long promised() {
        return promised;
    }

    @Override
    public long promised(final long slot) {
        return Math.max(promised, Math.max(promisedInSlot.getOrDefault(slot, 0L), acceptedBallot(slot)));
    }

    @Override
    public long firstSlot() {
        return 1;
    }

    @Override
    public long lastSlot() {
        return accepted.isEmpty() ? 0 : accepted.lastKey();
    }

    @Override
    public long chosenThrough() {
        return chosenThrough;
    }

    @Override
    public long acceptedBallot(final long slot) {
        final Accepted entry = accepted.get(slot);
        return entry == null ? 0 : entry.ballot;
    }

    @Override
    public boolean read(final long slot, final ValueReader reader) {
        final Accepted entry = accepted.get(slot);
        if (entry == null) {
            return false;
        }
        reader.value(slot, entry.ballot, entry.value, 0, entry.value.capacity());
        return true;
    }

    @Override
    public void promise(final long ballot) {
        promised = ballot;
        appended++;
    }

    @Override
    public void promise(final long ballot, final long slot) {
        promisedInSlot.put(slot, ballot);
        appended++;
    }

    @Override
    public void accept(
            final long ballot,
            final long slot,
            final long chosen,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (length > VALUE_LENGTH_MAX) {
            throw new IllegalArgumentException("a value has at most " + VALUE_LENGTH_MAX + " bytes, not " + length);
        }
        final byte[] copy = new byte[length];
        if (length > 0) {
            value.getBytes(offset, copy);
        }
        accepted.put(slot, new Accepted(ballot, new UnsafeBuffer(copy)));
        chosenThrough = Math.max(chosenThrough, chosen);
        appended++;
    }

    @Override
    public long appendedPosition() {
        return appended;
    }

    @Override
    public long durablePosition() {
        return durable;
    }

    @Override
    public int sync() {
        if (durable == appended) {
            return 0;
        }
        durable = appended;
        return 1;
    }

    /** Sync is immediate, so there is never anything to call for. */
    @Override
    public void onDurable(final Runnable wakeup) {}

    @Override
    public int valueLengthMax() {
        return VALUE_LENGTH_MAX;
    }

    @Override
    public String durability() {
        return "replicated";
    }

    @Override
    public void close() {}
}
