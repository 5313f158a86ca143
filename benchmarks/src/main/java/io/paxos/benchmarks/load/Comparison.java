package io.paxos.benchmarks.load;

import io.paxos.log.Durability;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The runs of all libraries, and the table of their medians and of the ratios of these to ours. */
final class Comparison {
    /** What is compared; {@code field} is its name in the line of a run. */
    private enum Figure {
        THROUGHPUT("per_s", "operations/s"),
        MEDIAN("p50_us", "p50, us"),
        TAIL("p99_us", "p99, us"),
        ALLOCATION("allocated_bytes_per_op", "allocated bytes/operation"),
        CPU("cpu_us_per_op", "CPU, us/operation");

        private final String field;
        private final String title;

        Figure(final String field, final String title) {
            this.field = field;
            this.title = title;
        }
    }

    private record Cell(String library, Compare.Case column) {}

    /** A limit of the machine, measured with so many bytes per operation. */
    private record Limit(String name, int bytes) {}

    private static final int MEMBERS = 3; // each forces what it receives

    private final List<Library> libraries;
    private final List<Compare.Case> columns;

    /** One value per successful run. */
    private final Map<Cell, Map<Figure, List<Double>>> runs = new HashMap<>();

    /** How many commands our first successful run forced at once; only for loads with {@code SYNC}. */
    private final Map<Compare.Case, Integer> groups = new LinkedHashMap<>();

    /** One value per round, by the field of the line. */
    private final Map<Limit, Map<String, List<Double>>> limits = new LinkedHashMap<>();

    /** How often each run failed; a run that never failed is not in it. */
    private final Map<String, Integer> failures = new LinkedHashMap<>();

    Comparison(final List<Library> libraries, final List<Compare.Case> columns) {
        this.libraries = libraries;
        this.columns = columns;
    }

    /** Adds the line that a run printed. A line that lacks a figure, such as an empty one, counts as a failed run. */
    void add(final Library library, final Compare.Case column, final String line) {
        final Map<String, Double> numbers = JsonLine.numbers(line);
        if (!Arrays.stream(Figure.values()).allMatch(figure -> numbers.containsKey(figure.field))) {
            addFailure(library.name() + " " + column);
            return;
        }
        if (library.name().equals(PaxosLibrary.NAME) && column.durability() == Durability.SYNC) {
            groups.computeIfAbsent(column, c -> (int) Math.max(1, Math.round(MEMBERS / numbers.get("forces_per_op"))));
        }
        for (final Figure figure : Figure.values()) {
            runs.computeIfAbsent(new Cell(library.name(), column), cell -> new EnumMap<>(Figure.class))
                    .computeIfAbsent(figure, f -> new ArrayList<>())
                    .add(numbers.get(figure.field));
        }
    }

    /** Adds a run that gave no result. */
    void addFailure(final String run) {
        failures.merge(run, 1, Integer::sum);
    }

    /** The runs that failed, each with how often; empty if none did. */
    String failures() {
        return failures.entrySet().stream()
                .map(failure -> failure.getKey() + " (" + failure.getValue() + " of its rounds)")
                .collect(Collectors.joining(", "));
    }

    /** How many commands of this size our first runs forced at once, as an argument of {@code limits}. */
    String groups(final int payloadBytes) {
        final String forced = groups.entrySet().stream()
                .filter(group -> group.getKey().payloadBytes() == payloadBytes)
                .map(group -> String.valueOf(group.getValue()))
                .distinct()
                .collect(Collectors.joining(","));
        return forced.isEmpty() ? "1" : forced;
    }

    /** Adds one line of {@code limits}. */
    void addLimit(final String line) {
        final Map<String, Double> numbers = JsonLine.numbers(line);
        final Limit limit =
                new Limit(JsonLine.textIn(line, "limit"), numbers.get("bytes").intValue());
        numbers.forEach((field, number) -> limits.computeIfAbsent(limit, l -> new HashMap<>())
                .computeIfAbsent(field, f -> new ArrayList<>())
                .add(number));
    }

    /** The table in Markdown. A cell is {@code median (least..most) ratio}. */
    String table() {
        final StringBuilder table = new StringBuilder();
        for (final Figure figure : Figure.values()) {
            append(table, "%n| %s |", figure.title);
            columns.forEach(column -> append(table, " %s |", column));
            append(table, "%n|---|%s%n", "---|".repeat(columns.size()));
            for (final Library library : libraries) {
                append(table, "| %s |", library.name());
                columns.forEach(column -> append(table, " %s |", cell(library, column, figure)));
                append(table, "%n");
            }
        }
        appendLimits(table);
        if (!failures.isEmpty()) {
            append(table, "%n**Failed and not in this table: %s.**%n", failures());
        }
        append(table, "%nWhat a reply means:%n%n");
        for (final Library library : libraries) {
            columns.stream()
                    .map(Compare.Case::durability)
                    .distinct()
                    .forEach(how -> append(
                            table,
                            "- %s, %s: %s%n",
                            library.name(),
                            how.name().toLowerCase(Locale.ROOT),
                            library.durabilityMeans(how)));
            append(table, "- %s settings: %s%n", library.name(), library.settings());
        }
        return table.toString();
    }

    private void appendLimits(final StringBuilder table) {
        append(table, "%n| limit | bytes | operations/s | p50, us |%n|---|---|---|---|%n");
        limits.forEach((limit, numbers) -> append(
                table,
                "| %s | %,d | %s | %s |%n",
                limit.name(),
                limit.bytes(),
                spread(numbers.get("per_s")),
                spread(numbers.get("p50_us"))));
        append(table, "%n");
        groups.forEach((column, group) -> List.of(MachineLimits.OVERWRITTEN, MachineLimits.APPENDED)
                .forEach(name -> appendShare(table, column, group, name)));
    }

    /** Our throughput as a share of what plain files reach when each force takes the same number of commands. */
    private void appendShare(final StringBuilder table, final Compare.Case column, final int group, final String name) {
        final Map<String, List<Double>> limit = limits.get(new Limit(name, group * column.payloadBytes()));
        if (limit != null) {
            final double most = Failover.median(limit.get("commands_per_s"));
            append(
                    table,
                    "- %s: ours is %.0f %% of the %s commands/s of %s with %,d commands per force%n",
                    column,
                    100 * Failover.median(values(PaxosLibrary.NAME, column, Figure.THROUGHPUT)) / most,
                    text(most),
                    name,
                    group);
        }
    }

    private String cell(final Library library, final Compare.Case column, final Figure figure) {
        final List<Double> values = values(library.name(), column, figure);
        if (values.isEmpty()) {
            return "failed";
        }
        final double median = Failover.median(values);
        final List<Double> ours = values(PaxosLibrary.NAME, column, figure);
        final String ratio = ours.isEmpty() || Failover.median(ours) == 0
                ? ""
                : String.format(Locale.ROOT, " %.2fx", median / Failover.median(ours));
        return spread(values) + ratio;
    }

    /** The median, the lowest and the highest value. */
    private static String spread(final List<Double> values) {
        return text(Failover.median(values)) + " ("
                + text(values.stream().min(Double::compare).orElseThrow()) + ".."
                + text(values.stream().max(Double::compare).orElseThrow()) + ")";
    }

    private List<Double> values(final String library, final Compare.Case column, final Figure figure) {
        return runs.getOrDefault(new Cell(library, column), Map.of()).getOrDefault(figure, List.of());
    }

    private static String text(final double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.1f" : "%,.0f", value);
    }

    private static void append(final StringBuilder table, final String format, final Object... arguments) {
        table.append(String.format(Locale.ROOT, format, arguments));
    }
}
