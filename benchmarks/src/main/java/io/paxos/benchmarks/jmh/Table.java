package io.paxos.benchmarks.jmh;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Turns the JSON that JMH writes into a page for people.
 *
 * <pre>{@code
 * java -cp benchmarks/target/jmh.jar io.paxos.benchmarks.jmh.Table jmh.json docs/performance-jmh.md "quiet machine"
 * }</pre>
 *
 * <p>Every benchmark of the jar must be in the JSON, with a score for each combination of its parameters; otherwise no
 * page is written and the exit code is 1. {@code -Dbenchmarks.include=REGEX} asks only for benchmarks whose names
 * match, as JMH's own argument does. Run it on the measured machine: the description of the machine is read here.
 */
public final class Table {
    private static final String INCLUDE = "benchmarks.include";
    private static final String COMMAND = """
            mvn -B -pl benchmarks -am package -DskipTests
            java -jar benchmarks/target/jmh.jar -prof gc -prof io.paxos.benchmarks.jmh.WorkerProfiler \\
                -rf json -rff jmh.json
            java -cp benchmarks/target/jmh.jar io.paxos.benchmarks.jmh.Table jmh.json docs/performance-jmh.md""";
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private Table() {}

    /** Arguments: the JSON file, the page to write, and an optional remark for the top of the page. */
    public static void main(final String[] arguments) throws IOException {
        final Pattern include = Pattern.compile(System.getProperty(INCLUDE, ".*"));
        System.exit(run(System.err, () -> ExpectedRow.ofThisJar(include), arguments));
    }

    /** Returns the exit code: 0 when the page was written, 1 when results are missing, 2 for wrong arguments. */
    static int run(final PrintStream err, final Supplier<List<ExpectedRow>> expected, final String... arguments)
            throws IOException {
        if (arguments.length < 2 || arguments.length > 3) {
            err.println("usage: Table <jmh.json> <page.md> [remark]");
            return 2;
        }
        final JsonArray runs;
        try (Reader reader = Files.newBufferedReader(Path.of(arguments[0]))) {
            runs = JsonParser.parseReader(reader).getAsJsonArray();
        }
        final List<ExpectedRow> rows = expected.get();
        final List<ExpectedRow> missing = missing(rows, runs);
        if (runs.isEmpty() || !missing.isEmpty()) {
            err.println(arguments[0] + " lacks " + missing.size() + " of " + rows.size() + " results: "
                    + missing.stream().map(ExpectedRow::text).collect(Collectors.joining(", "))
                    + "; these benchmarks failed or were not run: run them again and read what JMH prints, or name"
                    + " those that were run with -D" + INCLUDE + "=REGEX");
            return 1;
        }
        final String remark = arguments.length == 3 ? "\n" + arguments[2] + "\n" : "";
        Files.writeString(Path.of(arguments[1]), page(runs, remark));
        return 0;
    }

    /** The expected rows that the JSON does not have, or has without a score. */
    static List<ExpectedRow> missing(final List<ExpectedRow> expected, final JsonArray runs) {
        final Set<ExpectedRow> present = new HashSet<>();
        for (final JsonElement run : runs) {
            final JsonElement score =
                    run.getAsJsonObject().getAsJsonObject("primaryMetric").get("score");
            if (Double.isFinite(score.getAsDouble())) {
                present.add(ExpectedRow.of(run.getAsJsonObject()));
            }
        }
        return expected.stream().filter(row -> !present.contains(row)).toList();
    }

    private static String page(final JsonArray runs, final String remark) throws IOException {
        final Map<String, StringBuilder> sections = new TreeMap<>();
        for (final JsonElement element : runs) {
            final JsonObject run = element.getAsJsonObject();
            final String[] names = run.get("benchmark").getAsString().split("\\.", -1);
            sections.computeIfAbsent(names[names.length - 2], suite -> new StringBuilder())
                    .append(row(names[names.length - 1], run));
        }
        final StringBuilder page = new StringBuilder("# JMH results\n")
                .append(remark)
                .append("\n```\n")
                .append(COMMAND)
                .append("\n```\n\n")
                .append(conditions(runs.get(0).getAsJsonObject()))
                .append("The Javadoc of each suite names what it isolates. CPU is the processor time of the measuring"
                        + " thread, so 10^9 / CPU is the rate of one core. Bytes include set-up and tear-down within an"
                        + " iteration.\n");
        sections.forEach((suite, rows) -> page.append("\n## ")
                .append(suite)
                .append("\n\n| benchmark | parameters | score | ± 99.9 % | unit | CPU ns/op | gc.alloc.rate.norm B/op"
                        + " | of the thread B/op |\n|---|---|---:|---:|---|---:|---:|---:|\n")
                .append(rows));
        return page.toString();
    }

    private static String conditions(final JsonObject run) throws IOException {
        return "- Machine: " + Runtime.getRuntime().availableProcessors() + " x " + processor() + ", "
                + System.getProperty("os.name") + " " + System.getProperty("os.version") + "\n- JVM: "
                + run.get("vmName").getAsString() + " " + run.get("vmVersion").getAsString() + "\n- JMH "
                + run.get("jmhVersion").getAsString() + "; the first suite: " + run.get("forks") + " forks, "
                + run.get("warmupIterations") + " x " + run.get("warmupTime").getAsString() + " of warm-up, "
                + run.get("measurementIterations") + " x "
                + run.get("measurementTime").getAsString() + " measured\n\n";
    }

    private static String processor() throws IOException {
        if (!Files.isReadable(CPU_INFO)) {
            return System.getProperty("os.arch");
        }
        final Optional<String> model = Files.readAllLines(CPU_INFO).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst();
        return model.orElse(System.getProperty("os.arch"));
    }

    private static String row(final String name, final JsonObject run) {
        final JsonObject primary = run.getAsJsonObject("primaryMetric");
        final JsonObject secondary = run.getAsJsonObject("secondaryMetrics");
        return cells(List.of(
                name,
                parameters(run),
                number(primary.get("score")),
                number(primary.get("scoreError")),
                primary.get("scoreUnit").getAsString(),
                metric(secondary, "worker.cpu.norm"),
                metric(secondary, "gc.alloc.rate.norm"),
                metric(secondary, "worker.alloc.norm")));
    }

    private static String parameters(final JsonObject run) {
        if (!run.has("params")) {
            return "";
        }
        return run.getAsJsonObject("params").entrySet().stream()
                .map(parameter ->
                        parameter.getKey() + "=" + parameter.getValue().getAsString())
                .collect(Collectors.joining(" "));
    }

    private static String metric(final JsonObject metrics, final String name) {
        return metrics.has(name) ? number(metrics.getAsJsonObject(name).get("score")) : "";
    }

    /** JMH writes "NaN" for the error of a single measurement. */
    private static String number(final JsonElement element) {
        final double value = element.getAsDouble();
        if (Double.isNaN(value)) {
            return "";
        }
        return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%,.0f" : "%.2f", value);
    }

    private static String cells(final List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }
}
