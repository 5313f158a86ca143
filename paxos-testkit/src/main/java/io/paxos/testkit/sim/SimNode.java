package io.paxos.testkit.sim;

import io.paxos.Status;
import io.paxos.execution.DivergedException;
import io.paxos.testkit.sim.disk.RefusedLogException;
import io.paxos.testkit.sim.disk.SimDisk;
import io.paxos.testkit.sim.net.Connection;
import io.paxos.testkit.sim.net.Packet;
import io.paxos.testkit.sim.net.SimNetwork;
import io.paxos.testkit.sim.rules.Invariants;
import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimClock;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Trace;

/** One member: a disk, a clock, and a production replica. Disk and clock survive a crash, the replica does not. */
final class SimNode implements SimNetwork.Receiver {
    /** The state of the process. */
    enum State {
        /** Not running; the disk remains. */
        DOWN,
        /** Running. */
        UP,
        /** Stopped by a signal. It does nothing until it is resumed, and does not notice the pause. */
        PAUSED,
        /** Running, but the replica in it has stopped: its disk failed, it differs, or the others refuse it. */
        STOPPED
    }

    static final String NO_OUTCAST = "a member that has lost its votes, or counts other quorums, sends nothing";
    static final String REFUSED_WITH_REASON = "a log is refused only if its disk is full or has lost something";
    static final String NO_FAULT = "a replica stops only if its disk fails, or if members differ";
    static final String BOUNDED_TURN = "a turn is bounded in time, whatever commands take";
    static final String ENDS = "an Error of the code of a client, and a close, end the replica";
    static final String ALL_TOLD = "a replica that ends gives each command and read its outcome";
    static final String NO_THROW = "the duty cycle does not throw";

    private static final long CYCLE_NS = 1_000;
    private static final long NEVER = Long.MAX_VALUE;

    final int id;
    final SimDisk disk;
    final SimClock clock;
    final Setup setup;
    final SimWorld world;
    final Invariants invariants;
    final Trace trace;
    final SimEvents observer;

    private final EventQueue events;
    final SimRandom random;
    private final EventQueue.Handler<Object> onTimer = (number, none) -> timer(number);
    private final EventQueue.Handler<Object> onWake = (number, none) -> woken();
    private final int[] rememberedBy; // by id: the last opening of this disk that the other member remembers
    private State state = State.DOWN;
    private boolean hasTakenPart; // whether it has ever started for the first time; true for good
    private SimLife life; // null exactly if the state is DOWN
    private boolean isWakeQueued; // whether onWake is in the event queue
    private long slowNs; // how late a wake-up is, at most
    private long timerNs = NEVER; // when the queued timer fires; a timer with another time is ignored
    private long busyUntilNs; // virtual time until which the last turn lasts: nothing runs here before
    private long blockedNs; // of what the turn has spent: no bound holds for it
    private long turnMaxNs; // the longest turn of this life
    private long freeSinceNs; // when it was last resumed, or told to be no longer slow
    private long workNs = NEVER; // when a timeout of the replica gives it work; NEVER if it is down

    SimNode(final int id, final SimWorld world, final SimDisk disk, final SimClock clock, final SimRandom random) {
        this.id = id;
        this.world = world;
        this.disk = disk;
        this.clock = clock;
        this.random = random;
        setup = world.setup;
        rememberedBy = new int[setup.members + 1];
        invariants = world.invariants;
        trace = world.trace;
        observer = world.observer;
        events = world.events;
    }

    State state() {
        return state;
    }

    /** Whether its replica has stopped, or will stop at its next access to the disk. */
    boolean hasFailed() {
        return state == State.STOPPED
                || (life != null && (life.log().hasFailed() || life.client().isEnding()));
    }

    @Override
    public boolean isUp() {
        return state == State.UP;
    }

    /** The present life; null if the member is {@link State#DOWN}. */
    SimLife life() {
        return life;
    }

    /** Whether the disk has ever had notes: the replica writes them when it takes part for the first time. */
    boolean hasTakenPart() {
        hasTakenPart |= disk.hasNotes();
        return hasTakenPart;
    }

    /** Whether the operator says that this start is the first one. */
    boolean isFirstStart() {
        return setup.bootstraps && !hasTakenPart();
    }

    /** The last opening of this disk that another member remembers; 0 if none. */
    int rememberedBy(final int other) {
        return rememberedBy[other];
    }

