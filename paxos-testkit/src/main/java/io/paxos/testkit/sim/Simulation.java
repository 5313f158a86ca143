package io.paxos.testkit.sim;

import io.paxos.Quorums;
import io.paxos.testkit.sim.rules.InvariantViolation;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.trace.Recorder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.collections.LongArrayList;

/**
 * A run that one seed decides: the settings of the cluster, the faults, and the commands and reads of clients.
 *
 * <p>Swarm testing: each seed leaves out most kinds of faults, so that the others combine more often. A safety phase
 * with faults comes first. A liveness phase without faults follows. Some members can stay down for good, as long as
 * quorums of both phases are left. In half of the seeds a partition comes last, in which members that are connected
 * enough must make progress.
 *
 * @see <a href="https://doi.org/10.1145/2338965.2336763">Groce, Zhang, Eide, Chen, Regehr: Swarm Testing, 2012</a>
 */
public final class Simulation {
    private static final int LEADER_ONE_IN = 3; // one in this many steps names the leader
    private static final int ELECTION_ONE_IN = 8; // one in this many pauses is long enough for an election
    private static final int FAULT_ONE_IN = 4; // one in this many seeds has a given kind of fault
    private static final int BREAKS = 1_000; // how many ways to break off a transfer are drawn from
    private static final int STEPS_MIN = 10;
    private static final int STEPS_MAX = 70;
    private static final Step.Kind[] FAULTS = {
        Step.Kind.CRASH,
        Step.Kind.CRASH_KEEPING_ALL,
        Step.Kind.CRASH_AFTER,
        Step.Kind.PAUSE,
        Step.Kind.CUT,
        Step.Kind.CUT_BOTH,
        Step.Kind.SPLIT,
        Step.Kind.STAR,
        Step.Kind.CHAIN,
        Step.Kind.DEAFEN,
        Step.Kind.MUTE,
        Step.Kind.ISOLATE,
        Step.Kind.LOSE,
        Step.Kind.REPEAT,
        Step.Kind.HOLD_UP,
        Step.Kind.CLOG,
        Step.Kind.NARROW,
        Step.Kind.CORRUPT,
        Step.Kind.DROP_TYPE,
        Step.Kind.SLOW,
        Step.Kind.FREEZE_DISK,
        Step.Kind.SLOW_DISK,
        Step.Kind.FILL_DISK,
        Step.Kind.MISDIRECT_READ,
        Step.Kind.FLIP_BIT,
        Step.Kind.LOSE_FILE,
        Step.Kind.ROLL_BACK_DISK,
        Step.Kind.EMPTY_DISK,
        Step.Kind.RETURN_TO_COPY,
        Step.Kind.EXCHANGE_DISK,
        Step.Kind.OTHER_QUORUMS,
        Step.Kind.SECOND_PROCESS,
        Step.Kind.SNAPSHOT,
        Step.Kind.LEAVE_BEHIND,
        Step.Kind.DAMAGE_SNAPSHOT,
        Step.Kind.FAIL_WRITE,
        Step.Kind.FAIL_FORCE,
        Step.Kind.JUMP_CLOCK,
        Step.Kind.BREAK_CLOCK
    };
    private static final Step.Kind[] REMEDIES = {
        Step.Kind.RESTART,
        Step.Kind.RESTART_ALL,
        Step.Kind.RESUME_ALL,
        Step.Kind.RESUME_ALL,
        Step.Kind.MEND,
        Step.Kind.MEND_ALL,
        Step.Kind.DROP_NOTHING,
        Step.Kind.THAW_DISK,
        Step.Kind.FREE_DISK
    };

    /**
     * The result of a run.
     *
     * @param seed the seed of the run
     * @param events the number of events
     * @param acknowledged the number of commands that were acknowledged
     * @param virtualNs the virtual time that it took
     * @param traceHash the same in every run of this seed
     * @param situations how often each one was seen
     */
    public record Result(
            long seed, long events, int acknowledged, long virtualNs, long traceHash, Situations situations) {}

