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

/**
 * Three replicas under load, some or all of which are killed with SIGKILL.
 *
 * <p>{@code -Dpaxos.rounds=N}: how often all three. Fifty rounds, from the root of the project:
 * {@code mvn -B verify -pl examples -am -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=CrashIT
 * -Dfailsafe.failIfNoSpecifiedTests=false -Dpaxos.rounds=50}
 */
class CrashIT {
    private static final int ROUNDS = Integer.getInteger("paxos.rounds", 2);
    private static final int WRITERS_PER_REPLICA = 4;
    private static final Duration WRITES_GO_ON = Duration.ofSeconds(2);
    private static final long WARM_UP_WRITES = 1500;

    @TempDir
    private Path dir;

    @Test
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void writes_go_on_within_two_seconds_of_the_leaders_death_and_it_catches_up() throws IOException {
        try (ServeCluster cluster = Clusters.start(dir, 3);
                KvWriters load = new KvWriters(cluster, "load", WRITERS_PER_REPLICA)) {
            assertThat(awaitWrites(load, WARM_UP_WRITES)).isTrue();
            final int leader = Clusters.leader(cluster);
            final List<Integer> survivors = Clusters.others(cluster, leader);

            cluster.replica(leader).kill();
            final long killedNs = System.nanoTime();
            final boolean someInTime = Await.until(WRITES_GO_ON, () -> load.someWroteSince(killedNs));
            final long someMs = (System.nanoTime() - killedNs) / 1_000_000;
            assertThat(Await.until(Clusters.LIMIT, () -> load.wroteSince(killedNs, survivors)))
                    .as("every writer at a survivor goes on")
                    .isTrue();
            System.out.println("after the leader's death: first write acknowledged after " + someMs
                    + " ms, every writer at a survivor served after "
                    + (System.nanoTime() - killedNs) / 1_000_000 + " ms");
            assertThat(someInTime).isTrue();
            assertThat(load.refused(survivors))
                    .as("commands at a survivor that ran into their deadline")
                    .isZero();

            cluster.start(leader);
            assertThat(cluster.awaitReady(leader, Clusters.START_LIMIT)).isTrue();
            final long upNs = System.nanoTime();
            assertThat(Await.until(Clusters.LIMIT, () -> load.wroteSince(upNs, List.of(leader))))
                    .as("writers at the restarted replica go on")
                    .isTrue();
            load.stop();
            assertThat(cluster.awaitSameApplied(Clusters.LIMIT)).isTrue();
            for (final int id : cluster.ids()) {
                assertThat(load.losses(id)).as("seen by replica " + id).isEmpty();
            }
        }
    }

    @Test
    void every_acknowledged_write_survives_the_death_of_all_three() throws IOException {
        try (ServeCluster cluster = new ServeCluster(Jar.command(), dir, 3, List.of())) {
            Clusters.startAll(cluster);
            long checked = 0;
            for (int round = 1; round <= ROUNDS; round++) {
                final KvWriters load = new KvWriters(cluster, "round-" + round, WRITERS_PER_REPLICA);
                final boolean loaded = awaitWrites(load, WARM_UP_WRITES);
                cluster.killAll();
                load.stop();
                assertThat(loaded).as("round " + round + ": there was load").isTrue();

                Clusters.startAll(cluster);
                for (final int id : cluster.ids()) {
                    assertThat(load.losses(id))
                            .as("round " + round + ", seen by replica " + id)
                            .isEmpty();
                }
                checked += load.acknowledged();
            }
            System.out.println("killed all three " + ROUNDS + " times: " + checked + " acknowledged writes, none lost");
        }
    }

    private static boolean awaitWrites(final KvWriters load, final long writes) {
        final long target = load.acknowledged() + writes;
        return Await.until(Clusters.LIMIT, () -> load.acknowledged() >= target);
    }
}
