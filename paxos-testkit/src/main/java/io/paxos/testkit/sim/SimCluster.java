package io.paxos.testkit.sim;

import io.paxos.Read;
import io.paxos.Status;
import io.paxos.testkit.sim.disk.SimDisk;
import io.paxos.testkit.sim.net.SimNetwork;
import io.paxos.testkit.sim.rules.InvariantViolation;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * A cluster of production replicas in virtual time. A test breaks parts of it, submits commands, and lets time pass.
 *
 * <p>Members are 1..n. Every rule is checked while time passes. The first broken rule ends the run with an {@link
 * InvariantViolation}. A call that is impossible in the present state does nothing, for example a crash of a member
 * that is down.
 *
 * <p>Not thread-safe.
 */
public final class SimCluster {
    private static final int COMMAND_LENGTH_MIN = 16;
    private static final int HEALTHY_DELAYS = 50; // per heartbeat
    private static final long HOUR_MS = 3_600_000;
    private static final long EVENTS_MAX = 20_000_000;

    private final SimWorld world;
    private final SimNodes nodes;
    private final Mistakes mistakes;
    private final TransferFaults transfers;

    SimCluster(final Setup setup) {
        world = new SimWorld(setup);
        if (setup.odd != 0 && world.atlas.takesDisk(setup.odd)) {
            world.atlas.castOut(setup.odd);
        }
        nodes = new SimNodes(world);
        mistakes = new Mistakes(world, nodes);
        transfers = new TransferFaults(this, world);
    }

    // Time.

    /** Virtual time since the start. */
    public long nowNs() {
        return world.events.nowNs();
    }

    /** Lets time pass. */
    public SimCluster runFor(final long durationNs) {
        final long limitNs = nowNs() + durationNs;
        while (world.events.runNext(limitNs)) {
            if (world.events.handled() > EVENTS_MAX) {
                throw world.invariants.violations.broken(
                        Convergence.LIVENESS, "at most " + EVENTS_MAX + " events", "more");
            }
        }
        return this;
    }

    /**
     * Lets time pass until the condition holds. Returns false if it does not hold when {@code timeoutNs} have passed.
     */
    public boolean runUntil(final BooleanSupplier condition, final long timeoutNs) {
        final long limitNs = nowNs() + timeoutNs;
        while (!condition.getAsBoolean()) {
            if (nowNs() >= limitNs) {
                return false;
            }
            runFor(Math.min(world.setup.heartbeatIntervalNs / 4, limitNs - nowNs()));
        }
        return true;
    }

    /** Applies the steps of a schedule, one after another. */
    public SimCluster run(final Schedule schedule) {
        for (final Step step : schedule.steps()) {
            world.trace.happened(10, step.hashCode(), () -> "-- " + StepText.of(step, members()));
            world.observer.step(step);
            step.applyTo(this);
        }
        return this;
    }

    // Faults and repairs.

    public SimNetwork network() {
        return world.network;
    }

    public SimDisk disk(final int id) {
        return nodes.get(id).disk;
    }

    /** What an operator can do wrong, and the members must refuse. */
    public Mistakes mistakes() {
        return mistakes;
    }

    /** Makes members receive snapshots, and breaks that off. */
    public TransferFaults transfers() {
        return transfers;
    }

    /** The process dies. A random part of what its disk was not yet forced to keep is lost. */
    public SimCluster crash(final int id) {
        nodes.get(id).crash(false);
        return this;
    }

    /** The process dies. Everything that it has appended reaches the disk. */
    public SimCluster crashKeepingAll(final int id) {
        nodes.get(id).crash(true);
        return this;
    }

    /** The process dies within its duty cycle, after it has passed this many more crash points. */
    public SimCluster crashAfter(final int id, final int points) {
        nodes.get(id).crashAfter(points);
        return this;
    }

    /** Starts the process again if it is down, or if its replica has stopped. Then its cache is kept, or not. */
    public SimCluster restart(final int id) {
        if (nodes.get(id).hasFailed()) {
            nodes.get(id).crash(world.random.below(2) == 0);
        }
        nodes.get(id).start();
        return this;
    }

