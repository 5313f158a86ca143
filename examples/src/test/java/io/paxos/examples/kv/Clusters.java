package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Clusters of the packaged program, up and led. */
final class Clusters {
    static final Duration START_LIMIT = Duration.ofSeconds(60);
    static final Duration LIMIT = Duration.ofSeconds(30);

    private Clusters() {}

    static ServeCluster start(final Path dir, final int size, final String... options) throws IOException {
        final ServeCluster cluster = new ServeCluster(Jar.command(), dir, size, List.of(options));
        try {
            startAll(cluster);
            return cluster;
        } catch (final AssertionError | IOException e) {
            cluster.close();
            throw e;
        }
    }

    /** Starts all replicas, for the first time or again, and waits until one leads. */
    static void startAll(final ServeCluster cluster) throws IOException {
        cluster.startAll();
        assertThat(cluster.awaitAllReady(START_LIMIT))
                .as(() -> "all replicas are up; they printed " + outputs(cluster))
                .isTrue();
        leader(cluster);
    }

    /** The leader. Fails if none is elected in time. */
    static int leader(final ServeCluster cluster) {
        return leader(cluster, cluster.ids());
    }

    static int leader(final ServeCluster cluster, final List<Integer> among) {
        return cluster.awaitLeader(among, LIMIT)
                .orElseThrow(() -> new AssertionError("no leader; they printed " + outputs(cluster)));
    }

    static List<Integer> others(final ServeCluster cluster, final int id) {
        return cluster.ids().stream().filter(other -> other != id).toList();
    }

    static String outputs(final ServeCluster cluster) {
        return cluster.ids().stream()
                .map(id -> id + ": " + cluster.replica(id).output())
                .toList()
                .toString();
    }

    /** Sends a signal, such as STOP or CONT. */
    static void signal(final ServeProcess process, final String signal) throws IOException {
        final Jar.Run run = Jar.run(LIMIT, List.of("kill", "-" + signal, Long.toString(process.pid())));
        assertThat(run.exitCode()).as(run.err()).isZero();
    }
}
