package io.paxos.benchmarks.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** A page of charts and numbers, in one file without references to others. */
final class Page {
    private static final String STYLE = """
            body{font:15px/1.4 system-ui,sans-serif;margin:1.5rem auto;max-width:900px;padding:0 1rem;color:#222;
            background:#fff}svg{width:100%;height:auto;margin:.5rem 0}text{font-size:12px;fill:#555}
            .title{font-size:14px;fill:#222}.grid{stroke:#e2e2e2}polyline{fill:none;stroke-width:1.6}
            .c0{--c:#1f6feb}.c1{--c:#c4441c}.c2{--c:#1a7f4b}.c3{--c:#8a3ffc}.line polyline{stroke:var(--c)}
            .line line{stroke:var(--c);stroke-width:2.5}.mark line{stroke:#777;stroke-dasharray:4 3}
            .legend text{fill:#222}
            table{border-collapse:collapse}td{padding:.1rem 1rem .1rem 0;vertical-align:top}
            @media(prefers-color-scheme:dark){body{background:#15171a;color:#ddd}text{fill:#aaa}
            .title,.legend text{fill:#ddd}
            .grid{stroke:#33373d}.c0{--c:#6cb0ff}.c1{--c:#ff8f66}.c2{--c:#5fd39a}.c3{--c:#c39bff}}""";

    /** The last percentile that is drawn, in nines: 99.999 %. */
    private static final int NINES = 5;

    private static final int STEPS_PER_NINE = 20;

    private final String title;
    private final List<String> parts = new ArrayList<>();

    Page(final String title) {
        this.title = title;
    }

    /** Writes the page of one run: latency by percentile, throughput over time, and the numbers. */
    static void write(final Path file, final RunReport report) {
        final Measured measured = report.measured();
        final Chart latency = Chart.logarithmic("Latency by percentile", nines(), "latency, us")
                .line("commands", percentiles(measured.writes()));
        if (measured.reads().getTotalCount() > 0) {
            latency.line("reads", percentiles(measured.reads()));
        }
        final double bucketS = measured.bucketNs() / 1e9;
        final Chart throughput = Chart.linear(
                        "Throughput over time",
                        Axis.linear("time, s", 0, Math.max(1, measured.timeline().length) * bucketS),
                        "operations per second")
                .line("operations", rates(measured.timeline(), bucketS))
                .mark(measured.windowStartNs() / 1e9, "counted from here");
        new Page("Load: " + report.library().name())
                .chart(latency)
                .chart(throughput)
                .table(report.json())
                .write(file);
    }

    Page chart(final Chart chart) {
        parts.add(chart.svg());
        return this;
    }

    Page table(final JsonLine json) {
        final StringBuilder table = new StringBuilder("<table>\n");
        for (final Map.Entry<String, String> field : json.fields().entrySet()) {
            table.append("<tr><td>")
                    .append(field.getKey().replace('_', ' '))
                    .append("</td><td>")
                    .append(field.getValue()
                            .replace("\"", "")
                            .replace("&", "&amp;")
                            .replace("<", "&lt;"))
                    .append("</td></tr>\n");
        }
        parts.add(table.append("</table>\n").toString());
        return this;
    }

    void write(final Path file) {
        final String page = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width\"><title>" + title + "</title><style>\n" + STYLE
                + "</style></head><body><h1>" + title + "</h1>\n" + String.join("", parts) + "</body></html>\n";
        try {
            Files.writeString(file, page);
        } catch (final IOException e) {
            throw new Misuse("cannot write --plot " + file + " (" + e + "); name a file in a directory that exists");
        }
    }

    /** Checks before the run that the page can be written after it. */
    static void requireWritable(final Path file) {
        if (file != null && !Files.isWritable(file.toAbsolutePath().getParent())) {
            throw new Misuse("cannot write --plot " + file + "; name a file in a directory that exists");
        }
    }

    /** Percentiles, spaced by the nines that they have: 90 % at 1, 99 % at 2. */
    private static Axis nines() {
        return new Axis(
                "percentile",
                0,
                NINES,
                false,
                List.of(
                        new Axis.Tick(0, "0 %"),
                        new Axis.Tick(1, "90 %"),
                        new Axis.Tick(2, "99 %"),
                        new Axis.Tick(3, "99.9 %"),
                        new Axis.Tick(4, "99.99 %"),
                        new Axis.Tick(NINES, "99.999 %")));
    }

    /** The rate in each bucket, at the middle of its time. */
    static List<Chart.Point> rates(final long[] counts, final double bucketS) {
        final List<Chart.Point> points = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            points.add(new Chart.Point((i + 0.5) * bucketS, counts[i] / bucketS));
        }
        return points;
    }

    private static List<Chart.Point> percentiles(final Histogram histogram) {
        final List<Chart.Point> points = new ArrayList<>();
        for (int i = 0; i <= NINES * STEPS_PER_NINE; i++) {
            final double nines = (double) i / STEPS_PER_NINE;
            final double percentile = 100 * (1 - Math.pow(10, -nines));
            points.add(new Chart.Point(nines, histogram.getValueAtPercentile(percentile) / 1e3));
        }
        return points;
    }
}
