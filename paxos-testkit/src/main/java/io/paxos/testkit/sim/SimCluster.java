package io.paxos.testkit.sim;

import io.paxos.Read;
import io.paxos.Status;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * A cluster of production replicas in virtual time: breaks things, gives commands, and lets time pass.
 *
 * <p>Members are 1..n. Every rule is checked while time passes; the first that is broken ends the run with an {@link
 * InvariantViolation}. What cannot be done in the present state, as crashing a member that is down, is not done.
 */
public final class SimCluster {
    static final String LIVENESS = "once all is well, the cluster gets on with it";

    private static final int COMMAND_LENGTH_MIN = 16;
    private static final int COMMAND_LENGTH_MAX = 40;
    private static final int HEALTHY_DELAYS = 50; // per heartbeat
    private static final long EVENTS_MAX = 20_000_000;
    private static final int HEARTBEATS_TO_CONVERGE = 300;
    private static final long ORIGIN_MAX_NS = 1L << 50; // 13 days

    private final Setup setup;
    private final EventQueue events = new EventQueue();
    private final SimRandom random;
    private final PacketPool pool = new PacketPool();
    private final Trace trace;
    private final Invariants invariants;
    private final SimNetwork network;
    private final SimNode[] nodes; // by id
    private final FaultAtlas atlas;

    SimCluster(final Setup setup) {
        this.setup = setup;
        random = new SimRandom(setup.seed);
        invariants = new Invariants(setup.quorums);
        final EventListener listener = listener();
        trace = new Trace(events, setup, listener);
        network = new SimNetwork(setup, events, random.split(), pool, trace, invariants.situations)
                .delays(1_000, setup.networkJitterNs);
        atlas = new FaultAtlas(setup.members, setup.quorums);
        nodes = new SimNode[setup.members + 1];
        final DiskObserver observer = listener == EventListener.NONE
                ? invariants.truth
                : new RecordingDiskObserver(listener, invariants.truth);
        for (int id = 1; id <= setup.members; id++) {
            final SimDisk disk =
                    new SimDisk(id, events, random.split(), invariants.values, observer, invariants.situations);
            disk.forceTakes(setup.forceMeanNs);
            nodes[id] = new SimNode(id, this, disk, clock(), random.split());
            network.receiver(id, nodes[id]);
        }
        for (int id = 1; id <= setup.members; id++) {
            nodes[id].start();
        }
    }

    // Time.

    /** Virtual time since the start. */
    public long nowNs() {
        return events.nowNs();
    }

    /** Lets time pass. */
    public SimCluster runFor(final long durationNs) {
        final long limitNs = events.nowNs() + durationNs;
        while (events.runNext(limitNs)) {
            if (events.handled() > EVENTS_MAX) {
                throw invariants.violations.broken(LIVENESS, "at most " + EVENTS_MAX + " events", "more");
            }
        }
        return this;
    }

    /** Lets time pass until this is so. Returns false if it is not after so long. */
    public boolean runUntil(final BooleanSupplier condition, final long timeoutNs) {
        final long limitNs = events.nowNs() + timeoutNs;
        while (!condition.getAsBoolean()) {
            if (events.nowNs() >= limitNs) {
                return false;
            }
            runFor(Math.min(setup.heartbeatIntervalNs / 4, limitNs - events.nowNs()));
        }
        return true;
    }

    /** Follows a schedule. */
    public SimCluster run(final Schedule schedule) {
        for (final Step step : schedule.steps()) {
            trace.happened(10, step.hashCode(), () -> "-- " + step);
            trace.listener().step(step);
            step.applyTo(this);
        }
        return this;
    }

    // What breaks, and what mends.

    public SimNetwork network() {
        return network;
    }

    public SimDisk disk(final int id) {
        return nodes[id].disk;
    }

    /** The process dies; a random part of what its disk was not yet forced to keep is lost. */
    public SimCluster crash(final int id) {
        nodes[id].crash(false);
        return this;
    }

    /** The process dies; everything that it has appended reaches the disk all the same. */
    public SimCluster crashKeepingAll(final int id) {
        nodes[id].crash(true);
        return this;
    }

    /** The process dies within its duty cycle, when it has passed so many more of the places to die at. */
    public SimCluster crashAfter(final int id, final int points) {
        nodes[id].crashAfter(points);
        return this;
    }

    /** Starts the process again if it is down, or if its replica has stopped. */
    public SimCluster restart(final int id) {
        if (nodes[id].hasFailed()) {
            nodes[id].crash(false);
        }
        nodes[id].start();
        return this;
    }

    /**
     * A bit of a durable record flips; noticed when it is read, or at the next start. Not done if the cluster could not do
     * without this member, which is as good as gone for good.
     */
    public SimCluster flipBit(final int id) {
        if (atlas.takesDisk(id)) {
            nodes[id].disk.flipBit();
        }
        return this;
    }

