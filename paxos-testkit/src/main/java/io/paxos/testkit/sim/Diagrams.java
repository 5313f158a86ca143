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
 * <p>A run is made again for its diagram: it is the same run. Where it breaks a rule, the diagram ends, and opens, there.
 */
public final class Diagrams {
    /** Where diagrams of failures go, relative to where the tests run. */
    public static final Path DIRECTORY = Path.of("target", "paxos-diagrams");

    /** More events than this are not written, only the last ones: a browser shows this many at ease. */
    public static final int EVENTS_MAX = 20_000;

    private Diagrams() {}

    /** What a schedule does to a cluster with plain defaults, and how it recovers. */
    public static SpaceTime of(final Schedule schedule) {
        return of(Setup.of(schedule.members()), schedule);
    }

    /** What a schedule does to a cluster, and how it recovers. */
    public static SpaceTime of(final Setup setup, final Schedule schedule) {
        final Recorder recorder = new Recorder()
                .title("A schedule of " + schedule.steps().size() + " steps")
                .about(schedule.toString());
        return of(setup, recorder, cluster -> cluster.run(schedule).heal().converge());
    }

    /**
     * What happens in a cluster.
     *
     * @param script what is done to it; a rule that is broken meanwhile is part of the diagram, and is not thrown
     */
    public static SpaceTime of(final Setup setup, final Consumer<SimCluster> script) {
        return of(setup, new Recorder().title("A simulated run"), script);
    }

    /** What one seed of {@link Simulation} does. */
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
     * @param name of the file, without its ending; what no file should be called by is replaced
     * @return the path, absolute
     */
    public static Path write(final String name, final SpaceTime run) {
        return SpaceTimeHtml.write(
                DIRECTORY.resolve(name.replaceAll("[^A-Za-z0-9._-]", "_") + ".html"), run.last(EVENTS_MAX));
    }

    /** Writes a diagram of what was recorded, and tells where, for the text of a failure. */
    static String written(final String name, final Recorder recorder) {
        try {
            return "its space-time diagram: "
                    + write(name, recorder.spaceTime()).toUri();
        } catch (final RuntimeException e) { // must not hide the failure that it shows
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
