package io.paxos.benchmarks.load;

import io.paxos.log.Durability;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code compare}: all libraries under the same loads, in turns, each run in a JVM of its own. A run that fails makes
 * the exit code 1 and is named on standard error and in the table.
 */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Runs every library of this build under every load, in turns, each run in a new JVM, and measures the"
                        + " limits of the machine in each round. Prints a table of medians and of their ratios to ours."
                        + " Prints each result as JSON on standard error. Exit code 1 if a run failed.")
final class Compare implements Callable<Integer> {
    /** One column: what the clients send. */
    record Case(int payloadBytes, int inFlight, Durability durability) {
        @Override
        public String toString() {
            return payloadBytes + " B x" + inFlight + " " + durability.name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int[][] LOADS = {{64, 1}, {64, 256}, {64, 1024}, {1024, 256}};
    private static final int ROUNDS_MAX = 100;
    private static final long START_AND_STOP_S = 180;
    private static final double LIMIT_SECONDS = 0.5; // of each, and as much to warm up

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--rounds",
            defaultValue = "5",
            description = "Runs of each library under each load (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            defaultValue = "15",
            description = "How long each run counts (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--warmup-seconds",
            defaultValue = "20",
            description = "How long each run loads before it counts; the compiler needs long when little is in flight"
                    + " (default: ${DEFAULT-VALUE}).")
    private double warmupSeconds;

    @Option(names = "--libraries", split = ",", description = "Only these libraries (default: all of this build).")
    private List<String> only;

    @Option(names = "--durability", description = "Only this durability: ${COMPLETION-CANDIDATES} (default: both).")
    private Durability durability;

    @Option(names = "--dir", paramLabel = "DIR", description = "A directory on the disk to measure.")
    private Path directory;

    /** The process of the current run; null before the first run. */
    private Process child;

    Compare() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (rounds < 1 || rounds > ROUNDS_MAX) {
            throw new Misuse("--rounds must be 1.." + ROUNDS_MAX + ", not " + rounds);
        }
        if (LoadOptions.nanoseconds("--seconds", seconds) == 0) {
            throw new Misuse("--seconds must be positive, not " + seconds);
        }
        LoadOptions.nanoseconds("--warmup-seconds", warmupSeconds);
        final List<Library> libraries = libraries();
        final List<Case> cases = cases();
        Runtime.getRuntime().addShutdownHook(new Thread(this::killChild, "kill"));
        final Comparison comparison = new Comparison(libraries, cases);
        for (int round = 0; round < rounds; round++) {
            for (final Case column : cases) {
                for (final Library library : libraries) {
                    run(library, column, comparison);
                }
            }
            for (final int payloadBytes :
                    cases.stream().mapToInt(Case::payloadBytes).distinct().toArray()) {
                limits(payloadBytes, comparison);
            }
        }
        spec.commandLine().getOut().print(comparison.table());
        spec.commandLine().getOut().flush();
        if (comparison.failures().isEmpty()) {
            return CommandLine.ExitCode.OK;
        }
        spec.commandLine()
                .getErr()
                .println("load: these runs failed, see above why: " + comparison.failures()
                        + "; the table lacks them, so run them again");
        return CommandLine.ExitCode.SOFTWARE;
    }

    private List<Library> libraries() {
        if (only == null) {
            return Run.libraries();
        }
        return only.stream().distinct().map(Run::find).toList();
    }

    private List<Case> cases() {
        final List<Case> cases = new ArrayList<>();
        for (final Durability how : durability == null ? Durability.values() : new Durability[] {durability}) {
            for (final int[] load : LOADS) {
                cases.add(new Case(load[0], load[1], how));
            }
        }
        return cases;
    }

    private void run(final Library library, final Case column, final Comparison comparison)
            throws IOException, InterruptedException {
        final List<String> lines = lines(
                library.jvmArguments(),
                List.of(
                        "run",
                        "--library=" + library.name(),
                        "--payload=" + column.payloadBytes(),
                        "--in-flight=" + column.inFlight(),
                        "--durability=" + column.durability(),
                        "--seconds=" + seconds,
                        "--warmup-seconds=" + warmupSeconds));
        final String line = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
        spec.commandLine().getErr().println(line.isEmpty() ? library.name() + " " + column + ": failed" : line);
        comparison.add(library, column, line);
    }

    private void limits(final int payloadBytes, final Comparison comparison) throws IOException, InterruptedException {
        final List<String> arguments = List.of(
                "limits",
                "--payload=" + payloadBytes,
                "--group=" + comparison.groups(payloadBytes),
                "--seconds=" + LIMIT_SECONDS,
                "--warmup-seconds=" + LIMIT_SECONDS);
        final List<String> lines = lines(List.of(), arguments);
        if (lines.isEmpty()) {
            comparison.addFailure("limits with " + payloadBytes + " B");
        }
        for (final String line : lines) {
            spec.commandLine().getErr().println(line);
            comparison.addLimit(line);
        }
    }

    /** The lines that this program prints in a new JVM; none if it fails, or takes too long and is killed. */
    private List<String> lines(final List<String> jvmArguments, final List<String> arguments)
            throws IOException, InterruptedException {
        final List<String> command = MemberProcess.java(jvmArguments);
        command.add(LoadTool.class.getName());
        command.addAll(arguments);
        if (directory != null) {
            command.add("--dir=" + directory);
        }
        final Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        child = process;
        final long withinS = START_AND_STOP_S + (long) (seconds + warmupSeconds);
        final Thread limit = new Thread(() -> killAfter(process, withinS), "limit");
        limit.setDaemon(true);
        limit.start();
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            final List<String> lines = reader.lines().toList();
            return process.waitFor() == 0 ? lines : List.of();
        }
    }

    private static void killAfter(final Process process, final long seconds) {
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (final InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void killChild() {
        if (child != null) {
            child.destroyForcibly();
        }
    }
}
