package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the kernel sees of a follower while writes are acknowledged one by one.
 *
 * <p>A cluster of two, so that the follower's vote is needed for every write.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DurabilityIT {
    private static final int WRITES = 20;

    /** A system call that ends on this line, with its time of writing and how long it took. */
    private static final Pattern SYNC = Pattern.compile(
            "(\\d+\\.\\d+) (?:<\\.\\.\\. )?(?:fdatasync|fsync|msync|sync_file_range)\\b.*= 0 <(\\d+\\.\\d+)>");

    @TempDir
    private Path dir;

    /** From before the request was sent to after its answer was there, in seconds since 1970. */
    private record Span(double from, double through) {}

    /** L2: sofa-jraft #1245, seen from outside. */
    @Test
    void in_sync_mode_a_follower_forces_before_each_answer() throws IOException {
        try (ServeCluster cluster = Clusters.start(dir, 2)) {
            final Path trace = dir.resolve("trace");
            final List<Span> writes = traceWrites(cluster, trace);
            final List<Double> syncs = syncs(trace);

            for (final Span write : writes) {
                assertThat(syncs)
                        .as("a force ends between request and answer")
                        .anyMatch(endS -> endS >= write.from && endS <= write.through);
            }
        }
    }

    @Test
    void in_replicated_mode_it_forces_nothing_on_the_way() throws IOException {
        try (ServeCluster cluster = Clusters.start(dir, 2, "--durability", "replicated")) {
            final Path trace = dir.resolve("trace");
            final List<Span> writes = traceWrites(cluster, trace);
            final List<Double> syncs = syncs(trace);

            // A force in the background may fall into a write or two, but no write waits for one.
            final long touched = writes.stream()
                    .filter(write -> syncs.stream().anyMatch(endS -> endS >= write.from && endS <= write.through))
                    .count();
            assertThat(touched).isLessThanOrEqualTo(2);
            assertThat(cluster.info(1)).containsEntry("durability", "replicated");
        }
    }

    private static List<Span> traceWrites(final ServeCluster cluster, final Path trace) throws IOException {
        Tools.require("strace");
        final int leader = Clusters.leader(cluster);
        final long follower =
                cluster.replica(Clusters.others(cluster, leader).get(0)).pid();
        final Process strace = new ProcessBuilder(
                        "strace",
                        "-f",
                        "-ttt",
                        "-T",
                        "-e",
                        "trace=fdatasync,fsync,msync,sync_file_range",
                        "-o",
                        trace.toString(),
                        "-p",
                        Long.toString(follower))
                .redirectErrorStream(true)
                .redirectOutput(Files.createTempFile(trace.getParent(), "strace", ".out")
                        .toFile())
                .start();
        try (RespClient client = cluster.replica(leader).connect()) {
            awaitAttached(strace, follower);
            final List<Span> writes = new ArrayList<>();
            for (int i = 0; i < WRITES; i++) {
                final double fromS = nowS();
                assertThat(client.call("SET", "k" + i, "v").text()).isEqualTo("OK");
                writes.add(new Span(fromS, nowS()));
            }
            return writes;
        } finally {
            strace.destroy();
            await(strace);
        }
    }

    /** The kernel names the tracer of each thread in its status. */
    private static void awaitAttached(final Process strace, final long pid) {
        final boolean attached = Await.until(Duration.ofSeconds(10), () -> !strace.isAlive() || traced(pid));
        if (!attached || !strace.isAlive()) {
            Tools.missing("strace cannot attach to a process here (ptrace is not allowed): this test shows nothing");
        }
    }

    private static boolean traced(final long pid) {
        try (var tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return tasks.allMatch(task -> {
                try {
                    return !Files.readString(task.resolve("status")).contains("TracerPid:\t0\n");
                } catch (final IOException e) {
                    return true; // a thread that has just ended
                }
            });
        } catch (final IOException e) {
            return false;
        }
    }

    private static void await(final Process process) {
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (final InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static double nowS() {
        final Instant now = Instant.now();
        return now.getEpochSecond() + now.getNano() / 1e9;
    }

    /** When each force ended. A call on one line is stamped with its start, one that is resumed with its end. */
    private static List<Double> syncs(final Path trace) throws IOException {
        final List<Double> ends = new ArrayList<>();
        for (final String line : Files.readAllLines(trace)) {
            final Matcher matcher = SYNC.matcher(line);
            if (matcher.find()) {
                final double stampS = Double.parseDouble(matcher.group(1));
                ends.add(line.contains("resumed") ? stampS : stampS + Double.parseDouble(matcher.group(2)));
            }
        }
        return ends;
    }
}
