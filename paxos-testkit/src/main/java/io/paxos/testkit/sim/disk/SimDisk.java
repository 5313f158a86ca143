package io.paxos.testkit.sim.disk;

import io.paxos.testkit.sim.schedule.CrashPoint;
import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.value.Values;

/**
 * One member's disk: a sequence of records with a durable prefix. It survives a crash of the process.
 *
 * <p>A force takes virtual time. It makes the records durable that were appended before it began. Later records wait
 * for the next force. A crash keeps a random prefix of the records that were not forced, because the kernel can write a
 * page at any time. Torn and complete records can follow that prefix. Durable records are lost only by damage, see
 * {@code FaultAtlas}.
 */
public final class SimDisk {
    private static final int LOST_RECORDS_MAX = 64; // in one file
    static final int SEGMENT_RECORDS = 8; // given up together
    private static final int RESERVE_RECORDS_MAX = 12;
    private static final int YOUNG_RECORDS = 8; // the average age of a record that is damaged

    private final int replica;
    private final EventQueue events;
    private final SimRandom random;
    private final Values values;
    private final DiskObserver observer;
    private final Situations situations;
    private final EventQueue.Handler<Object> onForced = (number, none) -> forced(number);
    private final EventQueue.Handler<Object> onMarked = (number, none) -> marked(number);
    private SimMedium medium = new SimMedium();
    private DiskIdentity identity;
    private final SimSnapshots snapshots;
    private Copy copy; // made at an earlier opening; null if there is none
    private int durable; // records below this number are durable; at most requested
    private int requested; // records below this number are durable or wait for a force
    private int target; // the force under way covers records below this number; 0 if none is under way
    private long forceNumber; // of the last force; the end of any other force is ignored
    private SimLog log; // of the present life; null while the process is down
    private long forceMeanNs;
    private boolean isFrozen;
    private boolean isOverdue; // a force has reached its end while the disk was frozen
    private boolean failsNextWrite;
    private boolean failsNextForce;
    private boolean misdirectsNextRead;
    private boolean isFull;
    private int reserve; // how many records a full disk still takes
    private long markNumber; // of the last mark; the end of any other is ignored
    private boolean isMarking; // a mark is being written
    private boolean isOlder; // some records were rolled back; true for good
    private boolean believesCache; // a planted bug
    private int cachedFrom; // from here on a failed force has left records in the cache only; see cachedLimit
    private int cachedLimit; // records from cachedFrom up to here go with the cache; equal to it if there are none

