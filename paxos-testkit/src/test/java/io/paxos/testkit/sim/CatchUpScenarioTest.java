package io.paxos.testkit.sim;

import static io.paxos.testkit.sim.ScenarioCluster.MS;
import static io.paxos.testkit.sim.ScenarioCluster.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.value.ValueCodec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A member that was away catches up while commands go on. */
class CatchUpScenarioTest {
    private static final int WINDOW = 256;
    private static final int COMMAND_LENGTH_MAX = 40;

    /** One way takes 5 ms and a value has one command, so the load is a window of slots in each round trip. */
    private final SimCluster cluster = Setup.of(3)
            .windowSlots(WINDOW)
            .batchBytesMax(ValueCodec.HEADER_LENGTH + ValueCodec.COMMAND_HEADER_LENGTH + COMMAND_LENGTH_MAX)
            .pendingCommands(4 * WINDOW)
            .pendingBytes(1 << 20)
            .queueMax(1 << 14)
            .start()
            .converge();

    private final int leader = cluster.leader();
    private final int away = leader % 3 + 1;
    private final int third = away % 3 + 1;
    private long submitted = cluster.acknowledged();

    CatchUpScenarioTest() {
        cluster.network().ordered(true).delays(5 * MS, 0);
    }

    /** Keeps more commands open than the window takes. */
    private void load(final long durationNs) {
        final long limitNs = cluster.nowNs() + durationNs;
        while (cluster.nowNs() < limitNs) {
            while (submitted - cluster.acknowledged() < 2 * WINDOW) {
                submitted += cluster.submitTo(leader) > 0 ? 1 : 0;
            }
            cluster.runFor(MS / 4);
        }
    }

    private long behind() {
        return cluster.status(leader).chosenThrough() - cluster.status(away).chosenThrough();
    }

    /** Returns how many slots it has missed. */
    private long isAwayForASecond() {
        load(SECOND / 10);
        cluster.network().isolate(away);
        load(SECOND);
        assertThat(behind()).isGreaterThan(20_000);
        cluster.network().mendAll();
        return behind();
    }

    private void requireCatchesUpWithin(final long limitNs) {
        final long untilNs = cluster.nowNs() + limitNs;
        while (behind() > 2 * WINDOW && cluster.nowNs() < untilNs) {
            load(MS);
        }
        assertThat(behind()).isLessThanOrEqualTo(2 * WINDOW);
    }

    @Nested
    class A_member_that_was_away_for_a_second {
        /** F8: behind 102,400 slots after a second, and 409,647 after four more. */
        @Test
        void catches_up_at_more_than_twice_the_rate_of_the_load() {
            final long missed = isAwayForASecond();
            final long before = cluster.chosenThrough();
            requireCatchesUpWithin(SECOND / 2);
            final long load = cluster.chosenThrough() - before;
            assertThat(missed + load).isGreaterThan(2 * load);
            load(SECOND / 2);
            assertThat(behind()).isLessThanOrEqualTo(2 * WINDOW); // it stays there
        }

        @Test
        void catches_up_though_packets_are_lost() {
            isAwayForASecond();
            cluster.network().loses(2_000);
            requireCatchesUpWithin(SECOND);
        }

        @Test
        void catches_up_though_the_member_that_it_asks_cannot_answer() {
            isAwayForASecond();
            load(30 * MS);
            cluster.network().cut(third, away);
            requireCatchesUpWithin(SECOND);
        }

        /** F8: 17.5 s without service. */
        @Test
        void takes_the_place_of_the_third_member_that_dies_soon_after() {
            isAwayForASecond();
            load(SECOND / 2);
            cluster.crash(third);
            final int before = cluster.acknowledged();
            load(SECOND / 10);
            assertThat(cluster.acknowledged() - before).isGreaterThan(WINDOW);
        }
    }
}
