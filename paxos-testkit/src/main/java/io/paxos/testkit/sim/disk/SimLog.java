package io.paxos.testkit.sim.disk;

import io.paxos.spi.AcceptorLog;
import io.paxos.testkit.sim.schedule.CrashPoint;
import io.paxos.testkit.sim.value.Values;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/** The log of one life over a {@link SimDisk}. Positions are records. */
public final class SimLog implements AcceptorLog {
    private final SimDisk disk;
    private final Values values;
    private final CrashPoint crashPoint;
    private final int incarnation;
    private final int valueLengthMax;
    private long promised;
    private long lastSlot;
    private long chosenThrough;
    private long[] promisedInSlot = new long[64]; // by slot
    private long[] ballots = new long[64]; // by slot; 0 if nothing was accepted
    private int[] records = new int[64]; // by slot: which record of the disk says so
    private Runnable wakeup; // null until somebody listens
    private boolean hasFailed;
    private boolean gaveDamage;
    private boolean isReading;

    public SimLog(
            final SimDisk disk,
            final Values values,
            final CrashPoint crashPoint,
            final int incarnation,
            final int valueLengthMax) {
        this.disk = disk;
        this.values = values;
        this.crashPoint = crashPoint;
        this.incarnation = incarnation;
        this.valueLengthMax = valueLengthMax;
    }

    @Override
    public int incarnation() {
        return incarnation;
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
        return 1;
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
        return slot < ballots.length ? ballots[(int) slot] : 0;
    }

    @Override
    public boolean read(final long slot, final ValueReader reader) {
        requireWorking();
        if (acceptedBallot(slot) == 0) {
            return false;
        }
        if (isReading) {
            throw new IllegalStateException("a reader must not read another slot: slot=" + slot);
        }
        final DirectBuffer value = values.bytes(sound(slot).value());
        isReading = true;
        reader.value(slot, ballots[(int) slot], value, 0, value.capacity());
        isReading = false;
        return true;
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
        final boolean isNews = disk.requestForce();
        requireWorking();
        crashPoint.pass();
        return isNews ? 1 : 0;
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

    /** The medium has failed, for good as far as this life is concerned. */
    public void fail() {
        hasFailed = true;
        wakeup();
    }

    /** Takes over one record, from the disk or just appended: the so-manieth there. */
    public void remember(final SimMedium.Entry entry, final int number) {
        final int slot = Math.toIntExact(entry.slot());
        if (slot >= ballots.length) {
            final int newLength = Math.max(slot + 1, 2 * ballots.length);
            promisedInSlot = Arrays.copyOf(promisedInSlot, newLength);
            ballots = Arrays.copyOf(ballots, newLength);
            records = Arrays.copyOf(records, newLength);
        }
        if (!entry.isPromise()) {
            ballots[slot] = entry.ballot();
            records[slot] = number;
            lastSlot = Math.max(lastSlot, slot);
            chosenThrough = Math.max(chosenThrough, entry.chosenThrough());
        } else if (slot == 0) {
            promised = Math.max(promised, entry.ballot());
        } else {
            promisedInSlot[slot] = Math.max(promisedInSlot[slot], entry.ballot());
        }
    }

    private void append(final SimMedium.Entry entry) {
        crashPoint.pass();
        if (!disk.append(entry)) {
            hasFailed = true;
            requireWorking();
        }
        remember(entry, disk.appendedPosition() - 1);
        crashPoint.pass();
    }

    /** The record of a slot's value, which must be just that: a disk may give another one, or none that is sound. */
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
