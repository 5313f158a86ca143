package io.paxos.benchmarks.load;

import io.paxos.log.Durability;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * The result of one run, for a line of JSON and a page of charts.
 *
 * @param mode {@code jvm} or {@code processes}
 * @param keeping told of replicas of ours alone
 * @param used by all processes of the run, within the window
 * @param traffic within the window
 */
record RunReport(
        Library library,
        String mode,
        int members,
        Durability durability,
        LoadSpec load,
        Keeping keeping,
        Measured measured,
        ProcessUsage used,
        Library.Traffic traffic) {
    JsonLine json() {
        final double seconds = measured.elapsedNs() / 1e9;
        final JsonLine json = new JsonLine()
                .text("library", library.name())
                .text("settings", library.settings())
                .text("mode", mode)
                .whole("members", members)
                .text("durability", durability.name().toLowerCase(Locale.ROOT))
                .text("durability_means", library.durabilityMeans(durability))
                .whole("payload_bytes", load.payloadBytes())
                .whole("in_flight", load.isOpen() ? 0 : load.inFlight())
                .whole("rate_per_s", load.ratePerS())
                .whole("read_percent", load.readPercent())
                .number("seconds", seconds, 3)
                .number("per_s", measured.perSecond(), 1);
        latencies(json, "", measured.writes());
        if (load.readPercent() > 0) {
            latencies(json, "read_", measured.reads());
        }
        usage(json);
        if (library instanceof PaxosLibrary) {
            json.whole("snapshot_bytes", keeping.snapshotBytes())
                    .whole("log_tail_bytes", keeping.logTailBytes())
                    .whole("log_budget_bytes", keeping.maxLogBytes())
                    .whole("state_bytes", keeping.stateBytes());
        }
        return json.whole("failed", measured.failed()).text("java", System.getProperty("java.version"));
    }

    private void usage(final JsonLine json) {
        final double operations = Math.max(1, measured.done());
        json.number("cpu_s", used.cpuNs() / 1e9, 2)
                .number("cpu_us_per_op", used.cpuNs() / 1e3 / operations, 3)
                .number("client_cpu_us_per_op", measured.clientCpuNs() / 1e3 / operations, 3)
                .number("others_cpu_s", Math.max(0, used.machineCpuNs() - used.cpuNs()) / 1e9, 2)
                .number("allocated_bytes_per_op", used.allocatedBytes() / operations, 2)
                .whole("gc_ms", used.collectMs());
        if (traffic.bytesSent() >= 0) {
            json.number("wire_bytes_per_op", traffic.bytesSent() / operations, 1)
                    .number("frames_per_op", traffic.framesSent() / operations, 4);
        }
        if (traffic.forces() >= 0) {
            json.number("forces_per_op", traffic.forces() / operations, 5);
        }
    }

    private static void latencies(final JsonLine json, final String prefix, final Histogram histogram) {
        json.number(prefix + "p50_us", histogram.getValueAtPercentile(50) / 1e3, 1)
                .number(prefix + "p90_us", histogram.getValueAtPercentile(90) / 1e3, 1)
                .number(prefix + "p99_us", histogram.getValueAtPercentile(99) / 1e3, 1)
                .number(prefix + "p999_us", histogram.getValueAtPercentile(99.9) / 1e3, 1)
                .number(prefix + "max_us", histogram.getMaxValue() / 1e3, 1);
    }
}
