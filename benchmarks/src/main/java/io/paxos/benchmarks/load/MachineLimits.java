package io.paxos.benchmarks.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code limits}: what this machine reaches without a replicated log; the figures to compare a run with. */
@Command(
        name = "limits",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Measures what the machine reaches without a replicated log: round trips and streams over loopback, and"
                        + " forces of groups of commands to disk. Prints one line of JSON for each.")
final class MachineLimits implements Callable<Integer> {
    static final String OVERWRITTEN = "overwrite_and_force_3_files_at_once";
    static final String APPENDED = "append_and_force_3_files_at_once";

    private static final int[] BATCHES = {1, 16, 256, 1024};
    private static final int FILE_BYTES = 64 << 20;

    /** One operation, to be repeated. */
    interface Operation {
        void run() throws IOException;
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--payload",
            defaultValue = "64",
            description = "Bytes of a message or record (default: ${DEFAULT-VALUE}).")
    private int payloadBytes;

    @Option(
            names = "--group",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,256,1024",
            description = "How many records are forced at once (default: ${DEFAULT-VALUE}).")
    private int[] groups;

    @Option(
            names = "--seconds",
            defaultValue = "4",
            description = "How long to measure each limit (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--warmup-seconds",
            defaultValue = "2",
            description = "How long to warm up before each (default: ${DEFAULT-VALUE}).")
    private double warmupSeconds;

    @Option(names = "--dir", paramLabel = "DIR", description = "A directory on the disk to measure.")
    private Path directory;

    /** {@code seconds} and {@code warmupSeconds}, checked; 0 before {@link #call}. */
    private long windowNs;

    private long warmupNs;

    MachineLimits() {}

    @Override
    public Integer call() throws IOException {
        windowNs = LoadOptions.nanoseconds("--seconds", seconds);
        warmupNs = LoadOptions.nanoseconds("--warmup-seconds", warmupSeconds);
        if (payloadBytes < Long.BYTES || payloadBytes > 1 << 20 || windowNs == 0) {
            throw new Misuse("--payload must be 8..1048576, and --seconds positive");
        }
        for (final int group : groups) {
            if (group < 1 || (long) group * payloadBytes > FILE_BYTES / 2) {
                throw new Misuse("--group must be 1.." + FILE_BYTES / 2 / payloadBytes + ", not " + group);
            }
        }
        final Path fresh = Directories.fresh(directory);
        ProcessUsage.now();
        pingPong(Loopback.Waiting.POLLING);
        pingPong(Loopback.Waiting.BLOCKING);
        for (final int batch : BATCHES) {
            stream(batch);
        }
        for (final int group : groups) {
            force(fresh, "overwrite_and_force_1_file", 1, true, group);
            force(fresh, OVERWRITTEN, 3, true, group);
            force(fresh, APPENDED, 3, false, group);
        }
        return 0;
    }

    private void pingPong(final Loopback.Waiting waiting) throws IOException {
        try (Loopback loopback = new Loopback(payloadBytes, waiting)) {
            loopback.startEcho();
            final String how = waiting.name().toLowerCase(Locale.ROOT);
            print(measure("loopback_round_trip_" + how, payloadBytes, loopback::roundTrip));
        }
    }

    private void stream(final int batch) throws IOException {
        try (Loopback loopback = new Loopback(batch * payloadBytes, Loopback.Waiting.BLOCKING)) {
            loopback.startSink();
            print(together(measure("loopback_stream", batch * payloadBytes, loopback::write), "messages", batch));
        }
    }

    /** Forces all files at once, each on its own thread; an operation ends when every file is forced. */
    private void force(
            final Path fresh, final String name, final int files, final boolean areOverwritten, final int group)
            throws IOException {
        final int bytes = group * payloadBytes;
        try (Forces forces = new Forces(fresh, files, bytes, FILE_BYTES, areOverwritten)) {
            print(together(measure(name, bytes, forces::writeAndForceAll), "commands", group));
        }
    }

    /** Adds how many messages or commands an operation has, and how many of them there are per second. */
    private static JsonLine together(final JsonLine json, final String what, final int count) {
        final double perS = JsonLine.numbers(json.toString()).get("per_s");
        return json.whole(what, count).number(what + "_per_s", perS * count, 0);
    }

    private void print(final JsonLine json) {
        spec.commandLine().getOut().println(json);
    }

    private JsonLine measure(final String name, final int bytes, final Operation operation) throws IOException {
        repeat(operation, warmupNs, new Histogram(TimeUnit.MINUTES.toNanos(1), 3));
        final Histogram took = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
        final ProcessUsage before = ProcessUsage.now();
        final long elapsedNs = repeat(operation, windowNs, took);
        final ProcessUsage used = ProcessUsage.now().since(before);
        return new JsonLine()
                .text("limit", name)
                .whole("bytes", bytes)
                .number("per_s", took.getTotalCount() * 1e9 / elapsedNs, 0)
                .number("p50_us", took.getValueAtPercentile(50) / 1e3, 1)
                .number("p90_us", took.getValueAtPercentile(90) / 1e3, 1)
                .number("p99_us", took.getValueAtPercentile(99) / 1e3, 1)
                .number("max_us", took.getMaxValue() / 1e3, 1)
                .number("others_cpu_s", Math.max(0, used.machineCpuNs() - used.cpuNs()) / 1e9, 2);
    }

    private static long repeat(final Operation operation, final long durationNs, final Histogram took)
            throws IOException {
        final long startNs = System.nanoTime();
        long beforeNs = startNs;
        while (beforeNs - startNs < durationNs) {
            operation.run();
            final long nowNs = System.nanoTime();
            took.recordValue(nowNs - beforeNs);
            beforeNs = nowNs;
        }
        return beforeNs - startNs;
    }
}
