package io.paxos.testkit.sim.disk;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.SnapshotStore;
import io.paxos.testkit.sim.schedule.CrashPoint;
import io.paxos.testkit.sim.value.Values;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/** The log of one life over a {@link SimDisk}. Positions are records. */
public final class SimLog implements AcceptorLog {
    private final SimDisk disk;
    private final DiskIdentity identity;
    private final Values values;
    private final CrashPoint crashPoint;
    private final int incarnation;
    private final int valueLengthMax;
    private final SnapshotStore snapshots;
    private long firstSlot; // slots below it were trimmed; never falls
    private long promised; // for all slots; never falls
    private long lastSlot; // the highest slot with an accepted value; 0 if there is none
    private long chosenThrough; // the highest in any accepted record
    private long[] promisedInSlot = new long[64]; // by slot; 0 if none was given for this slot alone
    private long[] ballots = new long[64]; // by slot; 0 if nothing was accepted
    private int[] records = new int[64]; // by slot: the number of the record that has this value
    private Runnable wakeup; // null until onDurable() is called
    private boolean hasFailed; // true for good; every call throws then
    private boolean gaveDamage; // true for good; other slots can still be read
    private boolean isReading; // whether a reader is being called

    SimLog(
            final SimDisk disk,
            final DiskIdentity identity,
            final Values values,
            final CrashPoint crashPoint,
            final int valueLengthMax,
            final SnapshotStore snapshots,
            final SimMedium.Mark mark) {
        this.disk = disk;
        this.identity = identity;
        this.values = values;
        this.crashPoint = crashPoint;
        incarnation = identity.incarnation();
        this.valueLengthMax = valueLengthMax;
        this.snapshots = snapshots;
        firstSlot = mark.firstSlot();
        promised = mark.promised();
        chosenThrough = Math.max(firstSlot - 1, mark.chosenThrough());
    }

    @Override
    public int incarnation() {
        return incarnation;
    }

    @Override
    public SnapshotStore snapshots() {
        return snapshots;
    }

    @Override
    public long storageId() {
        return identity.storageId();
    }

    @Override
    public long openingId(final int number) {
        return identity.openingId(number);
    }

    @Override
    public byte[] notes() {
        return identity.notes();
    }

    @Override
    public void putNotes(final byte[] notes) {
        requireWorking();
        crashPoint.pass();
        if (!disk.putNotes(notes)) {
            hasFailed = true;
            requireWorking();
        }
        crashPoint.pass();
    }

    @Override
    public long promised() {
        requireWorking();
        return promised;
    }

    @Override
    public long promised(final long slot) {
        requireWorking();
        final long inSlot = slot < ballots.length ? Math.max(promisedInSlot[(int) slot], ballots[(int) slot]) : 0;
        return Math.max(promised, inSlot);
    }

    @Override
    public long firstSlot() {
        return firstSlot;
    }

    @Override
    public long lastSlot() {
        requireWorking();
        return lastSlot;
    }

    @Override
    public long chosenThrough() {
        requireWorking();
        return chosenThrough;
    }

    @Override
    public long acceptedBallot(final long slot) {
        requireWorking();
        return slot >= firstSlot && slot < ballots.length ? ballots[(int) slot] : 0;
    }

    @Override
    public ReadResult read(final long slot, final ValueReader reader) {
        requireWorking();
        if (acceptedBallot(slot) == 0) {
            return slot < firstSlot ? ReadResult.TRIMMED : ReadResult.ABSENT;
        }
        if (isReading) {
            throw new IllegalStateException("a reader must not read another slot: slot=" + slot);
        }
        final DirectBuffer value = values.bytes(sound(slot).value());
        isReading = true;
        reader.value(slot, ballots[(int) slot], value, 0, value.capacity());
        isReading = false;
        return ReadResult.FOUND;
    }

    @Override
    public void trim(final long throughSlot) {
        requireWorking();
        if (throughSlot >= firstSlot) {
            crashPoint.pass();
            firstSlot = throughSlot + 1;
            chosenThrough = Math.max(chosenThrough, throughSlot);
            disk.trim(throughSlot);
            crashPoint.pass();
        }
    }

    @Override
    public long trimPoint(final long throughSlot, final long keepBytes) {
        return disk.trimPoint(firstSlot, throughSlot, keepBytes);
    }

    @Override
    public long pieceBytes() {
        return SimDisk.SEGMENT_RECORDS * SimMedium.RECORD_BYTES;
    }

    @Override
    public long bytes() {
        return disk.bytes();
    }