    /** The process dies, and a file of its log is gone for good: it cannot start again. Not done as {@link #flipBit}. */
    public SimCluster loseFile(final int id) {
        if (atlas.takesDisk(id)) {
            crash(id);
            nodes[id].disk.loseFile();
        }
        return this;
    }

    /** The process dies, and its disk is replaced by an older copy: it cannot start again. Not done as {@link #flipBit}. */
    public SimCluster rollBackDisk(final int id) {
        if (atlas.takesDisk(id)) {
            crash(id);
            nodes[id].disk.rollBack();
        }
        return this;
    }

    /** Each wake-up of the process is late by up to so much, until it is resumed. */
    public SimCluster slow(final int id, final long upToNs) {
        nodes[id].slow(upToNs);
        return this;
    }

    /** As by SIGSTOP. */
    public SimCluster pause(final int id) {
        nodes[id].pause();
        return this;
    }

    /** As by SIGCONT. */
    public SimCluster resume(final int id) {
        nodes[id].resume();
        return this;
    }

    /** Sets a wall clock forward or back. */
    public SimCluster jumpClock(final int id, final long byMs) {
        nodes[id].clock.jump(byMs);
        return this;
    }

    /**
     * Mends the network, which becomes fast against the heartbeat, and the disks; and has everyone run again but those whose
     * logs have lost what was durable.
     */
    public SimCluster heal() {
        network.heal().delays(1_000, Math.min(setup.networkJitterNs, setup.heartbeatIntervalNs / HEALTHY_DELAYS));
        for (int id = 1; id <= setup.members; id++) {
            nodes[id].disk.heal(setup.forceMeanNs);
            resume(id).restart(id);
            nodes[id].crashAfter(0);
        }
        return this;
    }

    // What clients do.

    /** How many members may stay down for good, beside those that have lost their disks. */
    int casualtiesLeft() {
        return atlas.casualtiesLeft();
    }

    /** Whether a member's disk has lost what was durable, so that it must not come back. */
    boolean isLost(final int id) {
        return atlas.isLost(id);
    }

    /** Gives a member a new command. Returns its number; 0 if the member is not running or did not take it. */
    public long submitTo(final int id) {
        if (!nodes[id].isUp()) {
            return 0;
        }
        final long number = invariants.history.submit();
        final int length = COMMAND_LENGTH_MIN + random.below(COMMAND_LENGTH_MAX - COMMAND_LENGTH_MIN + 1);
        trace.happened(11, number, () -> "client gives c" + number + " to member " + id);
        trace.listener().client(id, "given", number, 0);
        return nodes[id].life().offer(number, length) ? number : 0;
    }

    /** Begins a read at a member; it is checked when it ends. Null if the member is not running. */
    public CompletableFuture<byte[]> readFrom(final int id, final Read how) {
        if (!nodes[id].isUp()) {
            return null;
        }
        trace.happened(12, id, () -> "client reads from member " + id + ", " + how);
        trace.listener().client(id, how == Read.LINEARIZABLE ? "reads" : "reads locally", 0, 0);
        return nodes[id].life().read(how);
    }

    /** Whether the command was acknowledged as chosen. */
    public boolean isAcknowledged(final long number) {
        return invariants.history.isAcknowledged(number);
    }

    /** Whether the command waits for its outcome. */
    public boolean isOpen(final long number) {
        return invariants.history.isOpen(number);
    }

    // What can be seen.

    /** Whether the process runs and its replica works. */
    public boolean isUp(final int id) {
        return nodes[id].isUp();
    }

    /** How a member's replica is; only while its process runs. */
    public Status status(final int id) {
        return nodes[id].status();
    }

    /** The running member that leads in the highest ballot; 0 if none thinks that it leads. */
    public int leader() {
        int leader = 0;
        long highest = 0;
        for (int id = 1; id <= setup.members; id++) {
            if (nodes[id].isUp()
                    && status(id).role() == Status.Role.LEADER
                    && status(id).ballot() > highest) {
                leader = id;
                highest = status(id).ballot();
            }
        }
        return leader;
    }

    /** The leader that every running member follows; 0 if they do not agree on one. */
    public int agreedLeader() {
        final int leader = leader();
        for (int id = 1; id <= setup.members; id++) {
            if (nodes[id].isUp() && status(id).leaderId() != leader) {
                return 0;
            }
        }
        return leader;
    }

    /** The numbers of the commands that a member has executed in this life, in order. */
    public List<Long> executed(final int id) {
        final List<Long> numbers = new ArrayList<>();
        for (int place = 1; place <= invariants.history.executed(id); place++) {
            numbers.add(invariants.history.number(place));
        }
        return numbers;
    }