    /** All that a disk holds, at one time. */
    private record Copy(SimMedium medium, DiskIdentity identity, int durable) {}

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
        identity = new DiskIdentity(random.nextLong() | 1);
        snapshots = new SimSnapshots(events, random.split(), situations, new SimSnapshots.Medium() {
            @Override
            public boolean takesWrites() {
                return !isFull;
            }

            @Override
            public boolean forces() {
                return !isFull && !failsNextForce;
            }

            @Override
            public long forceNs() {
                return forceMeanNs == 0 ? 0 : random.exponential(forceMeanNs);
            }

            @Override
            public void durable(final long slot) {
                observer.snapshotDurable(replica, slot);
            }
        });
    }

    /** How long a force takes on average; 0 forces within {@code sync} itself. */
    public SimDisk forceTakes(final long meanNs) {
        forceMeanNs = meanNs;
        return this;
    }

    /** No force ends until {@link #thaw}. */
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

    /** The next read returns another record than the requested one. */
    public void misdirectNextRead() {
        misdirectsNextRead = true;
    }

    /** The disk is full. It takes a few more records, or none; then an append fails, and the log cannot be opened. */
    public void fill() {
        isFull = true;
        reserve = Math.max(0, random.below(2 * RESERVE_RECORDS_MAX) - RESERVE_RECORDS_MAX);
    }

    public boolean isFull() {
        return isFull;
    }

    /** Whether a promise and a value can be appended. */
    boolean hasRoom() {
        if (isFull && reserve < 2) {
            situations.saw(Situation.NO_ROOM_FOR_VOTE);
            return false;
        }
        return true;
    }

    /** The disk has free space again. A mark that found none is tried again, as the log of files does it. */
    public void free() {
        isFull = false;
        if (log != null) {
            markLost();
            log.wakeup();
        }
    }

    private void markLost() {
        if (!log.hasFailed() && !nextMark().equals(medium.mark())) {
            mark();
        }
    }

    /**
     * Flips a bit of a durable record, more likely of a young one. Does nothing if no reader could notice the damage.
     */
    public void flipBit() {
        final int count = damageable() - medium.mark().records();
        if (count > 0) {
            final int age = (int) Math.min(count - 1, random.exponential(YOUNG_RECORDS));
            medium.flip(damageable() - 1 - age, random.below(SimMedium.RECORD_BYTES * Byte.SIZE));
        }
    }

    /** Removes a file with durable records. The files before and after it stay. The process is not running. */
    public void loseFile() {
        final int count = damageable() - medium.mark().records();
        if (count > 0) {
            final int from = medium.mark().records() + random.below(count);
            medium.lose(from, Math.min(damageable(), from + 1 + random.below(LOST_RECORDS_MAX)));
        }
    }

    /** Replaces the records by an older copy. The watermark stays. The process is not running. */
    public void rollBack() {
        if (medium.watermark() > 0 && durable >= medium.watermark()) {
            medium.truncate(random.below(medium.watermark()));
            durable = medium.size();
            requested = durable;
            isOlder = true;
        }
    }

    /** The process is not running, and its directory is emptied. */
    public void empty() {
        medium = new SimMedium();
        identity = new DiskIdentity(random.nextLong() | 1);
        durable = 0;
        requested = 0;
        copy = null;
        snapshots.clear();
        cachedFrom = 0;
        cachedLimit = 0;
        isOlder = false;
    }

    /** The last opening of the copy that {@link #returnToCopy} puts back; 0 if there is none. */
    public int copiedIncarnation() {
        return copy == null ? 0 : copy.identity.incarnation();
    }

    /** The process is not running, and its whole directory is replaced by a copy that was made before an opening. */
    public void returnToCopy() {
        medium = copy.medium.copied();
        identity = copy.identity.copied();
        snapshots.clear();
        durable = copy.durable;
        requested = durable;
        cachedFrom = 0;
        cachedLimit = 0;
    }

    /** Whether bytes of a snapshot of another member are here, and more of them are received or forced now. */
    public boolean hasPartOfSnapshot() {
        return snapshots.hasPart();
    }

    /** A bit of the newest snapshot flips. The replica must start from the one before, or from the log. */
    public void damageSnapshot() {
        snapshots.damageNewest();
    }

    /** How often it was opened. */
    public int incarnation() {
        return identity.incarnation();
    }

    /** Whether its replica has noted anything on it. It does so when it takes part for the first time. */
    public boolean hasNotes() {
        return identity.notes().length > 0;
    }

    /** A planted bug: an opening believes what only the cache holds after a failed force. */
    public SimDisk believesCache(final boolean believes) {
        believesCache = believes;
        return this;
    }

    /** Ends all faults. A force takes {@code meanNs} on average from now on. */
    public void heal(final long meanNs) {
        failsNextWrite = false;
        failsNextForce = false;
        misdirectsNextRead = false;
        forceTakes(meanNs);
        if (isFull) {
            free();
        }
        thaw();
    }

    /** How many records are appended and not durable. */
    public int unforced() {
        return medium.size() - durable;
    }

    /**
     * Opens the log for the next life of the process.
     *
     * @throws RefusedLogException if the disk is full, or has lost durable records
     */
    public SimLog open(final int valueLengthMax, final CrashPoint crashPoint) {
        if (isFull && reserve == 0) {
            situations.saw(Situation.LOG_REFUSED_BY_FULL_DISK);
            throw new RefusedLogException("no space left on the disk of member " + replica);
        }
        final int written = medium.size();
        try {
            final int run = medium.recover();
            assert run >= durable : "run=" + run + " durable=" + durable;
            harden(run);
            requested = run;
        } catch (final RefusedLogException e) {
            situations.saw(isOlder ? Situation.OLDER_DISK_REFUSED : Situation.DAMAGED_LOG_REFUSED);
            throw e;
        }
        if (medium.size() < written) {
            situations.saw(Situation.TORN_TAIL_DROPPED);
        }
        if (cachedLimit > cachedFrom) {
            situations.saw(Situation.RECORDS_OF_A_FAILED_FORCE_FOUND);
        }
        if (!believesCache) {
            cachedLimit = cachedFrom; // copied and forced before the log is handed out
        }
        if (random.below(2) == 0) {
            copy = new Copy(medium.copied(), identity.copied(), durable);
        }
        identity.opened(random.nextLong() | 1);
        log = new SimLog(
                this, identity, values, crashPoint, valueLengthMax, snapshots.store(crashPoint), medium.mark());
        for (int number = medium.mark().records(); number < durable; number++) {
            log.remember(medium.read(number), number);
        }
        return log;
    }

    /**
     * The process dies. If {@code keepsAll}, everything appended reaches the disk, but for what a failed force has left
     * in the cache only: the next life can read that, and it is gone at the next crash that does not keep all.
     */
    public void crash(final boolean keepsAll) {
        final int survivors = keepsAll || unforced() == 0 ? unforced() : random.below(unforced() + 1);
        log = null;
        snapshots.crash();
        if (cachedLimit == cachedFrom) {
            harden(durable + survivors);
        } else if (!keepsAll) {
            medium.lose(cachedFrom, cachedLimit);
            cachedLimit = cachedFrom;
        }
        final int lost = keepsAll ? 0 : unforced();
        if (!keepsAll) {
            loseSuffix();
        }
        requested = durable;
        target = 0;
        forceNumber++;
        markNumber++;
        isMarking = false;
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

    /**
     * Returns false if the write fails.
     *
     * @throws IllegalStateException if there was no room for it
     */
    public boolean append(final SimMedium.Entry entry) {
        if (failsNextWrite) {
            return false;
        }
        if (isFull) {
            if (reserve == 0) {
                throw new IllegalStateException("a record was appended without room for it");
            }
            reserve--;
            situations.saw(Situation.RESERVE_USED);
        }
        medium.append(entry);
        if (entry.isPromise()) {
            observer.promiseAppended(replica, entry.ballot(), entry.slot());
        } else {
            observer.acceptAppended(replica, entry.ballot(), entry.slot(), entry.chosenThrough(), entry.value());
        }
        return true;
    }

    /** Replaces the notes at once. Returns false if the write fails. */
    public boolean putNotes(final byte[] notes) {
        if (failsNextWrite || (isFull && reserve == 0)) {
            return false;
        }
        identity.notes(notes.clone());
        return true;
    }

    /** Reads a record. Null if it is damaged. A misdirected read returns another record. */
    public SimMedium.Entry read(final int number) {
        if (misdirectsNextRead) {
            misdirectsNextRead = false;
            final int first = medium.mark().records();
            return medium.read(first + random.below(medium.size() - first));
        }
        return medium.read(number);
    }

    /** The process has noticed a damaged record, or a wrong one. */
    public void noticed(final boolean isDamaged) {
        situations.saw(isDamaged ? Situation.DAMAGED_VALUE_NOTICED : Situation.MISDIRECTED_READ_NOTICED);
    }

    /** All slots through this one are given up: a mark says so, which is durable later. */
    public void trim(final long throughSlot) {
        observer.trimmed(replica, throughSlot, snapshots.newestSlot());
        mark();
    }

    private void mark() {
        if (!isMarking) {
            isMarking = true;
            markNumber++;
            events.at(
                    events.nowNs() + 1 + (forceMeanNs == 0 ? 0 : random.exponential(forceMeanNs)),
                    onMarked,
                    markNumber,
                    null);
        }
    }

    /** See {@link io.paxos.spi.AcceptorLog#trimPoint}. */
    public long trimPoint(final long firstSlot, final long throughSlot, final long keepBytes) {
        long point = firstSlot - 1;
        long highest = 0;
        if (!nextMark().equals(medium.mark())) {
            mark(); // what was trimmed before fills a segment now, or its mark was lost
        }
        for (int number = medium.mark().records(); number < durable; number++) {
            highest = Math.max(highest, medium.written(number).slot());
            final boolean isEnd = (number + 1) % SEGMENT_RECORDS == 0;
            if (highest > throughSlot || (medium.size() - number - 1L) * SimMedium.RECORD_BYTES < keepBytes) {
                break;
            }
            point = isEnd ? Math.max(point, highest) : point;
        }
        return point;
    }

    /** How many bytes the records have that were not given up. */
    public long bytes() {
        return (long) (medium.size() - medium.mark().records()) * SimMedium.RECORD_BYTES;
    }

    /** A mark has reached the medium. Whole segments go with it. */
    private void marked(final long number) {
        if (number != markNumber || log == null) {
            return; // a mark of an earlier life
        }
        isMarking = false;
        if (isFull || log.hasFailed()) {
            return; // the next trim tries again
        }
        final SimMedium.Mark mark = nextMark();
        if (mark.records() > medium.mark().records()) {
            situations.saw(Situation.SEGMENT_GIVEN_UP);
        }
        medium.mark(mark);
    }

    private SimMedium.Mark nextMark() {
        final long firstSlot = log.firstSlot();
        long promised = medium.mark().promised();
        long chosen = medium.mark().chosenThrough();
        SimMedium.Mark mark = new SimMedium.Mark(firstSlot, medium.mark().records(), promised, chosen);
        for (int at = medium.mark().records();
                at < durable && medium.written(at).slot() < firstSlot;
                at++) {
            final SimMedium.Entry entry = medium.written(at);
            promised = entry.slot() == 0 ? Math.max(promised, entry.ballot()) : promised;
            chosen = Math.max(chosen, entry.chosenThrough());
            if ((at + 1) % SEGMENT_RECORDS == 0) {
                mark = new SimMedium.Mark(firstSlot, at + 1, promised, chosen);
            }
        }
        return mark;
    }

    /** Requests that everything appended becomes durable. Returns false if it was requested before. */
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
            return; // a force of an earlier life
        }
        if (isFrozen) {
            isOverdue = true;
            return;
        }
        if (failsNextForce) {
            cachedFrom = durable;
            cachedLimit = medium.size(); // what was appended after it was requested is no safer
            requested = durable; // the kernel calls these pages clean: no later force writes them
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

    /** Of the records that were not forced, the first is lost or torn. Each later one is lost, torn or complete. */
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

    /**
     * How many records, from the first, can be damaged: a later record or the watermark shows that they were durable.
     */
    private int damageable() {
        return Math.min(medium.provablyDurable(durable), durable);
    }
}