    /**
     * A bit of a durable record flips. The replica notices when it reads the record, or at its next start. Does nothing
     * if the cluster could not lose this member for good.
     */
    public SimCluster flipBit(final int id) {
        if (mayLose(id)) {
            disk(id).flipBit();
        }
        return this;
    }

    /** The process dies and loses a file of its log, so it cannot start again. The limit of {@link #flipBit} holds. */
    public SimCluster loseFile(final int id) {
        if (mayLose(id)) {
            crash(id).disk(id).loseFile();
        }
        return this;
    }

    /**
     * The process dies and gets an older copy of its disk, so it cannot start again. The limit of {@link #flipBit}
     * holds.
     */
    public SimCluster rollBackDisk(final int id) {
        if (mayLose(id)) {
            crash(id).disk(id).rollBack();
        }
        return this;
    }

    /** Each wake-up of the process is late by up to {@code upToNs}, until {@link #resume}. */
    public SimCluster slow(final int id, final long upToNs) {
        nodes.get(id).slow(upToNs);
        return this;
    }

    /** As by SIGSTOP. */
    public SimCluster pause(final int id) {
        nodes.get(id).pause();
        return this;
    }

    /** As by SIGCONT. */
    public SimCluster resume(final int id) {
        nodes.get(id).resume();
        return this;
    }

    /** Sets a wall clock forward, or back if {@code byMs} is negative. */
    public SimCluster jumpClock(final int id, final long byMs) {
        world.clocks.look();
        nodes.get(id).clock.jump(byMs);
        world.clocks.look();
        world.situations().saw(byMs > HOUR_MS ? Situation.CLOCK_WRONG_BY_YEARS : Situation.CLOCK_SET);
        return this;
    }

    /**
     * Ends all faults. The network becomes fast compared with the heartbeat, the disks work, and every member runs
     * again unless its log has lost what was durable.
     */
    public SimCluster heal() {
        final Setup setup = world.setup;
        world.hasFaults = false;
        network().heal().delays(1_000, Math.min(setup.networkJitterNs, setup.heartbeatIntervalNs / HEALTHY_DELAYS));
        for (int id = 1; id <= members(); id++) {
            disk(id).heal(setup.forceMeanNs);
            resume(id).restart(id);
            nodes.get(id).crashAfter(0);
        }
        return this;
    }

    // Clients.

    /** Gives a member a new command. Returns its number; 0 if the member is not running or did not take it. */
    public long submitTo(final int id) {
        if (!isUp(id)) {
            return 0;
        }
        final long number =
                world.invariants.history.submit(id, nodes.get(id).life().number());
        final int length =
                COMMAND_LENGTH_MIN + world.random.below(world.setup.commandLengthMax - COMMAND_LENGTH_MIN + 1);
        world.trace.happened(11, number, () -> "client gives c" + number + " to member " + id);
        world.observer.client(id, "given", number, 0);
        return nodes.get(id).life().offer(number, length) ? number : 0;
    }

    /** Gives a member so many new commands at once, or more if the setup has larger bursts. */
    void burst(final int id, final int commands) {
        for (int i = 0; i < commands * world.setup.burstFactor; i++) {
            submitTo(id);
        }
    }

    /** Begins a read at a member. The rules check its result. Null if the member is not running. */
    public CompletableFuture<byte[]> readFrom(final int id, final Read how) {
        if (!isUp(id)) {
            return null;
        }
        world.trace.happened(12, id, () -> "client reads from member " + id + ", " + how);
        world.observer.client(id, how == Read.LINEARIZABLE ? "reads" : "reads locally", 0, 0);
        return nodes.get(id).life().read(how);
    }

    /** Asks a member for a snapshot. Null if the member is not running. */
    public CompletableFuture<Long> snapshot(final int id) {
        return isUp(id) ? nodes.get(id).life().snapshot() : null;
    }

    /** Whether the command was acknowledged as chosen. */
    public boolean isAcknowledged(final long number) {
        return world.invariants.history.isAcknowledged(number);
    }

    /** Whether the command is chosen. Perhaps no member knows it yet. */
    boolean isChosen(final long number) {
        return world.invariants.history.isChosen(number);
    }