    void rememberedBy(final int other, final int incarnation) {
        rememberedBy[other] = Math.max(rememberedBy[other], incarnation);
    }

    Status status() {
        return life.replica().status();
    }

    long replayed() {
        return life.replayed();
    }

    void start() {
        if (state != State.DOWN) {
            return;
        }
        invariants.history.restarted(id);
        try {
            life = new SimLife(this);
        } catch (final RefusedLogException e) {
            refused(e, world.atlas.isLost(id) || disk.isFull());
            return;
        } catch (final IllegalArgumentException e) {
            disk.crash(true);
            refused(e, world.atlas.isOutcast(id));
            return;
        } catch (final IllegalStateException e) { // it could not write its notes
            disk.crash(true);
            refused(e, true);
            return;
        }
        hasTakenPart();
        busyUntilNs = 0;
        turnMaxNs = 0;
        blockedNs = 0;
        clock.takeSpentNs(); // of the life that was killed within its turn
        state = State.UP;
        trace.happened(1, id, () -> "member " + id + " starts, life " + life.number());
        observer.started(id, life.number());
        wakeSoon();
    }

    private void refused(final RuntimeException why, final boolean isRight) {
        trace.happened(13, id, () -> "member " + id + " cannot start: " + why.getMessage());
        observer.refused(id, why.getMessage());
        if (!isRight) {
            throw invariants.violations.broken(REFUSED_WITH_REASON, "member " + id + " starts", why.getMessage(), why);
        }
    }

    /** The process dies. If {@code keepsAll}, everything that it has appended reaches the disk. */
    void crash(final boolean keepsAll) {
        if (state == State.DOWN) {
            return;
        }
        if (disk.unforced() > 0) {
            invariants.situations.saw(Situation.CRASH_BETWEEN_APPEND_AND_FORCE);
        }
        trace.happened(2, id, () -> "member " + id + " crashes, " + disk.unforced() + " records not forced");
        observer.crashes(id, disk.unforced());
        state = State.DOWN;
        life.kill();
        life = null;
        workNs = NEVER;
        disk.crash(keepsAll);
    }

    /** The process dies after it has passed {@code points} more crash points. */
    void crashAfter(final int points) {
        if (state == State.UP) {
            life.crashAfter(points);
        }
    }

    void pause() {
        if (state == State.UP) {
            trace.happened(3, id, () -> "member " + id + " is paused");
            observer.paused(id);
            state = State.PAUSED;
        }
    }

    /** Each wake-up is late by up to {@code upToNs} from now on. */
    void slow(final long upToNs) {
        slowNs = upToNs;
    }

    void resume() {
        if (slowNs > 0 || state == State.PAUSED) {
            freeSinceNs = events.nowNs();
        }
        slowNs = 0;
        if (state == State.PAUSED) {
            trace.happened(4, id, () -> "member " + id + " is resumed");
            observer.resumed(id);
            state = State.UP;
            wakeSoon();
        }
    }

    @Override
    public void introduced(final Connection connection) {
        if (life != null) {
            life.transport().introduced(connection);
            wakeSoon();
        }
    }

    @Override
    public boolean arrived(final Packet packet) {
        if (life == null || !life.transport().arrived(packet)) {
            return false;
        }
        wakeSoon();
        return true;
    }

    /** Whether the process runs and no wake-up is queued. */
    boolean isAsleep() {
        return state == State.UP && !isWakeQueued;
    }

    /** Queues a wake-up unless one is queued. */
    void wakeSoon() {
        if (!isWakeQueued && state == State.UP) {
            isWakeQueued = true;
            final long delayMaxNs = setup.wakeDelayNs + slowNs;
            final long delayNs = delayMaxNs == 0 ? 0 : random.between(0, delayMaxNs);
            events.at(Math.max(events.nowNs() + delayNs, busyUntilNs), onWake, 0, null);
        }
    }