    private final long seed;
    private final SimRandom random;
    private final Setup setup;
    private final List<Step.Kind> faults = new ArrayList<>(); // the kinds that this seed has
    private final int faultsPerThousand;
    private final int remediesPerThousand;
    private final int readsPerThousand;
    private Schedule schedule; // all steps of the seed, or those that keeping() has left

    private Simulation(final long seed) {
        this.seed = seed;
        random = new SimRandom(seed);
        setup = drawSetup();
        DrawnLoad.draw(setup, seed);
        for (final Step.Kind fault : FAULTS) {
            if (random.below(FAULT_ONE_IN) == 0) {
                faults.add(fault);
            }
        }
        faultsPerThousand = faults.isEmpty() ? 0 : (int) random.between(50, 500);
        remediesPerThousand = (int) random.between(50, 300);
        readsPerThousand = (int) random.between(0, 300);
        schedule = drawSchedule();
    }

    /**
     * Runs one seed.
     *
     * @throws InvariantViolation if a rule was broken. Its message has the seed, the few steps that break the rule, the
     *     command that runs them again, the address of their space-time diagram, and the end of the trace
     */
    public static Result run(final long seed) {
        return new Simulation(seed).explainedIfBroken();
    }

    /**
     * Runs one seed twice, and compares all events.
     *
     * @throws AssertionError if the second run differs from the first. The message has the first difference
     * @throws InvariantViolation as {@link #run} does
     */
    public static Result runTwice(final long seed) {
        final LongArrayList numbers = new LongArrayList();
        final Simulation first = new Simulation(seed);
        first.setup.recordedAs(numbers::addLong);
        final Result result = first.explainedIfBroken();
        final Simulation second = new Simulation(seed);
        final int[] at = {0};
        second.setup.recordedAs(number -> requireSame(seed, numbers, at[0]++, number));
        second.explainedIfBroken();
        if (at[0] != numbers.size()) {
            throw notDeterministic(seed, at[0], numbers.size() + " numbers", at[0] + " numbers");
        }
        return result;
    }

    /** Runs one seed and prints its trace. */
    public static Result runTraced(final long seed, final Consumer<String> printer) {
        return new Simulation(seed).traced(printer);
    }

    /**
     * Runs some steps of one seed and prints its trace. The steps are named by their places in the schedule, from 0.
     */
    public static Result runTraced(final long seed, final List<Integer> places, final Consumer<String> printer) {
        return new Simulation(seed).keeping(places).traced(printer);
    }

    /** The schedule of a seed. */
    public static Schedule schedule(final long seed) {
        return new Simulation(seed).schedule;
    }

    /** Runs one seed and records it for a diagram, see {@link Diagrams#ofSeed}. */
    static Result runRecorded(final long seed, final Consumer<String> printer, final Recorder recorder) {
        recorder.title("Seed " + seed).about(SimFailure.again(seed));
        return new Simulation(seed).recorded(recorder).traced(printer);
    }

    /** Runs some steps of one seed, by their places in its schedule, and records them for a diagram. */
    static Result runRecorded(
            final long seed, final List<Integer> places, final Consumer<String> printer, final Recorder recorder) {
        recorder.title("Seed " + seed + ", " + places.size() + " steps of it").about(SimFailure.again(seed, places));
        return new Simulation(seed).keeping(places).recorded(recorder).traced(printer);
    }

    /** The end of a run. {@code violation} is null if no rule was broken. */
    record Attempt(InvariantViolation violation, long events) {}

    /** Runs some steps of one seed, by their places in its schedule. */
    static Attempt attempt(final long seed, final List<Integer> places) {
        final Simulation simulation = new Simulation(seed).keeping(places);
        final SimCluster cluster = simulation.setup.start();
        try {
            simulation.execute(cluster);
            return new Attempt(null, cluster.eventCount());
        } catch (final InvariantViolation violation) {
            return new Attempt(violation, cluster.eventCount());
        }
    }

    private static void requireSame(final long seed, final LongArrayList numbers, final int at, final long number) {
        if (at >= numbers.size() || numbers.getLong(at) != number) {
            final String before = at < numbers.size() ? Long.toHexString(numbers.getLong(at)) : "the end";
            throw notDeterministic(seed, at, before, Long.toHexString(number));
        }
    }

