package io.paxos.testkit.sim;

import io.paxos.testkit.sim.rules.InvariantViolation;
import io.paxos.testkit.trace.Recorder;
import io.paxos.testkit.trace.SpaceTime;
import io.paxos.testkit.trace.SpaceTimeHtml;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Space-time diagrams of simulated runs.
 *
 * <p>A run is repeated for its diagram, and the repetition is the same run. If it breaks a rule, the diagram ends
 * there, and the page opens there.
 */
public final class Diagrams {
    /** The directory for diagrams of failures, relative to the working directory of the tests. */
    public static final Path DIRECTORY = Path.of("target", "paxos-diagrams");

    /** How many events a page has at most: the last ones. A browser shows this many without delay. */
    public static final int EVENTS_MAX = 20_000;

    private Diagrams() {}

    /** A run of a schedule on a cluster with the default settings, and its recovery. */
    public static SpaceTime of(final Schedule schedule) {
        return of(Setup.of(schedule.members()), schedule);
    }

    /** A run of a schedule on a cluster, and its recovery. */
    public static SpaceTime of(final Setup setup, final Schedule schedule) {
        final Recorder recorder = new Recorder()
                .title("A schedule of " + schedule.steps().size() + " steps")
                .about(schedule.toString());
        return of(setup, recorder, cluster -> cluster.run(schedule).heal().converge());
    }

    /**
     * A run of a script on a cluster.
     *
     * @param script what is done to the cluster. If it breaks a rule, the diagram shows that; nothing is thrown
     */
    public static SpaceTime of(final Setup setup, final Consumer<SimCluster> script) {
        return of(setup, new Recorder().title("A simulated run"), script);
    }

    /** The run of one seed of {@link Simulation}. */
    public static SpaceTime ofSeed(final long seed) {
        final Recorder recorder = new Recorder();
        try {
            Simulation.runRecorded(seed, line -> {}, recorder);
        } catch (final InvariantViolation violation) {
            recorder.violated(violation.rule(), violation.expected(), violation.actual());
        }
        return recorder.spaceTime();
    }

    /**
     * Writes a diagram, or the end of it, into {@link #DIRECTORY}.
     *
     * @param name of the file, without its suffix. Characters that a file name should not have are replaced
     * @return the path, absolute
     */
    public static Path write(final String name, final SpaceTime run) {
        return SpaceTimeHtml.write(
                DIRECTORY.resolve(name.replaceAll("[^A-Za-z0-9._-]", "_") + ".html"), run.last(EVENTS_MAX));
    }

    /** Writes a diagram of a recorded run. Returns a line with its address, for the message of a failure. */
    static String written(final String name, final Recorder recorder) {
        try {
            return "its space-time diagram: "
                    + write(name, recorder.spaceTime()).toUri();
        } catch (final RuntimeException e) { // must not hide the failure that the diagram shows
            return "its space-time diagram could not be written: " + e;
        }
    }

    private static SpaceTime of(final Setup setup, final Recorder recorder, final Consumer<SimCluster> script) {
        recorder.about(setup.toString());
        setup.recorded(recorder);
        try {
            script.accept(setup.start());
        } catch (final InvariantViolation violation) {
            recorder.violated(violation.rule(), violation.expected(), violation.actual());
        }
        return recorder.spaceTime();
    }
}
