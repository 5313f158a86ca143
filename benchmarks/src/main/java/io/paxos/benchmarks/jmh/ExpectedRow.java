package io.paxos.benchmarks.jmh;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * One row that the table must have: a benchmark with one value for each of its parameters.
 *
 * <p>JMH leaves a benchmark that failed out of its JSON, and exits with 0. So what should be there is read from the
 * list of benchmarks that JMH's annotation processor puts into the jar.
 *
 * @param benchmark class and method, as in JMH's JSON
 * @param parameters value by name; empty if the benchmark has none
 */
record ExpectedRow(String benchmark, SortedMap<String, String> parameters) {
    /** Every row that a run of the benchmarks matching {@code include} produces, in the order of the jar's list. */
    static List<ExpectedRow> ofThisJar(final Pattern include) {
        final List<ExpectedRow> rows = new ArrayList<>();
        for (final BenchmarkListEntry entry : BenchmarkList.defaultList()
                .find(
                        OutputFormatFactory.createFormatInstance(System.err, VerboseMode.SILENT),
                        List.of(include.pattern()),
                        List.of())) {
            final Map<String, String[]> parameters = entry.getParams().orElse(Map.of());
            rows.addAll(of(entry.getUsername(), parameters));
        }
        return rows;
    }

    /** One row per combination of the values. Example: {a: [1, 2], b: [x]} gives (a=1, b=x) and (a=2, b=x). */
    static List<ExpectedRow> of(final String benchmark, final Map<String, String[]> parameters) {
        List<ExpectedRow> rows = List.of(new ExpectedRow(benchmark, new TreeMap<>()));
        for (final Map.Entry<String, String[]> parameter : parameters.entrySet()) {
            final List<ExpectedRow> longer = new ArrayList<>();
            for (final ExpectedRow row : rows) {
                for (final String value : parameter.getValue()) {
                    longer.add(row.with(parameter.getKey(), value));
                }
            }
            rows = longer;
        }
        return rows;
    }

    /** The row that one run of the JSON makes. */
    static ExpectedRow of(final JsonObject run) {
        final SortedMap<String, String> parameters = new TreeMap<>();
        if (run.has("params")) {
            run.getAsJsonObject("params")
                    .entrySet()
                    .forEach(parameter -> parameters.put(
                            parameter.getKey(), parameter.getValue().getAsString()));
        }
        return new ExpectedRow(run.get("benchmark").getAsString(), parameters);
    }

    private ExpectedRow with(final String parameter, final String value) {
        final SortedMap<String, String> longer = new TreeMap<>(parameters);
        longer.put(parameter, value);
        return new ExpectedRow(benchmark, longer);
    }

    /** As in the table: class and method without the package, then the parameters. */
    String text() {
        final int method = benchmark.lastIndexOf('.');
        final String name = benchmark.substring(benchmark.lastIndexOf('.', method - 1) + 1);
        return parameters.entrySet().stream()
                .map(parameter -> " " + parameter.getKey() + "=" + parameter.getValue())
                .collect(Collectors.joining("", name, ""));
    }
}
