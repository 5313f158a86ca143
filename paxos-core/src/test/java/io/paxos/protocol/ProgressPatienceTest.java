package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How long a candidate or leader may wait for promises or votes. A round is 10 ns, and a disk may take 100 ns. */
class ProgressPatienceTest {
    private static final long ROUND_NS = 10;
    private static final long STALL_NS = 100;

    private final ProgressPatience patience = new ProgressPatience(STALL_NS);
    private long nowNs;
    private long achieved;

    /** F5: 0 of 120 commands in 6,000 heartbeats, and always the same leader. */
    @Test
    void ends_after_the_time_of_a_disk_that_hangs_if_nothing_is_achieved() {
        assertThat(roundsUntilOver(0, 0)).isEqualTo(12);
    }

    @Test
    void doubles_each_time_up_to_32_times() {
        assertThat(roundsUntilOver(0, 0)).isEqualTo(12);
        assertThat(roundsUntilOver(0, 0)).isEqualTo(21);
        assertThat(roundsUntilOver(0, 0)).isEqualTo(41);
        for (int i = 0; i < 5; i++) {
            assertThat(roundsUntilOver(0, 0)).isLessThanOrEqualTo(321);
        }
        assertThat(roundsUntilOver(0, 0)).isEqualTo(321);
    }

    @Test
    void is_longer_for_a_disk_that_is_known_to_be_slow_and_for_a_long_way() {
        assertThat(roundsUntilOver(500, 70)).isEqualTo(59);
    }

    @Test
    void becomes_twice_the_time_of_what_succeeded_at_last_and_shrinks_with_progress() {
        look(true, true);
        for (int i = 0; i < 9; i++) {
            assertThat(look(true, true)).isFalse();
        }
        achieved++;
        look(true, true);
        assertThat(roundsUntilOver(0, 0)).isEqualTo(21);
        for (int i = 0; i < 50; i++) {
            achieved++;
            look(true, true);
        }
        assertThat(roundsUntilOver(0, 0)).isEqualTo(11);
    }

    @Test
    void does_not_pass_while_nothing_waits_or_no_quorum_answers() {
        for (int i = 0; i < 100; i++) {
            assertThat(look(false, true)).isFalse();
            assertThat(look(true, false)).isFalse();
        }
    }

    private int roundsUntilOver(final long leastNs, final long moreNs) {
        int rounds = 1;
        nowNs += ROUND_NS;
        while (!patience.isOver(nowNs, true, true, achieved, leastNs, moreNs)) {
            nowNs += ROUND_NS;
            rounds++;
            assertThat(rounds).isLessThan(1_000);
        }
        return rounds;
    }

    private boolean look(final boolean isWaiting, final boolean hasQuorum) {
        nowNs += ROUND_NS;
        return patience.isOver(nowNs, isWaiting, hasQuorum, achieved, 0, 0);
    }
}
