package io.paxos.testkit.sim;

import static io.paxos.testkit.sim.ScenarioCluster.MS;
import static io.paxos.testkit.sim.ScenarioCluster.SECOND;
import static io.paxos.testkit.sim.ScenarioCluster.choose;
import static io.paxos.testkit.sim.ScenarioCluster.other;
import static io.paxos.testkit.sim.ScenarioCluster.started;
import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Read;
import io.paxos.Status;
import io.paxos.testkit.sim.schedule.Situation;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scenarios with partitions, crashes and failures of disks. The simulator checks all of its rules meanwhile. */
class ScenarioTest {
    @Nested
    class Partitions {
        @Test
        void a_leader_cut_off_from_the_majority_chooses_nothing() {
            final SimCluster cluster = started(3);
            final int old = cluster.leader();
            cluster.network().isolate(old);
            final long lost = cluster.submitTo(old);
            assertThat(cluster.runUntil(() -> cluster.leader() != old, SECOND)).isTrue();
            choose(cluster, cluster.leader());
            cluster.runFor(SECOND);
            assertThat(cluster.isAcknowledged(lost)).isFalse();
            assertThat(cluster.executed(old)).doesNotContain(lost);
            cluster.heal().converge();
        }

        /**
         * L9: hashicorp/raft #411; Cloudflare, the outage of 2 November 2020: a leader whose messages arrive but
         * that has no majority.
         */
        @Test
        void quorum_loss__the_only_member_connected_to_a_majority_takes_over() {
            final SimCluster cluster = started(5);
            final int hub = other(cluster, cluster.leader());
            cluster.network().star(hub);
            assertThat(cluster.runUntil(() -> cluster.agreedLeader() == hub, 2 * SECOND))
                    .isTrue();
            for (int id = 1; id <= 5; id++) {
                choose(cluster, id);
            }
        }

        /** L9: jgroups-raft, ELECTION2: a connection to a majority counts more than a long log. */
        @Test
        void constrained_election__the_hub_takes_over_though_it_knows_less() {
            final SimCluster cluster = started(5);
            final int old = cluster.leader();
            final int hub = other(cluster, old);
            cluster.network().isolate(hub);
            for (int i = 0; i < 50; i++) {
                choose(cluster, old);
            }
            assertThat(cluster.status(hub).chosenThrough()).isLessThan(cluster.chosenThrough());
            cluster.network().mendAll();
            cluster.network().star(hub);
            cluster.network().isolate(old);
            assertThat(cluster.runUntil(() -> cluster.leader() == hub, 2 * SECOND))
                    .isTrue();
            for (int id = 1; id <= 5; id++) {
                if (id != old) {
                    choose(cluster, id);
                }
            }
            cluster.heal().converge();
        }

        /**
         * L9: Cloudflare, the outage of 2 November 2020; hashicorp/raft #411: two leaders that depose each other
         * without end.
         */
        @Test
        void chain__a_member_cut_off_from_the_leader_does_not_campaign_while_its_neighbour_is_connected() {
            final SimCluster cluster = started(3);
            final int leader = cluster.leader();
            final int far = other(cluster, leader);
            final long ballot = cluster.status(leader).ballot();
            cluster.network().cutBoth(leader, far);
            cluster.runFor(2 * SECOND);
            assertThat(cluster.leader()).isEqualTo(leader);
            assertThat(cluster.status(leader).ballot()).isEqualTo(ballot);
            choose(cluster, far);
        }

        /** L9: Hoverbear/old-raft-rs #27: a member that can send but not receive deposes no leader. */
        @Test
        void a_member_cut_off_in_one_direction_stops_nobody() {
            for (int id = 1; id <= 3; id++) {
                final SimCluster deaf = started(3);
                final SimCluster mute = started(3);
                for (int other = 1; other <= 3; other++) {
                    if (other != id) {
                        deaf.network().cut(other, id);
                        mute.network().cut(id, other);
                    }
                }
                choose(deaf.runFor(SECOND), 1 + id % 3);
                choose(mute.runFor(SECOND), 1 + id % 3);
                deaf.heal().converge();
                mute.heal().converge();
            }
        }

