package io.paxos;

import io.paxos.spi.AcceptorLog;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A log in memory whose sync the test decides about. For the tests of the core, which cannot see the {@code MemoryLog}
 * of the testkit.
 */
public class ManualLog implements AcceptorLog {
    private record Accepted(long ballot, byte[] value) {}

    private final TreeMap<Long, Accepted> accepted = new TreeMap<>();
    private final TreeMap<Long, Long> slotPromises = new TreeMap<>();
    private final int incarnation;
    private long promised;
    private long chosenThrough;
    private long appended;
    private long durable;
    private boolean syncs = true;
    private boolean isReading;
    private long alteredSlot; // 0 for none
    private long firstSlot = 1;
    private long bytes;
    private boolean isFull;

    public ManualLog() {
        this(1);
    }

    public ManualLog(final int incarnation) {
        this.incarnation = incarnation;
    }

    /** From now on, sync does nothing until {@link #force}. */
    public ManualLog freeze() {
        syncs = false;
        return this;
    }

    /** From now on there is room for nothing, and an append fails. */
    public void fillUp() {
        isFull = true;
    }

    /** There is room again. */
    public void freeUp() {
        isFull = false;
    }

    @Override
    public boolean isFull() {
        return isFull;
    }

    @Override
    public boolean hasRoomFor(final int valueLength) {
        return !isFull;
    }

    /** How many bytes the log says that it has. */
    public void bytes(final long value) {
        bytes = value;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    /** Makes everything appended durable. */
    public void force() {
        durable = appended;
    }

    /** The value of this slot will have another byte than the one that was accepted. */
    public void alters(final long slot) {
        alteredSlot = slot;
    }

    /** Makes everything appended durable but the last record. */
    public void forceAllButLast() {
        durable = appended - 1;
    }

    @Override
    public int incarnation() {
        return incarnation;
    }

    @Override
    public long promised() {
        return promised;
    }

    @Override
    public long promised(final long slot) {
        return Math.max(promised, Math.max(slotPromises.getOrDefault(slot, 0L), acceptedBallot(slot)));
    }

    @Override
    public long firstSlot() {
        return firstSlot;
    }

    @Override
    public void trim(final long throughSlot) {
        firstSlot = Math.max(firstSlot, throughSlot + 1);
        chosenThrough = Math.max(chosenThrough, throughSlot);
        accepted.headMap(throughSlot, true).clear();
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
    public ReadResult read(final long slot, final ValueReader reader) {
        final Accepted entry = accepted.get(slot);
        if (entry == null) {
            return slot < firstSlot ? ReadResult.TRIMMED : ReadResult.ABSENT;
        }
        if (isReading) {
            throw new IllegalStateException("a reader must not read another slot: slot=" + slot);
        }
        isReading = true;
        reader.value(slot, entry.ballot, new UnsafeBuffer(entry.value), 0, entry.value.length);
        isReading = false;
        return ReadResult.FOUND;
    }

    @Override
    public void promise(final long ballot) {
        promised = ballot;
        append();
    }

    @Override
    public void promise(final long ballot, final long slot) {
        slotPromises.put(slot, ballot);
        append();
    }

    @Override
    public void accept(
            final long ballot,
            final long slot,
            final long chosen,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (slot < firstSlot) {
            throw new IllegalArgumentException("slot=" + slot + " was trimmed");
        }
        final byte[] copy = new byte[length];
        value.getBytes(offset, copy);
        if (slot == alteredSlot) {
            copy[Integer.BYTES]++; // in the part of the header that nobody reads yet
        }
        accepted.put(slot, new Accepted(ballot, copy));
        chosenThrough = Math.max(chosenThrough, chosen);
        append();
    }

    private void append() {
        if (isFull) {
            throw new IllegalStateException("a record was appended without room for it");
        }
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
        if (!syncs || durable == appended) {
            return 0;
        }
        durable = appended;
        return 1;
    }

    @Override
    public void onDurable(final Runnable wakeup) {}

    @Override
    public int valueLengthMax() {
        return 1 << 20;
    }

    @Override
    public String durability() {
        return "replicated";
    }

    @Override
    public void close() {}
}
