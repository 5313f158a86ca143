package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How the program starts, refuses to start, and ends. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ProcessIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path dir;

    @Nested
    class Ending {
        @Test
        void sigterm_ends_each_replica_within_five_seconds() throws IOException {
            try (ServeCluster cluster = Clusters.start(dir, 3);
                    KvWriters load = new KvWriters(cluster, "load", 1)) {
                assertThat(Await.until(LIMIT, () -> load.acknowledged() > 20)).isTrue();
                for (final int id : cluster.ids()) {
                    cluster.replica(id).terminate(); // the last one has no quorum any more
                    assertThat(cluster.replica(id).awaitEnd(Duration.ofSeconds(5)))
                            .as(Clusters.outputs(cluster))
                            .isIn(0, 143);
                }
                load.stop();
                Clusters.startAll(cluster);
                assertThat(load.losses(1)).isEmpty();
            }
        }

        /** L18: hashicorp/raft #561. */
        @Test
        void a_replica_without_a_quorum_says_so_and_changes_nothing_by_a_lie() throws IOException {
            try (ServeCluster cluster = Clusters.start(dir, 3)) {
                final int leader = Clusters.leader(cluster);
                final int survivor = Clusters.others(cluster, leader).get(0);
                Clusters.others(cluster, survivor)
                        .forEach(id -> cluster.replica(id).kill());
                try (RespClient client = cluster.replica(survivor).connect()) {
                    assertThat(client.call("SET", "k", "v").text()).matches("(CLUSTERDOWN|UNKNOWN) .*");
                    assertThat(client.call("GET", "k").text()).startsWith("CLUSTERDOWN ");
                    assertThat(client.call("READONLY").text()).isEqualTo("OK");
                    assertThat(client.call("GET", "k").failed()).isFalse();
                    assertThat(client.call("PING").text()).isEqualTo("PONG");
                }
            }
        }

        @Test
        void the_demo_shows_what_it_promises() throws IOException {
            final Jar.Run run = Jar.run(Duration.ofMinutes(2), Jar.commandWithTemp(dir), "demo");

            System.out.println(run.out());
            assertThat(run.err()).isEmpty();
            assertThat(run.out()).contains("All is well");
            assertThat(run.exitCode()).isZero();
        }
    }

    @Nested
    class Refusing_to_start {
        private final List<Integer> ports;

        Refusing_to_start() throws IOException {
            ports = ServeCluster.freePorts(4);
        }

        private void refuses(final List<String> command, final List<String> arguments, final String... reasons)
                throws IOException {
            final Jar.Run run = Jar.run(LIMIT, command, arguments.toArray(new String[0]));

            assertThat(run.err()).contains(reasons);
            assertThat(run.err().lines().filter(line -> !line.contains("] INFO ")))
                    .as(run.err())
                    .hasSize(1);
            assertThat(run.out()).isEmpty();
            assertThat(run.exitCode()).isEqualTo(2);
        }

        private List<String> serve(final int id, final Path data, final int peerPort, final int respPort) {
            return List.of(
                    "serve",
                    "--id",
                    Integer.toString(id),
                    "--replicas",
                    id + "=127.0.0.1:" + peerPort,
                    "--resp",
                    "127.0.0.1:" + respPort,
                    "--data",
                    data.toString());
        }

        private ServeProcess start(final Path data) throws IOException {
            final List<String> arguments = serve(1, data, ports.get(0), ports.get(1));
            final ServeProcess process = new ServeProcess(
                    Jar.command(),
                    arguments.subList(1, arguments.size()),
                    Addresses.parse("--resp", "127.0.0.1:" + ports.get(1)),
                    dir.resolve("out"));
            process.start();
            assertThat(process.awaitReady(LIMIT, 1)).as(process.output()).isTrue();
            return process;
        }

        /** Leaves a log with some writes behind. */
        private Path usedData() throws IOException {
            final Path data = dir.resolve("data");
            try (ServeProcess process = start(data);
                    RespClient client = process.connect()) {
                for (int i = 0; i < 100; i++) {
                    assertThat(client.call("SET", "k" + i, "v").text()).isEqualTo("OK");
                }
                process.terminate();
                assertThat(process.awaitEnd(LIMIT)).isIn(0, 143);
            }
            return data;
        }

        @Test
        void a_port_for_clients_that_is_in_use() throws IOException {
            try (ServerSocket taken = new ServerSocket(0)) {
                refuses(
                        Jar.command(),
                        serve(1, dir.resolve("d"), ports.get(0), taken.getLocalPort()),
                        "127.0.0.1:" + taken.getLocalPort(),
                        "in use");
            }
        }

        @Test
        void a_port_for_replicas_that_is_in_use() throws IOException {
            try (ServerSocket taken = new ServerSocket(0)) {
                refuses(
                        Jar.command(),
                        serve(1, dir.resolve("d"), taken.getLocalPort(), ports.get(0)),
                        "127.0.0.1:" + taken.getLocalPort(),
                        "in use");
            }
        }

        @Test
        void a_directory_in_use_by_another_process() throws IOException {
            final Path data = dir.resolve("data");
            try (ServeProcess process = start(data)) {
                assertThat(process.alive()).isTrue();
                refuses(Jar.command(), serve(1, data, ports.get(2), ports.get(3)), data.toString(), "in use");
            }
        }

        /** L16: aeron #1533. */
        @Test
        void a_directory_of_another_replica_or_cluster() throws IOException {
            final Path data = usedData();

            refuses(Jar.command(), serve(2, data, ports.get(2), ports.get(3)), data.toString(), "replica 1");
            final List<String> otherCluster = new ArrayList<>(serve(1, data, ports.get(2), ports.get(3)));
            otherCluster.addAll(List.of("--cluster-id", "7"));
            refuses(Jar.command(), otherCluster, data.toString(), "cluster");
        }

        @Test
        void a_jvm_without_the_flags() throws IOException {
            refuses(
                    Jar.commandWithoutManifest(),
                    serve(1, dir.resolve("d"), ports.get(0), ports.get(1)),
                    "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                    "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED");
        }

        /** L15: ra #299; jgroups-raft, LogIntegrity: one line that names the file and what to do. */
        @Test
        void a_damaged_log() throws IOException {
            final Path data = usedData();
            final Path segment;
            try (Stream<Path> files = Files.walk(data)) {
                segment = files.filter(file -> file.toString().endsWith(".cq4"))
                        .sorted()
                        .findFirst()
                        .orElseThrow();
            }
            damage(segment);

            refuses(
                    Jar.command(),
                    serve(1, data, ports.get(2), ports.get(3)),
                    segment.getFileName().toString());
        }

        /** Overwrites bytes of a record in the middle: others that were acknowledged follow it. */
        private void damage(final Path segment) throws IOException {
            final byte[] bytes = Files.readAllBytes(segment);
            int at = -1;
            for (int i = 0; i + 3 < bytes.length && at < 0; i++) {
                if (bytes[i] == 'k' && bytes[i + 1] == '5' && bytes[i + 2] == '0') {
                    at = i;
                }
            }
            assertThat(at).as("where key k50 is in " + segment).isPositive();
            try (var channel = Files.newByteChannel(segment, StandardOpenOption.WRITE)) {
                channel.position(at).write(ByteBuffer.wrap(new byte[] {'X', 'Y'}));
            }
        }
    }
}