    /** Whether the command waits for its outcome. */
    public boolean isOpen(final long number) {
        return world.invariants.history.isOpen(number);
    }

    /**
     * Waits until each member has taken part. Before that, each one is needed.
     *
     * @throws InvariantViolation if that takes too long, though nothing is broken
     */
    SimCluster awaitStart() {
        new Convergence(this, nodes, world).awaitStart();
        return this;
    }

    /**
     * Waits for liveness: each running member gets a new command chosen and a new read answered, all agree on the
     * leader and have applied the same, and nothing waits for an outcome.
     *
     * @throws InvariantViolation if that takes longer than 300 heartbeats and two timeouts, three times
     */
    public SimCluster converge() {
        new Convergence(this, nodes, world).await();
        return this;
    }

    /**
     * Waits for liveness under the partition that there is: each member that is connected enough gets a new command
     * chosen, and each command has its outcome by its deadline.
     *
     * @return whether any member is connected enough
     * @throws InvariantViolation if that takes too long
     */
    boolean progress(final int crippled, final long delayNs) {
        return new PartitionProgress(this, nodes, world).await(crippled, delayNs);
    }

    // State.

    public int members() {
        return world.setup.members;
    }

    /** Whether the process runs and its replica works. */
    public boolean isUp(final int id) {
        return nodes.isUp(id);
    }

    /** The status of a member's replica. Only while its process runs. */
    public Status status(final int id) {
        return nodes.get(id).status();
    }

    /** How many slots a member has replayed since its start, as it has told; -1 if it has told nothing. */
    public long replayed(final int id) {
        return nodes.get(id).replayed();
    }

    /** The running member that leads in the highest ballot; 0 if none is leader. */
    public int leader() {
        return nodes.leader();
    }

    /** The leader that every running member follows; 0 if they do not agree on one. */
    public int agreedLeader() {
        return nodes.agreedLeader();
    }

    /** The cluster time of the last command that was executed, ms since 1970; 0 before the first. */
    public long timeMs() {
        return world.invariants.history.timeMs();
    }

    /** What a member's wall clock shows now. */
    public long clockMs(final int id) {
        return nodes.get(id).clock.epochMillis();
    }

    /** The numbers of the commands that a member has executed since it was last started, in order. */
    public List<Long> executed(final int id) {
        return IntStream.rangeClosed(1, world.invariants.history.executed(id))
                .mapToObj(world.invariants.history::number)
                .toList();
    }

    /** Every slot through this one is chosen: a quorum of disks holds its value. Perhaps no member knows it yet. */
    public long chosenThrough() {
        return world.invariants.truth.chosenThrough();
    }

    /** How many commands were acknowledged. */
    public int acknowledged() {
        return world.invariants.history.acknowledged();
    }

    /** The state of all members, as text. */
    public String statusText() {
        return nodes.text();
    }

    public Situations situations() {
        return world.situations();
    }

    public long eventCount() {
        return world.events.handled();
    }

    /** A hash of all events. Two runs with the same events have the same hash. */
    public long traceHash() {
        return world.trace.hash();
    }

    /** The last lines of the trace; empty unless the setup asks for it. */
    public String traceTail() {
        return world.trace.tail();
    }

    /** Whether each member has taken part, so that none is needed for the start of another. */
    boolean haveAllStarted() {
        return nodes.haveAllStarted();
    }

    /** How many members can stay down for good, besides those that have lost their disks. */
    int casualtiesLeft() {
        return world.atlas.casualtiesLeft();
    }

    /** Whether a member's disk has lost durable records. Such a member must not restart. */
    boolean isLost(final int id) {
        return world.atlas.isLost(id);
    }

    /** Flips a bit of the newest snapshot of a member. Does nothing if the cluster needs it. */
    public SimCluster damageSnapshot(final int id) {
        if (!world.setup.trims() || world.atlas.takesState(id)) {
            disk(id).damageSnapshot();
        }
        return this;
    }

    private boolean mayLose(final int id) {
        return nodes.haveAllStarted() && world.atlas.takesDisk(id);
    }
}