    private static AssertionError notDeterministic(
            final long seed, final int at, final String first, final String second) {
        return new AssertionError("seed " + seed + " is not deterministic: number " + at + " of its trace was " + first
                + ", and then " + second + ". Compare two outputs of " + SimFailure.again(seed));
    }

    private Result explainedIfBroken() {
        try {
            return execute();
        } catch (final InvariantViolation violation) {
            throw SimFailure.explained(seed, violation);
        }
    }

    private Simulation keeping(final List<Integer> places) {
        schedule = schedule.keeping(places);
        return this;
    }

    private Simulation recorded(final Recorder recorder) {
        setup.recorded(recorder);
        recorder.about(setup.toString());
        return this;
    }

    private Result traced(final Consumer<String> printer) {
        setup.traced(printer);
        printer.accept("seed " + seed + ": " + setup);
        printer.accept(schedule.toString());
        return execute();
    }

    private Result execute() {
        return execute(setup.start());
    }

    private Result execute(final SimCluster cluster) {
        cluster.run(schedule);
        liveness(cluster);
        new RemainingPartition(cluster, setup, seed).run();
        return new Result(
                seed,
                cluster.eventCount(),
                cluster.acknowledged(),
                cluster.nowNs(),
                cluster.traceHash(),
                cluster.situations());
    }

    private void liveness(final SimCluster cluster) {
        int casualties = random.below(cluster.casualtiesLeft() + 1);
        final int first = random.below(setup.members);
        cluster.heal().awaitStart();
        cluster.transfers().breakOff(random.below(BREAKS)); // some only begin now
        for (int i = 0; i < setup.members && casualties > 0; i++) {
            final int id = 1 + (first + i) % setup.members;
            if (!cluster.isLost(id)) {
                cluster.crash(id);
                cluster.situations().saw(Situation.CASUALTY_LEFT_DEAD);
                casualties--;
            }
        }
        cluster.converge();
    }

    private Setup drawSetup() {
        final int members = random.below(10) == 0 ? 1 : (int) random.between(2, 5);
        final Setup drawn = Setup.of(members).seed(random.nextLong());
        if (random.below(4) == 0) {
            final int phase2 = (int) random.between(1, members);
            drawn.quorums(Quorums.flexible(members, members + 1 - phase2, phase2));
        }
        drawIdentity(drawn);
        drawTrimming(drawn);
        final boolean isTight = random.below(4) == 0;
        return drawn.heartbeatIntervalNs(random.between(5, 20) * Setup.MILLISECOND)
                .patienceRounds((int) random.between(2, 4))
                .timeoutNs(random.between(50, 500) * Setup.MILLISECOND)
                .stallNs(random.between(30, 200) * Setup.MILLISECOND)
                .followerLingerNs(random.below(2) == 0 ? 0 : random.between(100, 4_000) * Setup.MICROSECOND)
                .commandLingerNs(random.below(2) == 0 ? 0 : random.between(10, 2_000) * Setup.MICROSECOND)
                .clockAheadMaxMs(random.between(5, 500))
                .windowSlots(1 << random.below(6))
                .batchBytesMax(random.below(2) == 0 ? isTight ? 400 : 1024 : 96)
                .pendingCommands(random.below(4) == 0 ? 8 : 64)
                .pendingBytes(isTight ? 4096 : 16 * 1024)
                .networkJitterNs(random.between(10, 2_000) * Setup.MICROSECOND)
                .queueMax(random.below(4) == 0 ? 8 : 1024)
                .cyclesPerWake(1 + random.below(4))
                .wakeDelayNs(random.below(3) == 0 ? 0 : random.between(1, 500) * Setup.MICROSECOND)
                .forceMeanNs(random.below(3) == 0 ? 0 : random.between(10, 3000) * Setup.MICROSECOND)
                .driftPerMillion(random.below(2) == 0 ? 0 : 50_000);
    }

