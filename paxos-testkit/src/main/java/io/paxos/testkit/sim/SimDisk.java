package io.paxos.testkit.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * One member's disk: a stream of records, of which a prefix is durable. Survives the process that writes to it.
 *
 * <p>A force takes virtual time, and makes durable what was appended before it began; what comes meanwhile waits for the
 * next one. A crash keeps a random part of what was not forced, since a page may reach the disk by itself.
 */
public final class SimDisk {
    /** A promise ({@code value} is -1; slot 0 stands for all slots), or an accepted value. */
    record Entry(long ballot, long slot, long chosenThrough, int value) {
        boolean isPromise() {
            return value < 0;
        }
    }

    private final int replica;
    private final EventQueue events;
    private final SimRandom random;
    private final Values values;
    private final DiskObserver observer;
    private final EventQueue.Handler onForced = (number, packet) -> forced(number);
    private final List<Entry> entries = new ArrayList<>();
    private int durable; // entries below are
    private int requested; // entries below are to be forced
    private int target; // entries below are being forced; 0 if no force is under way
    private long forceNumber;
    private int incarnation;
    private SimLog log; // the open one
    private long forceMeanNs;
    private boolean isFrozen;
    private boolean isOverdue; // a force would have ended, but for the frost
    private boolean failsNextWrite;
    private boolean failsNextForce;

    SimDisk(
            final int replica,
            final EventQueue events,
            final SimRandom random,
            final Values values,
            final DiskObserver observer) {
        this.replica = replica;
        this.events = events;
        this.random = random;
        this.values = values;
        this.observer = observer;
    }

    /** How long a force takes on average; 0 forces within {@code sync} itself. */
    public SimDisk forceTakes(final long meanNs) {
        forceMeanNs = meanNs;
        return this;
    }

    /** No force ends from now on. */
    public void freeze() {
        isFrozen = true;
    }

    /** Forces end again. */
    public void thaw() {
        isFrozen = false;
        if (isOverdue) {
            isOverdue = false;
            forced(forceNumber);
        } else {
            force();
        }
    }

    /** The next append throws. */
    public void failNextWrite() {
        failsNextWrite = true;
    }

    /** The next force fails. */
    public void failNextForce() {
        failsNextForce = true;
    }

    /** Forces end, take as long as this, and nothing fails any more. */
    void heal(final long meanNs) {
        failsNextWrite = false;
        failsNextForce = false;
        forceTakes(meanNs);
        thaw();
    }

    /** How many records were appended and are not durable. */
    public int unforced() {
        return entries.size() - durable;
    }

    /** Opens the log for the next life of the process. */
    SimLog open(final int valueLengthMax, final CrashPoint crashPoint) {
        incarnation++;
        log = new SimLog(this, values, crashPoint, incarnation, valueLengthMax);
        for (final Entry entry : entries) {
            log.remember(entry);
        }
        return log;
    }

    /** The process dies. {@code keepsAll}: everything appended reaches the disk all the same. */
    void crash(final boolean keepsAll) {
        final int survivors = keepsAll || unforced() == 0 ? unforced() : random.below(unforced() + 1);
        log = null;
        harden(durable + survivors);
        final int lost = unforced();
        while (unforced() > 0) {
            entries.remove(entries.size() - 1);
        }
        requested = durable;
        target = 0;
        forceNumber++;
        isOverdue = false;
        failsNextForce = false;
        failsNextWrite = false;
        observer.crashed(replica, lost);
    }

    int appendedPosition() {
        return entries.size();
    }

    int durablePosition() {
        return durable;
    }

    /** Returns false if the write fails. */
    boolean append(final Entry entry) {
        if (failsNextWrite) {
            return false;
        }
        entries.add(entry);
        if (entry.isPromise()) {
            observer.promiseAppended(replica, entry.ballot, entry.slot);
        } else {
            observer.acceptAppended(replica, entry.ballot, entry.slot, entry.chosenThrough, entry.value);
        }
        return true;
    }

    /** Everything appended is to become durable. Returns whether that was news. */
    boolean requestForce() {
        if (requested == entries.size()) {
            return false;
        }
        requested = entries.size();
        force();
        return true;
    }

    private void force() {
        if (target > 0 || isFrozen || requested == durable) {
            return;
        }
        target = requested;
        forceNumber++;
        if (forceMeanNs == 0) {
            forced(forceNumber);
        } else {
            events.at(events.nowNs() + 1 + random.exponential(forceMeanNs), onForced, forceNumber, null);
        }
    }

    private void forced(final long number) {
        if (number != forceNumber || target == 0) {
            return; // of an earlier life
        }
        if (isFrozen) {
            isOverdue = true;
            return;
        }
        if (failsNextForce) {
            target = 0;
            if (log != null) {
                log.fail();
            }
            return;
        }
        harden(target);
        target = 0;
        if (log != null) {
            log.wakeup();
        }
        force();
    }

    private void harden(final int limit) {
        if (durable < limit) {
            observer.hardening(replica, limit - durable);
        }
        while (durable < limit) {
            final Entry entry = entries.get(durable++);
            if (entry.isPromise()) {
                observer.promiseDurable(replica, entry.ballot, entry.slot);
            } else {
                observer.acceptDurable(replica, entry.ballot, entry.slot, entry.value);
            }
        }
    }
}