    @Override
    public boolean isFull() {
        return disk.isFull();
    }

    @Override
    public boolean hasRoomFor(final int valueLength) {
        requireWorking();
        return disk.hasRoom();
    }

    @Override
    public void promise(final long ballot) {
        requireWorking();
        assert ballot >= promised : "promised=" + promised + " ballot=" + ballot;
        append(new SimMedium.Entry(ballot, 0, 0, -1, disk.durablePosition()));
    }

    @Override
    public void promise(final long ballot, final long slot) {
        requireWorking();
        assert ballot >= promised(slot) : "promised=" + promised(slot) + " ballot=" + ballot + " slot=" + slot;
        append(new SimMedium.Entry(ballot, slot, 0, -1, disk.durablePosition()));
    }

    @Override
    public void accept(
            final long ballot,
            final long slot,
            final long chosen,
            final DirectBuffer value,
            final int offset,
            final int length) {
        requireWorking();
        if (length > valueLengthMax()) {
            throw new IllegalArgumentException("a value has at most " + valueLengthMax() + " bytes, not " + length);
        }
        append(new SimMedium.Entry(ballot, slot, chosen, values.number(value, offset, length), disk.durablePosition()));
    }

    @Override
    public long appendedPosition() {
        requireWorking();
        return disk.appendedPosition();
    }

    @Override
    public long durablePosition() {
        requireWorking();
        return disk.durablePosition();
    }

    @Override
    public int sync() {
        requireWorking();
        crashPoint.pass();
        final boolean isNew = disk.requestForce();
        requireWorking();
        crashPoint.pass();
        return isNew ? 1 : 0;
    }

    @Override
    public void onDurable(final Runnable newWakeup) {
        wakeup = newWakeup;
    }

    @Override
    public int valueLengthMax() {
        return valueLengthMax;
    }

    @Override
    public String durability() {
        return "sync";
    }

    @Override
    public void close() {}

    /** Whether a read has found damage in this life; other slots can still be read. */
    public boolean gaveDamage() {
        return gaveDamage;
    }

    /** Whether the medium has failed in this life. */
    public boolean hasFailed() {
        return hasFailed;
    }

    /** The durable position has moved. */
    public void wakeup() {
        if (wakeup != null) {
            wakeup.run();
        }
    }

    /** The medium has failed. This life does not use it again. */
    public void fail() {
        hasFailed = true;
        wakeup();
    }

    /** Adds one record to the index. {@code number} is its place on the disk. */
    public void remember(final SimMedium.Entry entry, final int number) {
        final int slot = Math.toIntExact(entry.slot());
        if (slot >= ballots.length) {
            final int newLength = Math.max(slot + 1, 2 * ballots.length);
            promisedInSlot = Arrays.copyOf(promisedInSlot, newLength);
            ballots = Arrays.copyOf(ballots, newLength);
            records = Arrays.copyOf(records, newLength);
        }
        chosenThrough = Math.max(chosenThrough, entry.chosenThrough());
        if (slot > 0 && slot < firstSlot) {
            return;
        }
        if (!entry.isPromise()) {
            ballots[slot] = entry.ballot();
            records[slot] = number;
            lastSlot = Math.max(lastSlot, slot);
        } else if (slot == 0) {
            promised = Math.max(promised, entry.ballot());
        } else {
            promisedInSlot[slot] = Math.max(promisedInSlot[slot], entry.ballot());
        }
    }

    private void append(final SimMedium.Entry entry) {
        if (isReading) {
            throw new IllegalStateException("a reader must not append: slot=" + entry.slot());
        }
        if (entry.slot() > 0 && entry.slot() < firstSlot) {
            throw new IllegalArgumentException("slot " + entry.slot() + " was trimmed through " + (firstSlot - 1));
        }
        crashPoint.pass();
        if (!disk.append(entry)) {
            hasFailed = true;
            requireWorking();
        }
        remember(entry, disk.appendedPosition() - 1);
        crashPoint.pass();
    }

    /** The record of a slot's value. Throws if the disk returns another record or a damaged one. */
    private SimMedium.Entry sound(final long slot) {
        final SimMedium.Entry entry = disk.read(records[(int) slot]);
        if (entry == null || entry.isPromise() || entry.slot() != slot || entry.ballot() != ballots[(int) slot]) {
            gaveDamage = true;
            disk.noticed(entry == null);
            throw new IllegalStateException("the value of slot " + slot + " is damaged: check the disk");
        }
        return entry;
    }

    private void requireWorking() {
        if (hasFailed) {
            throw new IllegalStateException("input/output error");
        }
    }
}