    private void drawTrimming(final Setup drawn) {
        drawn.snapshotBytes(random.below(2) == 0 ? 0 : random.between(100, 2_000));
        if (random.below(3) != 0) {
            final long tail = random.below(3) == 0 ? random.between(0, 1_000) : 0;
            drawn.snapshotBytes(random.between(50, random.below(2) == 0 ? 200 : 1_000))
                    .logTailBytes(tail);
            drawn.maxLogBytes(random.below(8) == 0 ? 0 : 2 * tail + random.between(1_000, 2_500));
            drawn.transferBytesPerSecond(random.below(2) == 0 ? 64 << 20 : random.between(60_000, 1_000_000));
        }
    }

    private void drawIdentity(final Setup drawn) {
        drawn.handshakes(random.below(4) != 0);
        drawn.unequalPace(drawn.carriesHandshakes && random.below(4) == 0);
        if (drawn.carriesHandshakes && random.below(3) == 0) {
            drawn.bootstraps(true);
            final int odd = 1 + random.below(drawn.members);
            if (random.below(4) == 0 && new FaultAtlas(drawn.members, drawn.quorums).takesDisk(odd)) {
                drawn.odd(odd);
            }
        }
    }

    private Schedule drawSchedule() {
        final List<Step> steps = new ArrayList<>();
        final int count = (int) random.between(STEPS_MIN, STEPS_MAX);
        final int meanRun = (int) random.between(5, 80);
        final boolean isOrdered = random.below(3) == 0;
        steps.add(step(isOrdered ? Step.Kind.ORDERED : Step.Kind.RUN));
        while (steps.size() < count) {
            final Step step = step(drawKind());
            steps.add(step);
            follow(step, steps);
            steps.add(new Step(Step.Kind.RUN, 0, runLength(meanRun)));
        }
        return new Schedule(setup.members, steps);
    }

    /** Adds a step after those kinds that find more faults with it. */
    private void follow(final Step step, final List<Step> steps) {
        switch (step.kind()) {
            case RESUME_ALL, ISOLATE, CUT, MEND_ALL -> steps.add(step(Step.Kind.READ_EVERYWHERE)); // old leaders too
            case LEAVE_BEHIND -> { // some heartbeats later it receives: that is broken off, and it goes on
                final int heartbeat = (int) (setup.heartbeatIntervalNs / Setup.TENTH_MS);
                if (random.below(3) != 0) {
                    steps.add(step(Step.Kind.BREAK_TRANSFER));
                    steps.add(new Step(Step.Kind.RUN, 0, heartbeat * 4));
                    return;
                }
                steps.add(new Step(Step.Kind.RUN, 0, heartbeat * 2 + random.below(heartbeat * 4)));
                steps.add(new Step(Step.Kind.CRASH_AFTER, step.node(), random.below(64)));
                steps.add(new Step(Step.Kind.RUN, 0, 1 + random.below(heartbeat)));
                steps.add(new Step(Step.Kind.RESTART, step.node(), 0));
                steps.add(new Step(Step.Kind.RUN, 0, heartbeat * 4));
            }
            case CRASH_AFTER -> steps.add(new Step(Step.Kind.SUBMIT, step.node(), 0)); // crashes while it proposes
            default -> {
                // nothing
            }
        }
    }

    /** In units of 100 us. Mostly short compared with a heartbeat, sometimes long enough for an election. */
    private int runLength(final int mean) {
        final long heartbeat = setup.heartbeatIntervalNs / Setup.TENTH_MS;
        return (int) (random.below(ELECTION_ONE_IN) == 0 ? heartbeat * random.between(2, 7) : random.exponential(mean));
    }

    private Step.Kind drawKind() {
        final int drawn = random.below(1000);
        if (drawn < faultsPerThousand) {
            return faults.get(random.below(faults.size()));
        }
        if (drawn < faultsPerThousand + remediesPerThousand) {
            return REMEDIES[random.below(REMEDIES.length)];
        }
        if (random.below(1000) < readsPerThousand) {
            return random.below(4) == 0 ? Step.Kind.READ_LOCALLY : Step.Kind.READ;
        }
        return random.below(40) == 0 ? Step.Kind.BURST : Step.Kind.SUBMIT;
    }

    private Step step(final Step.Kind kind) {
        final int node = random.below(LEADER_ONE_IN) == 0 ? Step.LEADER : random.below(setup.members);
        return new Step(kind, node, random.below(10_000));
    }
}
