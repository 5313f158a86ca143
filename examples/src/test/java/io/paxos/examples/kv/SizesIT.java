package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clusters of other sizes than three. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class SizesIT {
    @TempDir
    private Path dir;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5})
    void each_size_works_and_outlives_the_death_of_a_minority(final int size) throws IOException {
        try (ServeCluster cluster = Clusters.start(dir, size)) {
            for (final int id : cluster.ids()) {
                try (RespClient client = cluster.replica(id).connect()) {
                    assertThat(client.call("INCR", "n").text()).isEqualTo(Integer.toString(id));
                }
            }
            assertThat(cluster.info(1)).containsEntry("members", Integer.toString(size));
            assertThat(cluster.awaitSameApplied(Clusters.LIMIT)).isTrue();

            killMinority(cluster, (size - 1) / 2);
            final List<Integer> alive = cluster.ids().stream()
                    .filter(id -> cluster.replica(id).alive())
                    .toList();
            Clusters.leader(cluster, alive);
            assertThat(Await.until(Clusters.LIMIT, () -> setAndGet(cluster, alive.get(0))))
                    .isTrue();
        }
    }

    private static void killMinority(final ServeCluster cluster, final int count) {
        for (int i = 0; i < count; i++) {
            final List<Integer> alive = cluster.ids().stream()
                    .filter(id -> cluster.replica(id).alive())
                    .toList();
            cluster.replica(Clusters.leader(cluster, alive)).kill();
        }
    }

    private static boolean setAndGet(final ServeCluster cluster, final int id) {
        try (RespClient client = cluster.replica(id).connect()) {
            return client.call("SET", "k", "v").text().equals("OK")
                    && client.call("GET", "k").text().equals("v");
        } catch (final IOException e) {
            return false;
        }
    }
}
