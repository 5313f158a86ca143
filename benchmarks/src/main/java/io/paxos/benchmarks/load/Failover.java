package io.paxos.benchmarks.load;

import io.paxos.log.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code failover}: how long nothing is chosen after the leader's process was killed; or, as a soak, how often a
 * healthy leader is replaced.
 */
@Command(
        name = "failover",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Kills the leader's process (SIGKILL) under load, once per round, and measures the time until a command"
                        + " that was due after the kill is chosen. Each replica has a client of its own.")
final class Failover implements Callable<Integer> {
    /** The width of one time step of the plot. */
    static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final List<Integer> MEMBERS = List.of(1, 2, 3);
    private static final long DAY_NS = TimeUnit.DAYS.toNanos(1);
    private static final int TUNED_HEARTBEAT_MS = 7;
    private static final int TUNED_PATIENCE = 6;
    private static final double BEFORE_KILL_S = 0.5;
    private static final double AFTER_KILL_S = 2;
    private static final int ROUNDS_MAX = 1000;

    @Spec
    private CommandSpec spec;

    @Option(names = "--rounds", defaultValue = "10", description = "How many kills (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--rate",
            defaultValue = "1000",
            description = "Commands per second and client, by the clock (default: ${DEFAULT-VALUE}).")
    private long ratePerS;

    @Option(
            names = "--settle-seconds",
            defaultValue = "3",
            description = "How long to wait between a restart and the next kill (default: ${DEFAULT-VALUE}).")
    private double settleSeconds;

    @Option(
            names = "--tuned",
            description = "A heartbeat every 7 ms, of which 6 may be missed (default: as the library).")
    private boolean tuned;

    @Option(names = "--heartbeat-ms", description = "The interval between heartbeats (default: as the library).")
    private Integer heartbeatMs;

    @Option(names = "--patience", description = "How many heartbeats may be missed (default: as the library).")
    private Integer patience;

    @Option(
            names = "--durability",
            defaultValue = "sync",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Durability durability;

    @Option(
            names = "--soak-minutes",
            description =
                    "Kills nothing; loads the leader for so long with --in-flight commands, and counts elections.")
    private Double soakMinutes;

    @Option(
            names = "--in-flight",
            defaultValue = "1024",
            description = "Commands in flight in the soak (default: ${DEFAULT-VALUE}).")
    private int inFlight;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where to make a directory for the logs: on the disk to measure"
                    + " (default: that for temporary files).")
    private Path directory;

    @Option(
            names = "--plot",
            paramLabel = "FILE.html",
            description = "Draws throughput over time and around each kill.")
    private Path plot;

    Failover() {}

    @Override
    public Integer call() throws IOException {
        final PaxosMember.Options options = options();
        final long settleNs = LoadOptions.nanoseconds("--settle-seconds", settleSeconds);
        final LoadSpec load = soakMinutes == null
                ? new LoadSpec(64, 1, ratePerS, 0, 0, DAY_NS)
                : new LoadSpec(64, inFlight, 0, 0, 0, LoadOptions.nanoseconds("--soak-minutes", soakMinutes * 60));
        if (rounds < 1 || rounds > ROUNDS_MAX || ratePerS < 1) {
            throw new Misuse("--rounds must be 1.." + ROUNDS_MAX + " and --rate at least 1");
        }
        Page.requireWritable(plot);
        try (ProcessCluster cluster = new ProcessCluster(MEMBERS, Directories.fresh(directory), options)) {
            spec.commandLine()
                    .getOut()
                    .println(soakMinutes == null ? rounds(cluster, load, settleNs) : soak(cluster, load));
        }
        return 0;
    }

    private PaxosMember.Options options() {
        final int beat = heartbeatMs != null ? heartbeatMs : tuned ? TUNED_HEARTBEAT_MS : 0;
        final int missed = patience != null ? patience : tuned ? TUNED_PATIENCE : 0;
        if (beat < 0 || missed < 0) {
            throw new Misuse("--heartbeat-ms and --patience must be positive");
        }
        return new PaxosMember.Options(durability, TimeUnit.MILLISECONDS.toNanos(beat), missed);
    }