        @Test
        void a_majority_goes_on_and_a_minority_does_not() {
            final SimCluster cluster = started(5);
            cluster.network().split(1, 2);
            cluster.runFor(SECOND);
            choose(cluster, 3);
            final long lost = cluster.submitTo(1);
            cluster.runFor(2 * SECOND);
            assertThat(cluster.isOpen(lost)).isFalse();
            assertThat(cluster.isAcknowledged(lost)).isFalse();
            cluster.heal().converge();
        }

        @Test
        void candidates_that_duel_on_a_slow_network_agree_when_it_is_well_again() {
            long duels = 0;
            for (int seed = 1; seed <= 6; seed++) {
                final SimCluster cluster =
                        Setup.of(5).networkJitterNs(8 * MS).seed(seed).start();
                cluster.network().loses(200_000);
                for (int i = 0; i < 100; i++) {
                    cluster.submitTo(1 + i % 5);
                    cluster.runFor(20 * MS);
                }
                cluster.heal().converge();
                duels += cluster.situations().count(Situation.DUEL);
            }
            assertThat(duels).isPositive();
        }
    }

    @Nested
    class Crashes {
        @Test
        void a_leader_may_die_at_every_point_of_its_duty_cycle() {
            int died = 0;
            for (int points = 1; points <= 120; points++) {
                final SimCluster cluster = started(3);
                final int leader = cluster.leader();
                cluster.crashAfter(leader, points);
                cluster.submitTo(leader);
                cluster.submitTo(other(cluster, leader));
                cluster.runFor(200 * MS);
                died += cluster.isUp(leader) ? 0 : 1;
                cluster.heal().converge();
            }
            assertThat(died).isEqualTo(120);
        }

        @Test
        void a_candidate_may_die_at_every_point_of_its_duty_cycle() {
            for (int points = 1; points <= 60; points++) {
                final SimCluster cluster = Setup.of(3).seed(points).start();
                for (int id = 1; id <= 3; id++) {
                    cluster.crashAfter(id, points + 20 * id);
                }
                cluster.runFor(200 * MS).heal().converge();
            }
        }

        @Test
        void what_was_appended_and_not_forced_may_be_gone_after_a_restart() {
            final SimCluster cluster = started(3);
            final int follower = other(cluster, cluster.leader());
            cluster.disk(follower).freeze();
            for (int i = 0; i < 10; i++) {
                choose(cluster, cluster.leader());
            }
            assertThat(cluster.disk(follower).unforced()).isPositive();
            cluster.crash(follower).heal().converge();
            assertThat(cluster.situations().count(Situation.CRASH_BETWEEN_APPEND_AND_FORCE))
                    .isPositive();
            assertThat(cluster.executed(follower)).hasSizeGreaterThanOrEqualTo(10);
        }

        @Test
        void all_die_at_once_and_nothing_acknowledged_is_lost() {
            final SimCluster cluster = started(3);
            for (int round = 0; round < 20; round++) {
                for (int i = 0; i < 10; i++) {
                    cluster.submitTo(1 + i % 3);
                }
                cluster.runFor(round * MS / 10);
                cluster.crash(1)
                        .crash(2)
                        .crash(3)
                        .restart(1)
                        .restart(2)
                        .restart(3)
                        .converge();
            }
            assertThat(cluster.acknowledged()).isGreaterThan(60);
        }

        @Test
        void a_follower_that_was_away_catches_up() {
            final SimCluster cluster = started(3);
            final int follower = other(cluster, cluster.leader());
            cluster.crash(follower);
            for (int i = 0; i < 500; i++) {
                choose(cluster, cluster.leader());
            }
            cluster.restart(follower);
            final long target = cluster.chosenThrough();
            assertThat(cluster.runUntil(() -> cluster.status(follower).appliedThrough() >= target, SECOND))
                    .isTrue();
            cluster.converge();
        }

