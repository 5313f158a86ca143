package io.paxos.testkit.sim;

import io.paxos.testkit.sim.rules.InvariantViolation;
import io.paxos.testkit.trace.Recorder;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The message of a seed that breaks a rule: the few steps that break it, the command that runs them, and their diagram.
 */
final class SimFailure {
    private static final String LINE = System.lineSeparator();
    private static final String TEST =
            "mvn -q -pl paxos-testkit -am test -Dtest=SimulationTest -Dsurefire.failIfNoSpecifiedTests=false";

    private SimFailure() {}

    /** The command that runs one seed again, in this build. */
    static String again(final long seed) {
        return TEST + " -Dpaxos.seed=" + seed;
    }

    /** The command that runs some steps of one seed again, in this build. */
    static String again(final long seed, final List<Integer> places) {
        return again(seed) + " -Dpaxos.steps="
                + places.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** The same violation, with a message that explains it. */
    static InvariantViolation explained(final long seed, final InvariantViolation violation) {
        final StringBuilder text = new StringBuilder();
        text.append("seed ").append(seed).append("; again with").append(LINE);
        text.append("  ").append(again(seed)).append(LINE);
        text.append("  or Simulation.runTraced(")
                .append(seed)
                .append(", System.out::println)")
                .append(LINE);
        final List<Integer> places = Shrinker.places(seed, violation.rule());
        if (places == null) {
            text.append("the second run of this seed did not break this rule: something in it is not deterministic");
        } else {
            explain(seed, places, text);
        }
        return new InvariantViolation(violation, text.toString());
    }

    private static void explain(final long seed, final List<Integer> places, final StringBuilder text) {
        final Schedule schedule = Simulation.schedule(seed);
        text.append("shrunken to ").append(places.size()).append(" of its ");
        text.append(schedule.steps().size()).append(" steps; again with").append(LINE);
        text.append("  ").append(again(seed, places)).append(LINE);
        text.append("  ").append(schedule.keeping(places)).append(LINE);
        final Tail tail = new Tail();
        final Recorder recorder = new Recorder();
        try {
            Simulation.runRecorded(seed, places, tail, recorder);
        } catch (final InvariantViolation again) {
            recorder.violated(again.rule(), again.expected(), again.actual());
        }
        text.append(Diagrams.written("seed-" + seed, recorder)).append(LINE);
        text.append(tail);
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
            return String.join(LINE, lines);
        }
    }
}