    private JsonLine rounds(final ProcessCluster cluster, final LoadSpec load, final long settleNs) throws IOException {
        final List<Double> tookMs = new ArrayList<>();
        final List<Long> killsNs = new ArrayList<>();
        cluster.members().forEach(id -> cluster.tell(id, load.line()));
        for (int round = 0; round < rounds; round++) {
            cluster.listen(settleNs);
            cluster.forget();
            final int victim = cluster.awaitLeader();
            final long killedNs = cluster.killLeader();
            final String watch = "watch " + System.nanoTime(); // the leader is dead: what is due from now on is new
            cluster.members().forEach(id -> cluster.tell(id, watch));
            killsNs.add(killedNs);
            tookMs.add((cluster.await("first").number(2) - killedNs) / 1e6);
            cluster.start(victim);
            cluster.await("up");
            cluster.tell(victim, load.line());
        }
        cluster.listen(settleNs);
        final JsonLine json = describe("failover")
                .whole("rate_per_s_and_client", ratePerS)
                .whole("rounds", rounds)
                .number("median_ms", median(tookMs), 1)
                .number("min_ms", tookMs.stream().min(Double::compare).orElseThrow(), 1)
                .number("max_ms", tookMs.stream().max(Double::compare).orElseThrow(), 1)
                .text(
                        "all_ms",
                        tookMs.stream()
                                .map(took -> String.format(Locale.ROOT, "%.0f", took))
                                .collect(Collectors.joining(" ")));
        draw(cluster.ticks(), killsNs, json);
        return json;
    }

    private JsonLine soak(final ProcessCluster cluster, final LoadSpec load) {
        final int before = cluster.elections();
        cluster.tell(cluster.awaitLeader(), load.line());
        cluster.listen(load.windowNs());
        cluster.await("measured");
        final long replies =
                cluster.ticks().values().stream().mapToLong(Long::longValue).sum();
        final JsonLine json = describe("soak")
                .whole("in_flight", inFlight)
                .number("minutes", load.windowNs() / 6e10, 2)
                .whole("false_elections", cluster.elections() - before)
                .number("per_s", replies * 1e9 / load.windowNs(), 1);
        draw(cluster.ticks(), List.of(), json);
        return json;
    }

    private JsonLine describe(final String test) {
        return new JsonLine()
                .text("test", test)
                .text("library", PaxosLibrary.NAME)
                .text("durability", durability.name().toLowerCase(Locale.ROOT))
                .text(
                        "settings",
                        tuned || heartbeatMs != null || patience != null
                                ? "heartbeat " + options().heartbeatNs() / 1_000_000 + " ms, patience "
                                        + options().patience() + " (0: default)"
                                : "defaults");
    }

    static double median(final List<Double> values) {
        final List<Double> sorted = values.stream().sorted().toList();
        final int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }

    private void draw(final SortedMap<Long, Long> ticks, final List<Long> killsNs, final JsonLine json) {
        if (plot == null) {
            return;
        }
        if (ticks.isEmpty()) {
            throw new IllegalStateException("no command was chosen, so there is nothing to draw into " + plot);
        }
        final long first = ticks.firstKey();
        final long[] counts = new long[(int) (ticks.lastKey() - first) + 1];
        for (final Map.Entry<Long, Long> tick : ticks.entrySet()) {
            counts[(int) (tick.getKey() - first)] = tick.getValue();
        }
        final double tickS = TICK_NS / 1e9;
        final Chart chart = Chart.linear(
                        "Throughput over time", Axis.linear("time, s", 0, counts.length * tickS), "commands per second")
                .line("all clients together", Page.rates(counts, tickS));
        for (final long killNs : killsNs) {
            chart.mark((killNs - first * TICK_NS) / 1e9, "the leader is killed");
        }
        final Page page = new Page("Failover").chart(chart);
        if (!killsNs.isEmpty()) {
            page.chart(aroundKills(counts, first, killsNs));
        }
        page.table(json).write(plot);
    }

    /** All kills in one chart. The gap is the time in which nothing was chosen. The peak after it is what waited. */
    private static Chart aroundKills(final long[] counts, final long first, final List<Long> killsNs) {
        final double tickS = TICK_NS / 1e9;
        final List<List<Chart.Point>> lines = new ArrayList<>();
        for (final long killNs : killsNs) {
            final List<Chart.Point> points = new ArrayList<>();
            for (int i = 0; i < counts.length; i++) {
                final double sinceS = ((first + i + 0.5) * TICK_NS - killNs) / 1e9;
                if (sinceS >= -BEFORE_KILL_S && sinceS <= AFTER_KILL_S) {
                    points.add(new Chart.Point(sinceS, counts[i] / tickS));
                }
            }
            lines.add(points);
        }
        return Chart.logarithmic(
                        "Throughput around each kill",
                        Axis.linear("time since the kill, s", -BEFORE_KILL_S, AFTER_KILL_S),
                        "commands per second")
                .lines("one line per kill, all clients together", lines)
                .mark(0, "the leader is killed");
    }
}
