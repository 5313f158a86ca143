package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three replicas in good health, as clients see them. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ServiceIT {
    private static final Duration TOOL_LIMIT = Duration.ofSeconds(60);

    @TempDir
    private static Path dir;

    private static ServeCluster cluster;

    @BeforeAll
    static void start() throws IOException {
        cluster = Clusters.start(dir, 3);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void each_replica_says_in_one_line_that_it_is_up() {
        for (final int id : cluster.ids()) {
            assertThat(cluster.replica(id).output().lines())
                    .filteredOn(line -> !line.contains("] INFO ")) // elections and members come and go beside it
                    .containsExactly("replica " + id + " is up: resp "
                            + RespServer.text(cluster.replica(id).resp()) + ", peers "
                            + cluster.peer(id) + ", data " + dir.resolve("replica-" + id) + ", durability sync");
        }
    }

    @Test
    void each_replica_takes_every_command_and_sees_what_the_others_wrote() throws IOException {
        int count = 0;
        for (final int id : cluster.ids()) {
            try (RespClient client = cluster.replica(id).connect()) {
                assertThat(client.call("SET", "from-" + id, "v" + id).text()).isEqualTo("OK");
                assertThat(client.call("INCR", "shared").text()).isEqualTo(Integer.toString(++count));
            }
            for (final int other : cluster.ids()) {
                try (RespClient client = cluster.replica(other).connect()) {
                    assertThat(client.call("GET", "from-" + id).text()).isEqualTo("v" + id);
                    assertThat(client.call("GET", "shared").text()).isEqualTo(Integer.toString(count));
                }
            }
        }
    }

    @Test
    void without_load_all_have_applied_the_same_within_a_second() throws IOException {
        try (RespClient client = cluster.replica(2).connect()) {
            for (int i = 0; i < 500; i++) {
                client.send("SET", "applied-" + i, "v");
            }
            for (int i = 0; i < 500; i++) {
                assertThat(client.receive().text()).isEqualTo("OK");
            }
        }

        assertThat(cluster.awaitSameApplied(Duration.ofSeconds(1))).isTrue();
    }

    @Test
    void info_names_one_leader_on_all_replicas() {
        final String leader = Integer.toString(Clusters.leader(cluster));

        assertThat(Await.until(
                        Clusters.LIMIT,
                        () -> cluster.ids().stream()
                                .allMatch(id -> leader.equals(cluster.info(id).get("leader_id")))))
                .isTrue();
        for (final int id : cluster.ids()) {
            assertThat(cluster.info(id))
                    .containsEntry("role", leader.equals(Integer.toString(id)) ? "leader" : "follower")
                    .containsEntry("durability", "sync")
                    .containsEntry("members", "3")
                    .containsEntry("epoch", "1")
                    .containsEntry("fault", "")
                    .containsKeys("ballot", "chosen", "applied");
        }
    }

    @Test
    void a_large_value_goes_through_the_log_and_the_network() throws IOException {
        final String value = "v".repeat(KvLimits.ARGUMENT_BYTES_MAX);
        final String half = "v".repeat(KvLimits.REQUEST_BYTES_MAX / 2 - 100);
        try (RespClient client = cluster.replica(1).connect();
                RespClient other = cluster.replica(3).connect()) {
            assertThat(client.call("SET", "large", value).text()).isEqualTo("OK");
            assertThat(other.call("GET", "large").text()).isEqualTo(value);
            assertThat(other.call("MSET", "half-1", half, "half-2", half).text())
                    .isEqualTo("OK");
            assertThat(client.call("MGET", "half-1", "half-2").text())
                    .isEqualTo(List.of(half, half).toString());
        }
    }

    @Test
    void redis_cli_works_against_each() throws IOException {
        Tools.require("redis-cli");
        for (final int id : cluster.ids()) {
            final String port = Integer.toString(cluster.replica(id).resp().getPort());
            assertThat(cli(port, "set", "cli", "v" + id)).isEqualTo("OK");
            assertThat(cli(port, "get", "cli")).isEqualTo("v" + id);
            assertThat(cli(port, "set", "cli", "w", "IFEQ", "x")).isEmpty();
            assertThat(cli(port, "mget", "cli", "none")).isEqualTo("v" + id);
            assertThat(cli(port, "--scan", "--pattern", "cli")).isEqualTo("cli");
            assertThat(cli(port, "info", "paxos")).contains("# paxos", "role:");
        }
    }

    private static String cli(final String port, final String... words) throws IOException {
        final Jar.Run run = Jar.run(TOOL_LIMIT, List.of("redis-cli", "-p", port), words);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.out().strip();
    }

    @Test
    void redis_benchmark_runs_without_an_error_against_each() throws IOException {
        Tools.require("redis-benchmark");
        for (final int id : cluster.ids()) {
            final String port = Integer.toString(cluster.replica(id).resp().getPort());
            for (final String pipeline : List.of("1", "16")) {
                final Jar.Run run = Jar.run(
                        TOOL_LIMIT,
                        List.of("redis-benchmark", "-p", port),
                        "-t",
                        "set,get,incr",
                        "-n",
                        "2000",
                        "-q",
                        "-P",
                        pipeline);

                assertThat(run.exitCode()).as(run.err()).isZero();
                assertThat(run.err()).isEmpty();
                assertThat(run.out()).contains("SET", "GET", "INCR").doesNotContainIgnoringCase("err", "warn");
            }
        }
    }
}
