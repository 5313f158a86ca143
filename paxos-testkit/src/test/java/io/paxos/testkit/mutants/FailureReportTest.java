package io.paxos.testkit.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The message of a failing seed, for one planted bug. Part of the build. */
class FailureReportTest {
    private static final String BUG = "votes are summed over ballots";
    private static final int SEEDS = 500;
    private static final int STEPS_MAX = 20;

    @Test
    void a_failing_seed_names_its_rule_a_few_steps_that_break_it_their_command_and_their_diagram(
            @TempDir final Path dir) throws Exception {
        final Mutant mutant = Mutant.ALL.stream()
                .filter(candidate -> candidate.name().equals(BUG))
                .findFirst()
                .orElseThrow();
        MutantsTest.compile(mutant, dir);
        try (MutantsTest.Planted planted = new MutantsTest.Planted(dir)) {
            final Class<?> simulation = planted.loadClass("io.paxos.testkit.sim.Simulation");
            final String message = firstFailure(simulation);
            final long seed = Long.parseLong(found("seed (\\d+); again with", message));
            assertThat(message).contains("-Dpaxos.seed=" + seed);

            final List<Integer> places = Stream.of(
                            found("-Dpaxos.steps=([0-9,]*)", message).split(","))
                    .map(Integer::valueOf)
                    .toList();
            assertThat(places).hasSizeBetween(1, STEPS_MAX);
            assertThat(message).contains("shrunken to " + places.size() + " of its ");

            final List<String> trace = new ArrayList<>();
            final Consumer<String> printer = trace::add;
            final Throwable again = catchThrowable(() -> simulation
                    .getMethod("runTraced", long.class, List.class, Consumer.class)
                    .invoke(null, seed, places, printer));
            final String rule = message.substring(0, message.indexOf(": expected"));
            assertThat(again).isInstanceOf(InvocationTargetException.class);
            assertThat(again.getCause()).hasMessageStartingWith(rule);
            assertThat(message).contains(trace.get(trace.size() - 1));

            final Path diagram = Path.of(URI.create(found("its space-time diagram: (\\S+)", message)));
            assertThat(Files.readString(diagram)).contains(rule).contains("Seed " + seed + ", " + places.size());
        }
    }

    private static String firstFailure(final Class<?> simulation) throws ReflectiveOperationException {
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                simulation.getMethod("run", long.class).invoke(null, seed);
            } catch (final InvocationTargetException e) {
                final String message = e.getCause().getMessage();
                if (!message.contains("shrunken to 0 of its ")) { // the bug needs no fault there
                    return message;
                }
            }
        }
        throw new AssertionError("no seed of 1.." + SEEDS + " notices that " + BUG);
    }

    private static String found(final String pattern, final String text) {
        final Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
        return matcher.group(1);
    }
}
