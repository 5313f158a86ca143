package io.paxos.benchmarks.load;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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

    private final List<Library> libraries;
    private final List<Compare.Case> columns;
    private final Map<Cell, Map<Figure, List<Double>>> runs = new HashMap<>();

    Comparison(final List<Library> libraries, final List<Compare.Case> columns) {
        this.libraries = libraries;
        this.columns = columns;
    }

    /** Adds what a run has printed; nothing if it has failed. */
    void add(final Library library, final Compare.Case column, final String line) {
        final Map<String, Double> numbers = Json.numbers(line);
        for (final Figure figure : Figure.values()) {
            if (numbers.containsKey(figure.field)) {
                runs.computeIfAbsent(new Cell(library.name(), column), cell -> new EnumMap<>(Figure.class))
                        .computeIfAbsent(figure, f -> new ArrayList<>())
                        .add(numbers.get(figure.field));
            }
        }
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

    private String cell(final Library library, final Compare.Case column, final Figure figure) {
        final List<Double> values = values(library.name(), column, figure);
        if (values.isEmpty()) {
            return "failed";
        }
        final double median = Failover.median(values);
        final String spread = text(values.stream().min(Double::compare).orElseThrow()) + ".."
                + text(values.stream().max(Double::compare).orElseThrow());
        final List<Double> ours = values(PaxosLibrary.NAME, column, figure);
        final String ratio = ours.isEmpty() || Failover.median(ours) == 0
                ? ""
                : String.format(Locale.ROOT, " %.2fx", median / Failover.median(ours));
        return text(median) + " (" + spread + ")" + ratio;
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