    /** Every slot through this one is chosen: a quorum of disks holds its value, whoever may know. */
    public long chosenThrough() {
        return invariants.truth.chosenThrough();
    }

    public int members() {
        return setup.members;
    }

    public long eventCount() {
        return events.handled();
    }

    /** How many commands were acknowledged. */
    public int acknowledged() {
        return invariants.history.acknowledged();
    }

    public Situations situations() {
        return invariants.situations;
    }

    /** A number that two runs have in common only if the same happened in both. */
    public long traceHash() {
        return trace.hash();
    }

    /** The last lines of the trace; empty unless the setup asks for it. */
    public String traceTail() {
        return trace.tail();
    }

    /**
     * Liveness: each running member gets a fresh command chosen and a fresh read answered, all agree on the leader and have
     * applied the same, and nothing is left waiting; within a bounded time.
     *
     * @throws InvariantViolation if that does not happen
     */
    public SimCluster converge() {
        final long limitNs = HEARTBEATS_TO_CONVERGE * setup.heartbeatIntervalNs + 2 * setup.timeoutNs;
        final long[] commands = new long[setup.members + 1];
        final List<CompletableFuture<byte[]>> reads =
                new ArrayList<>(Collections.nCopies(setup.members + 1, (CompletableFuture<byte[]>) null));
        final boolean hasConverged = runUntil(() -> leader() != 0 && areAcknowledged(commands), limitNs)
                && runUntil(() -> agreedLeader() != 0 && areRead(reads), limitNs)
                && runUntil(this::isSettled, limitNs);
        if (!hasConverged) {
            throw invariants.violations.broken(LIVENESS, "within " + limitNs / Setup.MILLISECOND + " ms", statusText());
        }
        return this;
    }

    /** Whether each running member has had its fresh command chosen; gives it one, or another one, if not. */
    private boolean areAcknowledged(final long[] commands) {
        boolean all = true;
        for (int id = 1; id <= setup.members; id++) {
            if (nodes[id].isUp() && (commands[id] == 0 || !isAcknowledged(commands[id]))) {
                all = false;
                if (commands[id] == 0 || !isOpen(commands[id])) {
                    commands[id] = submitTo(id);
                }
            }
        }
        return all;
    }

    /** Whether each running member has had its fresh read answered; has it read, or read again, if not. */
    private boolean areRead(final List<CompletableFuture<byte[]>> reads) {
        boolean all = true;
        for (int id = 1; id <= setup.members; id++) {
            final CompletableFuture<byte[]> read = reads.get(id);
            if (nodes[id].isUp() && (read == null || !read.isDone() || read.isCompletedExceptionally())) {
                all = false;
                if (read == null || read.isDone()) {
                    reads.set(id, readFrom(id, Read.LINEARIZABLE));
                }
            }
        }
        return all;
    }

    private boolean isSettled() {
        for (int id = 1; id <= setup.members; id++) {
            final boolean isBehind = nodes[id].isUp()
                    && (status(id).appliedThrough() != chosenThrough()
                            || invariants.history.executed(id) != invariants.history.executed()
                            || nodes[id].life().pending() > 0);
            if (isBehind) {
                return false;
            }
        }
        return true;
    }

    /** How all members are, for people. */
    public String statusText() {
        final StringBuilder text = new StringBuilder("chosen through " + chosenThrough());
        for (int id = 1; id <= setup.members; id++) {
            text.append(System.lineSeparator())
                    .append("  member ")
                    .append(id)
                    .append(' ')
                    .append(nodes[id].state());
            if (nodes[id].life() != null) {
                text.append(", waiting ").append(nodes[id].life().pending());
                text.append(", executed ").append(invariants.history.executed(id));
                text.append(", ").append(status(id));
            }
        }
        return text.toString();
    }

    // For the members.

    Setup setup() {
        return setup;
    }

    EventQueue events() {
        return events;
    }

    PacketPool pool() {
        return pool;
    }

    Trace trace() {
        return trace;
    }

    Invariants invariants() {
        return invariants;
    }

    private EventListener listener() {
        if (setup.recorder == null) {
            return EventListener.NONE;
        }
        final EventListener listener = new EventRecorder(setup.members, events, invariants.values, setup.recorder);
        invariants.truth.onChosen((slot, value) -> {
            listener.chosen(slot, invariants.truth.chosenBallot(slot), value);
            invariants.history.isChosen(slot, value);
        });
        return listener;
    }

    private SimClock clock() {
        final long originNs = random.between(setup.clockOriginMinNs, ORIGIN_MAX_NS);
        return new SimClock(events, originNs, random.between(-setup.driftPerMillion, setup.driftPerMillion));
    }
}
