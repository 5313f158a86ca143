package io.paxos.benchmarks.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code limits}: what this machine can do at best, without any of us; what a run is to be compared with. */
@Command(
        name = "limits",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures what the machine itself can do: loopback round trips, streams, and forces to disk."
                + " One line of JSON for each.")
final class Limits implements Callable<Integer> {
    private static final int[] BATCHES = {1, 16, 256, 1024};
    private static final int PREALLOCATED_BYTES = 64 << 20;

    /** One operation, to be repeated. */
    interface Operation {
        void run() throws IOException;
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--payload",
            defaultValue = "64",
            description = "Of a message or record (default: ${DEFAULT-VALUE}).")
    private int payloadBytes;

    @Option(names = "--seconds", defaultValue = "4", description = "For each (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--warmup-seconds", defaultValue = "2", description = "Before each (default: ${DEFAULT-VALUE}).")
    private double warmupSeconds;

    @Option(names = "--dir", paramLabel = "DIR", description = "On the disk that matters.")
    private Path directory;

    private long windowNs;
    private long warmupNs;

    Limits() {}

    @Override
    public Integer call() throws IOException {
        windowNs = LoadOptions.nanoseconds("--seconds", seconds);
        warmupNs = LoadOptions.nanoseconds("--warmup-seconds", warmupSeconds);
        if (payloadBytes < Long.BYTES || payloadBytes > 1 << 20 || windowNs == 0) {
            throw new Misuse("--payload must be 8..1048576, and --seconds positive");
        }
        final Path fresh = Directories.fresh(directory);
        Usage.now();
        pingPong(Loopback.Waiting.POLLING);
        pingPong(Loopback.Waiting.BLOCKING);
        for (final int batch : BATCHES) {
            stream(batch);
        }
        append(fresh, 1, payloadBytes);
        append(fresh, 3, payloadBytes);
        append(fresh, 1, 256 * payloadBytes);
        append(fresh, 3, 256 * payloadBytes);
        return 0;
    }

    private void pingPong(final Loopback.Waiting waiting) throws IOException {
        try (Loopback loopback = new Loopback(payloadBytes, waiting)) {
            loopback.startEcho();
            timed(
                    "loopback_round_trip_" + waiting.name().toLowerCase(java.util.Locale.ROOT),
                    payloadBytes,
                    loopback::roundTrip);
        }
    }

    private void stream(final int batch) throws IOException {
        try (Loopback loopback = new Loopback(batch * payloadBytes, Loopback.Waiting.BLOCKING)) {
            loopback.startSink();
            final Json json =
                    measure("loopback_stream", payloadBytes, loopback::write).whole("messages_per_write", batch);
            json.number("messages_per_s", Json.numbers(json.toString()).get("per_s") * batch, 0);
            spec.commandLine().getOut().println(json);
        }
    }

    /** All files at once, each by a thread of its own; an operation is over when every one has been forced. */
    private void append(final Path fresh, final int files, final int bytes) throws IOException {
        try (Forces forces = new Forces(fresh, files, bytes, PREALLOCATED_BYTES)) {
            timed(
                    "append_and_force_" + files + (files == 1 ? "_file" : "_files_at_once"),
                    bytes,
                    forces::appendAndForceAll);
        }
    }

    private void timed(final String name, final int bytes, final Operation operation) throws IOException {
        spec.commandLine().getOut().println(measure(name, bytes, operation));
    }

    private Json measure(final String name, final int bytes, final Operation operation) throws IOException {
        repeat(operation, warmupNs, new Histogram(TimeUnit.MINUTES.toNanos(1), 3));
        final Histogram took = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
        final Usage before = Usage.now();
        final long elapsedNs = repeat(operation, windowNs, took);
        final Usage used = Usage.now().since(before);
        return new Json()
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
