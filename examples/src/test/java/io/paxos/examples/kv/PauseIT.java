package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A leader that is paused, not dead. When it goes on, it still has the role leader. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PauseIT {
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final int CONNECTIONS = 8;

    @TempDir
    private Path dir;

    /** L20: tikv #10011, sofa-jraft #34. */
    @Test
    void a_leader_that_was_stopped_for_five_seconds_serves_no_stale_read() throws IOException {
        try (ServeCluster cluster = Clusters.start(dir, 3)) {
            final int old = Clusters.leader(cluster);
            final List<Integer> others = Clusters.others(cluster, old);
            final List<RespClient> readers = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                final RespClient reader = new RespClient(cluster.replica(old).resp(), Duration.ofSeconds(20));
                assertThat(reader.call("SET", "k", "old").text()).isEqualTo("OK");
                readers.add(reader);
            }

            Clusters.signal(cluster.replica(old), "STOP");
            final long stoppedNs = System.nanoTime();
            final int next = Clusters.leader(cluster, others);
            assertThat(next).isNotEqualTo(old);
            assertThat(Await.until(Clusters.LIMIT, () -> set(cluster, next, "new")))
                    .isTrue();
            for (final RespClient reader : readers) {
                reader.send("GET", "k"); // waits in the socket of the sleeper, and is the first that it reads
            }
            Await.elapse(PAUSE.minusNanos(System.nanoTime() - stoppedNs));
            Clusters.signal(cluster.replica(old), "CONT");

            int fresh = 0;
            for (final RespClient reader : readers) {
                fresh += fresh(reader.receive());
                for (int i = 0; i < 20; i++) {
                    fresh += fresh(reader.call("GET", "k"));
                }
                reader.close();
            }
            assertThat(fresh).as("it does serve reads again").isPositive();
            assertThat(cluster.awaitSameApplied(Clusters.LIMIT)).isTrue();
        }
    }

    /** 1 for the new value, 0 for an error. Anything else fails the test. */
    private static int fresh(final RespReply reply) {
        if (reply.failed()) {
            assertThat(reply.text()).startsWith("CLUSTERDOWN");
            return 0;
        }
        assertThat(reply.text()).isEqualTo("new");
        return 1;
    }

    private static boolean set(final ServeCluster cluster, final int id, final String value) {
        try (RespClient client = cluster.replica(id).connect()) {
            return client.call("SET", "k", value).text().equals("OK");
        } catch (final IOException e) {
            return false;
        }
    }
}