        /** L20: tikv #10011, sofa-jraft #34. */
        @Test
        void a_paused_leader_comes_back_and_serves_no_stale_read() {
            final SimCluster cluster = started(3);
            final int old = cluster.leader();
            cluster.pause(old);
            assertThat(cluster.runUntil(() -> cluster.leader() != old && cluster.leader() != 0, SECOND))
                    .isTrue();
            choose(cluster, cluster.leader());
            cluster.resume(old);
            final CompletableFuture<byte[]> read = cluster.readFrom(old, Read.LINEARIZABLE);
            assertThat(cluster.runUntil(read::isDone, SECOND)).isTrue();
            cluster.converge();
        }
    }

    @Nested
    class Disks {
        @ParameterizedTest
        @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
        void leadership_settles_though_every_disk_takes_longer_than_a_leader_may_stall(final long seed) {
            final SimCluster cluster = Setup.of(3)
                    .seed(seed)
                    .stallNs(100 * MS)
                    .timeoutNs(20 * SECOND)
                    .start()
                    .converge();
            cluster.crash(cluster.leader());
            for (int id = 1; id <= 3; id++) {
                cluster.disk(id).forceTakes(300 * MS);
            }
            final int up = cluster.isUp(1) ? 1 : 2;
            cluster.runFor(10 * SECOND);
            for (int i = 0; i < 20; i++) {
                final long command = cluster.submitTo(up);
                assertThat(cluster.runUntil(() -> cluster.isAcknowledged(command), 10 * SECOND))
                        .as("command %d; %s", i, cluster.statusText())
                        .isTrue();
            }
        }

        /** L17: etcd #5518, consul #3552, consul #22064. */
        @Test
        void a_leader_whose_disk_hangs_gives_way() {
            final SimCluster cluster = started(3);
            final int old = cluster.leader();
            cluster.disk(old).freeze();
            cluster.submitTo(old);
            assertThat(cluster.runUntil(() -> cluster.agreedLeader() != old && cluster.agreedLeader() != 0, 2 * SECOND))
                    .isTrue();
            choose(cluster, cluster.leader());
            cluster.disk(old).thaw();
            cluster.converge();
        }

        /** L1: sofa-jraft #1243. */
        @Test
        void a_replica_whose_force_fails_stops_and_the_others_go_on() {
            final SimCluster cluster = started(3);
            final int old = cluster.leader();
            cluster.disk(old).failNextForce();
            cluster.submitTo(old);
            assertThat(cluster.runUntil(() -> !cluster.isUp(old), SECOND)).isTrue();
            assertThat(cluster.status(old).role()).isEqualTo(Status.Role.STOPPED);
            assertThat(cluster.status(old).fault()).isNotNull();
            assertThat(cluster.runUntil(() -> cluster.leader() != 0, SECOND)).isTrue();
            choose(cluster, cluster.leader());
            cluster.heal().converge();
        }

        @Test
        void a_replica_whose_write_fails_stops() {
            final SimCluster cluster = started(3);
            final int follower = other(cluster, cluster.leader());
            cluster.disk(follower).failNextWrite();
            choose(cluster, cluster.leader());
            assertThat(cluster.isUp(follower)).isFalse();
            cluster.heal().converge();
        }

        @Test
        void followers_whose_disks_hang_keep_a_command_from_being_chosen() {
            final SimCluster cluster = started(3);
            final int leader = cluster.leader();
            for (int id = 1; id <= 3; id++) {
                if (id != leader) {
                    cluster.disk(id).freeze();
                }
            }
            final long chosenBefore = cluster.chosenThrough();
            final long command = cluster.submitTo(leader);
            cluster.runFor(300 * MS);
            assertThat(cluster.isAcknowledged(command)).isFalse();
            assertThat(cluster.chosenThrough()).isEqualTo(chosenBefore);
            cluster.heal().converge();
        }
    }
}
