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
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code compare}: all libraries under the same loads, in turns, each run in a JVM of its own. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Runs every library of this build under every load, in turns, each run in a fresh JVM, and prints a"
                        + " table of medians, also as ratios to ours. Progress goes to standard error, as JSON.")
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

    @Spec
    private CommandSpec spec;

    @Option(names = "--rounds", defaultValue = "5", description = "Runs of each (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "15", description = "Counted in each run (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--warmup-seconds",
            defaultValue = "20",
            description = "Before that; with little in flight the compiler takes its time (default: ${DEFAULT-VALUE}).")
    private double warmupSeconds;

    @Option(names = "--libraries", split = ",", description = "Only these (default: all of this build).")
    private List<String> only;

    @Option(names = "--durability", description = "Only this: ${COMPLETION-CANDIDATES} (default: both).")
    private Durability durability;

    @Option(names = "--dir", paramLabel = "DIR", description = "On the disk that matters.")
    private Path directory;

    private Process child;

    Compare() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (rounds < 1 || rounds > ROUNDS_MAX) {
            throw new Misuse("--rounds must be 1.." + ROUNDS_MAX + ", not " + rounds);
        }
        LoadOptions.nanoseconds("--seconds", seconds);
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
        }
        spec.commandLine().getOut().print(comparison.table());
        spec.commandLine().getOut().flush();
        return 0;
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
        final List<String> command = MemberProcess.java(library.jvmArguments());
        command.addAll(List.of(
                LoadTool.class.getName(),
                "run",
                "--library=" + library.name(),
                "--payload=" + column.payloadBytes(),
                "--in-flight=" + column.inFlight(),
                "--durability=" + column.durability(),
                "--seconds=" + seconds,
                "--warmup-seconds=" + warmupSeconds));
        if (directory != null) {
            command.add("--dir=" + directory);
        }
        child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        final String line = lastLine(child, START_AND_STOP_S + (long) (seconds + warmupSeconds));
        spec.commandLine().getErr().println(line.isEmpty() ? library.name() + " " + column + ": failed" : line);
        comparison.add(library, column, line);
    }

    /** Of what the process prints; empty if it fails, or takes too long and is killed. */
    private static String lastLine(final Process process, final long withinS) throws IOException, InterruptedException {
        final Thread limit = new Thread(() -> killAfter(process, withinS), "limit");
        limit.setDaemon(true);
        limit.start();
        String last = "";
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last = line;
            }
        }
        return process.waitFor() == 0 ? last : "";
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
