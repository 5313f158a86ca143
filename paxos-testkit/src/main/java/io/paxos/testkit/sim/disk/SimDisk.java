package io.paxos.testkit.sim.disk;

import io.paxos.testkit.sim.schedule.CrashPoint;
import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.value.Values;

/**
 * One member's disk: a stream of records, of which a prefix is durable. Survives the process that writes to it.
 *
 * <p>A force takes virtual time, and makes durable what was appended before it began; what comes meanwhile waits for the
 * next one. A crash keeps a random part of what was not forced, since a page may reach the disk by itself: a prefix, and
 * behind its end perhaps torn records and later ones. What was durable is lost by damage alone, see {@code FaultAtlas}.
 */
public final class SimDisk {
    private static final int LOST_RECORDS_MAX = 64; // with one file
    private static final int YOUNG_RECORDS = 8;

    private final int replica;
    private final EventQueue events;
    private final SimRandom random;
    private final Values values;
    private final DiskObserver observer;
    private final Situations situations;
    private final EventQueue.Handler<Object> onForced = (number, none) -> forced(number);
    private final SimMedium medium = new SimMedium();
    private int durable; // records below are
    private int requested; // records below are to be forced
    private int target; // records below are being forced; 0 if no force is under way
    private long forceNumber;
    private int incarnation;
    private SimLog log; // the open one
    private long forceMeanNs;
    private boolean isFrozen;
    private boolean isOverdue; // a force would have ended, but for the frost
    private boolean failsNextWrite;
    private boolean failsNextForce;
    private boolean misdirectsNextRead;
    private boolean isFull;
    private boolean isOlder; // than it was: some of it was rolled back

    public SimDisk(
            final int replica,
            final EventQueue events,
            final SimRandom random,
            final Values values,
            final DiskObserver observer,
            final Situations situations) {
        this.replica = replica;
        this.events = events;
        this.random = random;
        this.values = values;
        this.observer = observer;
        this.situations = situations;
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

    /** The next read brings another record than was asked for. */
    public void misdirectNextRead() {
        misdirectsNextRead = true;
    }

    /** There is room for no more record, nor for opening the log. */
    public void fill() {
        isFull = true;
    }

    /** There is room again. */
    public void free() {
        isFull = false;
    }

    /** A bit of a durable record flips, rather a young one. Nothing is done to a disk on which nobody could notice. */
    public void flipBit() {
        if (damageable() > 0) {
            final int age = (int) Math.min(damageable() - 1, random.exponential(YOUNG_RECORDS));
            medium.flip(damageable() - 1 - age, random.below(SimMedium.RECORD_BYTES * Byte.SIZE));
        }
    }

    /** A file with durable records is gone; those before and behind it are not. The process is not running. */
    public void loseFile() {
        if (damageable() > 0) {
            final int from = random.below(damageable());
            medium.lose(from, Math.min(damageable(), from + 1 + random.below(LOST_RECORDS_MAX)));
        }
    }

    /** The disk is an older copy of itself, but for the watermark. The process is not running. */
    public void rollBack() {
        if (medium.watermark() > 0 && durable >= medium.watermark()) {
            medium.truncate(random.below(medium.watermark()));
            durable = medium.size();
            requested = durable;
            isOlder = true;
        }
    }

    /** Forces end, take as long as this, there is room, and nothing fails any more. */
    public void heal(final long meanNs) {
        failsNextWrite = false;
        failsNextForce = false;
        misdirectsNextRead = false;
        isFull = false;
        forceTakes(meanNs);
        thaw();
    }

    /** How many records were appended and are not durable. */
    public int unforced() {
        return medium.size() - durable;
    }

    /**
     * Opens the log for the next life of the process.
     *
     * @throws RefusedLogException if the disk is full, or has lost what was durable
     */
    public SimLog open(final int valueLengthMax, final CrashPoint crashPoint) {
        if (isFull) {
            situations.saw(Situation.LOG_REFUSED_BY_FULL_DISK);
            throw new RefusedLogException("no space left on the disk of member " + replica);
        }
        final int written = medium.size();
        try {
            final int run = medium.recover();
            assert run == durable : "run=" + run + " durable=" + durable;
        } catch (final RefusedLogException e) {
            situations.saw(isOlder ? Situation.OLDER_DISK_REFUSED : Situation.DAMAGED_LOG_REFUSED);
            throw e;
        }
        if (medium.size() < written) {
            situations.saw(Situation.TORN_TAIL_DROPPED);
        }
        incarnation++;
        log = new SimLog(this, values, crashPoint, incarnation, valueLengthMax);
        for (int number = 0; number < durable; number++) {
            log.remember(medium.read(number), number);
        }
        return log;
    }

    /** The process dies. {@code keepsAll}: everything appended reaches the disk all the same. */
    public void crash(final boolean keepsAll) {
        final int survivors = keepsAll || unforced() == 0 ? unforced() : random.below(unforced() + 1);
        log = null;
        harden(durable + survivors);
        final int lost = unforced();
        loseSuffix();
        requested = durable;
        target = 0;
        forceNumber++;
        isOverdue = false;
        failsNextForce = false;
        failsNextWrite = false;
        misdirectsNextRead = false;
        observer.crashed(replica, lost);
    }

    public int appendedPosition() {
        return medium.size();
    }

    public int durablePosition() {
        return durable;
    }

    /** Returns false if the write fails. */
    public boolean append(final SimMedium.Entry entry) {
        if (failsNextWrite || isFull) {
            return false;
        }
        medium.append(entry);
        if (entry.isPromise()) {
            observer.promiseAppended(replica, entry.ballot(), entry.slot());
        } else {
            observer.acceptAppended(replica, entry.ballot(), entry.slot(), entry.chosenThrough(), entry.value());
        }
        return true;
    }

    /** A record as the medium gives it, sound or null, and not always the one that was asked for. */
    public SimMedium.Entry read(final int number) {
        if (misdirectsNextRead) {
            misdirectsNextRead = false;
            return medium.read(random.below(medium.size()));
        }
        return medium.read(number);
    }

    /** The process has noticed that a record is not the one that it should be. */
    public void noticed(final boolean isDamaged) {
        situations.saw(isDamaged ? Situation.DAMAGED_VALUE_NOTICED : Situation.MISDIRECTED_READ_NOTICED);
    }

    /** Everything appended is to become durable. Returns whether that was news. */
    public boolean requestForce() {
        if (requested == medium.size()) {
            return false;
        }
        requested = medium.size();
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
            final SimMedium.Entry entry = medium.written(durable++);
            if (entry.isPromise()) {
                observer.promiseDurable(replica, entry.ballot(), entry.slot());
            } else {
                observer.acceptDurable(replica, entry.ballot(), entry.slot(), entry.value());
            }
        }
        medium.durable(durable);
    }

    /** Of what was not forced, the first record is lost or torn, and each further one lost, torn or there. */
    private void loseSuffix() {
        if (random.below(2) == 0) {
            medium.truncate(durable);
            return;
        }
        for (int number = durable; number < medium.size(); number++) {
            if (number == durable || random.below(2) == 0) {
                medium.tear(number, random.below(2) == 0 ? 0 : random.below(SimMedium.BALLOT_OFFSET + 1));
            }
        }
    }

    /** So many records, from the first, may be damaged: a later one or the watermark tells that they were durable. */
    private int damageable() {
        return Math.min(medium.vouched(durable), durable);
    }
}