    /** The replica has stopped for good. */
    void faulted(final Throwable cause) {
        trace.happened(5, id, () -> "member " + id + " stops: " + cause);
        observer.stopped(id, cause);
        invariants.violations.check();
        final boolean mayDiffer = setup.differing != 0 && cause instanceof DivergedException;
        final boolean isOutcast = world.atlas.isOutcast(id);
        requireAllTold();
        if (life.client().isEnding() && cause.getCause() instanceof SimClient.ClientError) {
            state = State.STOPPED;
            return;
        }
        if (!life.log().hasFailed() && !life.log().gaveDamage() && !mayDiffer && !isOutcast) {
            throw invariants.violations.broken(NO_FAULT, "no fault", "replica " + id + ": " + cause, cause);
        }
        if (isOutcast) {
            invariants.situations.saw(Situation.MEMBER_WITHOUT_ITS_VOTES_REFUSED);
        } else if (!mayDiffer) {
            invariants.situations.saw(Situation.STOPPED_BY_DISK);
        }
        state = State.STOPPED;
    }

    /** The code of a user runs within the turn: about so long, at most twice. Nothing is drawn if it is 0. */
    void spend(final long meanNs) {
        if (meanNs > 0) {
            clock.spend(random.between(0, 2 * meanNs));
        }
    }

    /** The code of a user runs within the turn and takes long, so that the turn is not bounded. */
    void block(final long durationNs) {
        clock.spend(durationNs);
        blockedNs += durationNs;
    }

    /** The virtual time from which on a turn could keep deadlines: since then it was neither paused nor slow. */
    long freeSinceNs() {
        return slowNs > 0 || state == State.PAUSED ? NEVER : freeSinceNs;
    }

    /** What the longest turn of this life took, the present one included. */
    long turnMaxNs() {
        return Math.max(turnMaxNs, clock.spentNs());
    }

    /** The code of a client has closed the replica, within this turn or, if {@code mustEnd}, before it. */
    private void endIfClosed(final boolean mustEnd) {
        if (!life.client().isEnding() || state != State.UP || life.isDead()) {
            return;
        }
        if (status().role() == Status.Role.STOPPED) {
            requireAllTold();
            state = State.STOPPED;
        } else if (mustEnd) {
            throw invariants.violations.broken(ENDS, "it has ended", "replica " + id + " goes on");
        }
    }

    private void requireAllTold() {
        if (life.pending() > 0) {
            throw invariants.violations.broken(ALL_TOLD, "none waits", life.pending() + " at replica " + id);
        }
    }

    private void woken() {
        if (events.nowNs() < busyUntilNs) {
            events.at(busyUntilNs, onWake, 0, null);
            return;
        }
        isWakeQueued = false;
        work();
    }

    private void timer(final long atNs) {
        if (atNs != timerNs) {
            return;
        }
        timerNs = NEVER;
        if (events.nowNs() >= Math.max(workNs, busyUntilNs)) {
            work();
        } else if (workNs != NEVER) {
            setTimer();
        }
    }

    private void work() {
        if (state != State.UP) {
            return;
        }
        int cycles = 0;
        int done;
        boolean isBusy;
        do {
            final boolean mustEnd = life.client().isEnding();
            done = life.doWork();
            isBusy = endTurn();
            endIfClosed(mustEnd);
            if (life.isDead()) {
                invariants.situations.saw(Situation.CRASH_WITHIN_DUTY_CYCLE);
                crash(false);
                return;
            }
            if (state != State.UP) {
                return;
            }
        } while (done > 0 && ++cycles < setup.cyclesPerWake && !isBusy);
        if (done > 0) {
            isWakeQueued = true;
            events.at(Math.max(events.nowNs() + CYCLE_NS, busyUntilNs), onWake, 0, null);
        }
        workNs = Math.max(
                events.nowNs() + CYCLE_NS, clock.virtualTime(life.replica().nextWorkNs()));
        setTimer();
    }

    /** A turn has ended. If it has spent time, returns true: the next one begins when that time has passed. */
    private boolean endTurn() {
        final long spentNs = clock.takeSpentNs();
        final long limitNs = setup.turnMaxNs(id) + blockedNs;
        if (spentNs > limitNs) {
            throw invariants.violations.broken(
                    BOUNDED_TURN, "at most " + limitNs + " ns", spentNs + " ns at replica " + id);
        }
        blockedNs = 0;
        turnMaxNs = Math.max(turnMaxNs, spentNs);
        busyUntilNs = Math.max(busyUntilNs, events.nowNs() + spentNs);
        return spentNs > 0;
    }

    private void setTimer() {
        final long atNs = Math.max(workNs, busyUntilNs);
        if (atNs < timerNs) {
            timerNs = atNs;
            events.at(timerNs, onTimer, timerNs, null);
        }
    }
}
