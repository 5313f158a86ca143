package io.paxos.testkit.sim;

import io.paxos.protocol.Quorums;
import io.paxos.testkit.trace.Recorder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A run that one seed decides: who the members are, which faults there are and how many, what clients do.
 *
 * <p>Swarm testing: each seed leaves most kinds of faults out, so that the others get deep. A safety phase with faults is
 * followed by a liveness phase without; some members may stay down for good, as long as quorums of both phases are left.
 *
 * @see <a href="https://doi.org/10.1145/2338965.2336763">Groce, Zhang, Eide, Chen, Regehr: Swarm Testing, 2012</a>
 */
public final class Simulation {
    private static final int LEADER_ONE_IN = 3; // so often a step goes for the leader
    private static final int ELECTION_ONE_IN = 8; // so often there is time for an election
    private static final int FAULT_ONE_IN = 4; // each kind of fault is in so many of the seeds
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
        Step.Kind.FAIL_WRITE,
        Step.Kind.FAIL_FORCE,
        Step.Kind.JUMP_CLOCK
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
     * What came of a run.
     *
     * @param seed that decided it
     * @param events how many there were
     * @param acknowledged how many commands were
     * @param virtualNs how long it took, in its own time
     * @param traceHash the same whenever this seed runs
     * @param situations what was seen
     */
    public record Result(
            long seed, long events, int acknowledged, long virtualNs, long traceHash, Situations situations) {}

    private final long seed;
    private final SimRandom random;
    private final Setup setup;
    private final List<Step.Kind> faults = new ArrayList<>();
    private final int faultsPerThousand;
    private final int remediesPerThousand;
    private final int readsPerThousand;
    private Schedule schedule;

    private Simulation(final long seed) {
        this.seed = seed;
        random = new SimRandom(seed);
        setup = drawSetup();
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
     * @throws InvariantViolation if a rule was broken, with the seed, how to run it again, and the end of its trace
     */
    public static Result run(final long seed) {
        try {
            return new Simulation(seed).execute();
        } catch (final InvariantViolation violation) {
            throw explained(seed, violation);
        }
    }

    /** Runs one seed and prints all that happens. */
    public static Result runTraced(final long seed, final Consumer<String> printer) {
        return new Simulation(seed).traced(printer);
    }

    /** Runs one seed and takes it down for a diagram, see {@link Diagrams#ofSeed}. */
    static Result runRecorded(final long seed, final Consumer<String> printer, final Recorder recorder) {
        final Simulation simulation = new Simulation(seed);
        simulation.setup.recorded(recorder);
        recorder.title("Seed " + seed).about(simulation.setup.toString()).about(again(seed));
        return simulation.traced(printer);
    }

    /** What a seed does to its cluster. */
    public static Schedule schedule(final long seed) {
        return new Simulation(seed).schedule;
    }

    /** The violation that another schedule runs into in the cluster of this seed; null if it breaks no rule. */
    public static InvariantViolation violation(final long seed, final Schedule schedule) {
        final Simulation simulation = new Simulation(seed);
        simulation.schedule = schedule;
        try {
            simulation.execute();
            return null;
        } catch (final InvariantViolation violation) {
            return violation;
        }
    }

    private static InvariantViolation explained(final long seed, final InvariantViolation violation) {
        final StringBuilder text = new StringBuilder();
        final String line = System.lineSeparator();
        text.append("seed ").append(seed).append("; again with").append(line);
        text.append("  ").append(again(seed)).append(line);
        final Tail tail = new Tail();
        final Recorder recorder = new Recorder();
        try {
            runRecorded(seed, tail, recorder);
            text.append("the second run of this seed broke no rule: something here is not deterministic");
        } catch (final InvariantViolation again) {
            recorder.violated(again.rule(), again.expected(), again.actual());
            text.append(Diagrams.written("seed-" + seed, recorder)).append(line);
            text.append(tail);
        }
        return new InvariantViolation(violation, text.toString());
    }

    /** The command that runs one seed again. */
    private static String again(final long seed) {
        return "mvn -q -pl paxos-testkit -am test -Dtest=SimulationTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dpaxos.seed=" + seed;
    }

    private Result traced(final Consumer<String> printer) {
        setup.traced(printer);
        printer.accept("seed " + seed + ": " + setup);
        printer.accept(schedule.toString());
        return execute();
    }

    private Result execute() {
        final SimCluster cluster = setup.start();
        cluster.run(schedule);
        liveness(cluster);
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
        cluster.heal();
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
        final boolean isTight = random.below(4) == 0;
        return drawn.heartbeatIntervalNs(random.between(5, 20) * Setup.MILLISECOND)
                .patienceRounds((int) random.between(2, 4))
                .submitTimeoutNs(random.between(50, 500) * Setup.MILLISECOND)
                .stallNs(random.between(30, 200) * Setup.MILLISECOND)
                .window(1 << random.below(6))
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

    /** Some steps show more when a certain one comes right after them. */
    private void follow(final Step step, final List<Step> steps) {
        switch (step.kind()) {
            case RESUME_ALL, ISOLATE, CUT, MEND_ALL -> steps.add(step(Step.Kind.READ_EVERYWHERE)); // old leaders too
            case CRASH_AFTER -> steps.add(new Step(Step.Kind.SUBMIT, step.node(), 0)); // dies amid its proposals
            default -> {
                // nothing
            }
        }
    }

    /** In units of 100 us: mostly short against a heartbeat, sometimes long enough for an election. */
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

    /** Keeps the last lines. */
    private static final class Tail implements Consumer<String> {
        private static final int LINES = 60;

        private final ArrayDeque<String> lines = new ArrayDeque<>();

        @Override
        public void accept(final String line) {
            lines.addLast(line);
            if (lines.size() > LINES) {
                lines.removeFirst();
            }
        }

        @Override
        public String toString() {
            return String.join(System.lineSeparator(), lines);
        }
    }
}
