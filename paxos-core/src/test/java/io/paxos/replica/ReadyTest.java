package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.ManualLog;
import io.paxos.Replica;
import io.paxos.ReplicaListener;
import io.paxos.Status;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whether a replica can serve, who waits for that, and what an operator sees of the members. */
class ReadyTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

    private final List<String> told = new ArrayList<>();
    private final LockstepCluster cluster = new LockstepCluster(3, builder -> {});

    /** F25: the status and the listener say whether a replica can serve, and if not, why. */
    @Test
    void a_replica_is_ready_when_it_has_a_leader_and_says_why_it_is_not() throws InterruptedException {
        final LockstepCluster heard = new LockstepCluster(
                3,
                builder -> builder.listener(new ReplicaListener() {
                    @Override
                    public void onReady(final boolean isReady, final String reason) {
                        told.add(isReady + " " + reason);
                    }
                }));
        final Replica replica = heard.replicas.get(2);
        assertThat(replica.status().isReady()).isFalse();
        assertThat(replica.awaitReady(0)).isFalse();
        heard.until(() -> heard.replicas.stream().allMatch(one -> one.status().isReady()));
        assertThat(replica.awaitReady(0)).isTrue();
        assertThat(told).containsOnly("true null").hasSize(3);

        heard.isCut[2] = true;
        heard.until(() -> heard.nowNs() > 10_000 * MS);
        assertThat(replica.status().notReady()).isEqualTo("no quorum is connected: 1 of 3 members answer");
        assertThat(replica.awaitReady(0)).isFalse();
        assertThat(told.get(3)).startsWith("false no ");

        replica.close();
        assertThat(replica.status().notReady()).isEqualTo("was closed");
    }

    /** F25: an election that does not end is told apart from a quorum that is missing. */
    @Test
    void a_quorum_without_a_leader_is_not_ready() {
        cluster.logs.forEach(ManualLog::freeze);
        cluster.until(() -> cluster.replicas.get(0).status().connected() == 3);
        assertThat(cluster.replicas.get(0).status().notReady())
                .isEqualTo("no leader: 3 of 3 members answer, and none of them leads");
    }

    /** F25: a thread that waits goes on when the replica is ready, and when it never will be. */
    @Test
    void a_thread_that_waits_for_it_goes_on_when_it_is_ready_and_when_it_is_closed() throws InterruptedException {
        final List<Boolean> results = new ArrayList<>();
        final Replica replica = cluster.replicas.get(1);
        final Thread waiting = waiting(replica, results);
        cluster.until(() -> replica.status().isReady());
        waiting.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(results).containsExactly(true);

        cluster.isCut[1] = true;
        cluster.until(() -> !replica.status().isReady());
        final Thread inVain = waiting(replica, results);
        replica.close();
        inVain.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(results).containsExactly(true, false);
    }

    private static Thread waiting(final Replica replica, final List<Boolean> results) {
        final Thread thread = new Thread(() -> {
            try {
                results.add(replica.awaitReady(TimeUnit.SECONDS.toNanos(60)));
            } catch (final InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        thread.start();
        return thread;
    }

    /** F25: as other waits are. */
    @Test
    void a_callback_that_would_wait_for_its_own_replica_is_refused() {
        final List<Throwable> thrown = new ArrayList<>();
        final LockstepCluster alone = new LockstepCluster(3, builder -> {});
        final Replica replica = alone.replicas.get(0);
        final var unused = replica.submit(LockstepCluster.number(1))
                .thenAccept(
                        outcome -> { // in the turn in which it is cut off
                            try {
                                replica.awaitReady(1);
                            } catch (final IllegalStateException | InterruptedException e) {
                                thrown.add(e);
                            }
                        });
        alone.isCut[0] = true;
        alone.until(() -> !thrown.isEmpty());
        assertThat(thrown).singleElement().satisfies(e -> assertThat(e).hasMessageContaining("wait for itself"));
    }

    /** F26: members by name, whether each answers, and by how much it is behind. */
    @Test
    void the_status_names_the_members_and_how_far_each_is_behind() {
        cluster.until(
                () -> cluster.replicas.stream().allMatch(one -> one.status().isReady()));
        final Replica leader = cluster.leader();
        final int away = leader.status().id() % 3;
        cluster.isCut[away] = true;
        for (int i = 0; i < 5; i++) {
            final var written = leader.submit(LockstepCluster.number(1));
            cluster.until(written::isDone);
        }
        cluster.until(() -> leader.status().connected() == 2);
        final List<Status.Member> members = leader.status().memberList();
        assertThat(members).extracting(Status.Member::id).containsExactly(1, 2, 3);
        assertThat(members.get(away).isConnected()).isFalse();
        assertThat(members.get(away).behindSlots()).isGreaterThanOrEqualTo(5);
        assertThat(members.get(leader.status().id() - 1))
                .isEqualTo(new Status.Member(leader.status().id(), true, 0, 0));
    }

    /** F26: one warning after 5 s, one after 10, one after 20 and so on. */
    @Test
    void a_member_out_of_reach_is_warned_of_at_a_bounded_rate() {
        cluster.until(
                () -> cluster.replicas.stream().allMatch(one -> one.status().isReady()));
        cluster.isCut[2] = true;
        final List<String> lines = warnings(() -> {
            final long untilNs = cluster.nowNs() + 41_000 * MS;
            cluster.until(() -> cluster.nowNs() > untilNs);
        });
        assertThat(lines.stream().filter(line -> line.contains("WARN") && line.contains("replica 1: replica 3 ")))
                .hasSize(4)
                .first()
                .asString()
                .contains("replica 3 has been out of reach for 5 s; 2 of 3 members answer");
    }

    /** F6: settings that do not fit the round trip are named with what to set. */
    @Test
    void a_round_trip_longer_than_patience_is_told_once_with_what_to_set() {
        final LockstepCluster slow = new LockstepCluster(3, builder -> builder.heartbeatIntervalNs(10 * MS));
        slow.delayNs(2, 20 * MS); // each way
        final List<String> lines = warnings(() -> slow.until(() -> slow.nowNs() > 5_000 * MS));
        final Replica replica = slow.replicas.get(0);
        assertThat(replica.status().roundTripAlarm())
                .startsWith("answers of replica 3 take up to 40 ms, which is no less than the patience of 3 heartbeats"
                        + " of 10 ms: set heartbeatIntervalNs to 20 ms or more");
        assertThat(lines.stream().filter(line -> line.contains("replica 1: answers of replica 3")))
                .hasSize(1);
        assertThat(replica.status().memberList().get(2).roundTripRounds()).isEqualTo(3);

        slow.delayNs(2, 0);
        slow.until(() -> slow.nowNs() > 6_000 * MS);
        assertThat(replica.status().roundTripAlarm()).isNull();
    }

    /** What is logged meanwhile, a line each. */
    private static List<String> warnings(final Runnable work) {
        final PrintStream before = System.err;
        final ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
        try {
            work.run();
        } finally {
            System.setErr(before);
        }
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
