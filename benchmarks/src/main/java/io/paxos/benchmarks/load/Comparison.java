package io.paxos.benchmarks.load;

import io.paxos.log.Durability;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The runs of all libraries, and the table that they make: medians, and how many times ours that is. */
final class Comparison {
    /** What is compared, as the field of a run's line is called. */
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

    /** What the machine can do: with so many bytes in one operation. */
    private record Limit(String name, int bytes) {}

    private static final int MEMBERS = 3; // each forces what it is sent

    private final List<Library> libraries;
    private final List<Compare.Case> columns;
    private final Map<Cell, Map<Figure, List<Double>>> runs = new HashMap<>();
    private final Map<Compare.Case, Integer> groups = new LinkedHashMap<>(); // forced at once, by ours
    private final Map<Limit, Map<String, List<Double>>> limits = new LinkedHashMap<>();

    Comparison(final List<Library> libraries, final List<Compare.Case> columns) {
        this.libraries = libraries;
        this.columns = columns;
    }

    /** Adds what a run has printed; nothing if it has failed. */
    void add(final Library library, final Compare.Case column, final String line) {
        final Map<String, Double> numbers = JsonLine.numbers(line);
        if (library.name().equals(PaxosLibrary.NAME) && column.durability() == Durability.SYNC && !line.isEmpty()) {
            groups.computeIfAbsent(column, c -> (int) Math.max(1, Math.round(MEMBERS / numbers.get("forces_per_op"))));
        }
        for (final Figure figure : Figure.values()) {
            if (numbers.containsKey(figure.field)) {
                runs.computeIfAbsent(new Cell(library.name(), column), cell -> new EnumMap<>(Figure.class))
                        .computeIfAbsent(figure, f -> new ArrayList<>())
                        .add(numbers.get(figure.field));
            }
        }
    }

    /** How many commands of this size ours has forced at once in its first runs, as an argument of {@code limits}. */
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

    /** In Markdown; a cell is {@code median (least..most) ratio}. */
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
        append(table, "%nWhat has happened when a reply arrives:%n%n");
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

    /** How much of what raw files take at the same size of a force. */
    private void appendShare(final StringBuilder table, final Compare.Case column, final int group, final String name) {
        final Map<String, List<Double>> limit = limits.get(new Limit(name, group * column.payloadBytes()));
        if (limit != null) {
            final double most = Failover.median(limit.get("commands_per_s"));
            append(
                    table,
                    "- %s: ours is %.0f %% of %s commands/s, by %s, %,d commands each%n",
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

    /** The median, the least and the most. */
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
