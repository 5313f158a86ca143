package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a client cannot do to a process, and what a process says when it has no memory. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ClientBoundsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path dir;

    /** F35: the store outgrows the heap, and no half of the process goes on. */
    @Test
    void a_process_without_memory_ends_with_one_line_and_an_exit_code() throws IOException {
        try (ServeCluster cluster = new ServeCluster(Jar.commandWithHeap("48m"), dir, 1, List.of())) {
            Clusters.startAll(cluster);
            final String value = "v".repeat(400_000);
            try (RespClient client = cluster.replica(1).connect()) {
                for (int i = 0; i < 500; i++) {
                    client.call("SET", "k" + i, value);
                }
            } catch (final IOException e) {
                assertThat(cluster.replica(1).awaitEnd(LIMIT)).as(e.toString()).isEqualTo(1);
            }

            assertThat(cluster.replica(1).output().lines().filter(line -> line.startsWith("paxos-kv: ")))
                    .singleElement()
                    .satisfies(line -> assertThat(line).contains("out of memory", "-Xmx"));
        }
    }

    /** F45: the deadline of each call is an option. */
    @Test
    void a_replica_without_a_quorum_answers_by_the_deadline_that_it_was_given() throws IOException {
        try (ServeCluster cluster = Clusters.start(dir, 3, "--timeout-ms", "300")) {
            final int survivor =
                    Clusters.others(cluster, Clusters.leader(cluster)).get(0);
            Clusters.others(cluster, survivor).forEach(id -> cluster.replica(id).kill());
            try (RespClient client = cluster.replica(survivor).connect()) {
                final long beganNs = System.nanoTime();
                for (int i = 0; i < 3; i++) {
                    assertThat(client.call("SET", "k", "v").text()).matches("(CLUSTERDOWN|UNKNOWN) .*");
                }
                assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(Duration.ofSeconds(5));
            }
        }
    }

    /** F45: at the default deadline of 5 s. F26: an operator reads of elections, and of members that come and go. */
    @Test
    void a_replica_that_knows_that_no_quorum_is_there_refuses_at_once_and_shows_no_leader() throws IOException {
        try (ServeCluster cluster = Clusters.start(dir, 3)) {
            final int leader = Clusters.leader(cluster);
            Clusters.others(cluster, leader).forEach(id -> cluster.replica(id).kill());
            try (RespClient client = cluster.replica(leader).connect()) {
                assertThat(Await.until(
                                LIMIT, () -> "0".equals(cluster.info(leader).get("leader_id"))))
                        .isTrue();
                final long beganNs = System.nanoTime();
                for (int i = 0; i < 3; i++) {
                    assertThat(client.call("SET", "k", "v").text()).startsWith("CLUSTERDOWN not executed: no quorum");
                    assertThat(client.call("GET", "k").text()).contains("no quorum is connected");
                }
                assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(Duration.ofSeconds(2));
                assertThat(cluster.info(leader))
                        .containsEntry("role", "follower")
                        .containsEntry("connected", "1")
                        .containsEntry("ready", "0");
                assertThat(cluster.replica(leader).output())
                        .containsSubsequence(
                                "answers, after ", " leads in ballot ", " is ready", " does not answer any")
                        .contains(" is not ready: no quorum is connected: 1 of 3 members answer");
            }
        }
    }
}
