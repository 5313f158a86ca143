package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.ClockAlarm;
import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.protocol.Configuration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** F12: the time of a value is fenced by the clocks of a majority. */
class ClusterClockTest {
    private static final long NOW_MS = 1_800_000_000_000L;
    private static final long YEARS_MS = 100L * 365 * 24 * 3600 * 1000;
    private static final long BOUND_MS = 500;
    private static final long HEARTBEAT_MS = 100;

    private final AdjustableClock clock = new AdjustableClock(7_000_123_456L, NOW_MS);
    private ClusterClock time = clock(3);

    private ClusterClock clock(final int members) {
        final int[] ids = IntStream.rangeClosed(1, members).toArray();
        return new ClusterClock(
                Configuration.first(1, Members.of(ids), Quorums.majority(members)),
                clock,
                BOUND_MS,
                HEARTBEAT_MS * 1_000_000);
    }

    private void tick(final long executedMs) {
        time.tick(clock.nanoTime(), executedMs);
    }

    private long next(final long executedMs) {
        return time.timeMs(clock.nanoTime(), executedMs);
    }

    @Nested
    class A_leader_of_three {
        @Test
        void uses_its_own_clock_while_it_is_within_the_bound() {
            time.told(2, NOW_MS - 400);
            assertThat(next(0)).isEqualTo(NOW_MS);
            clock.pass(50);
            assertThat(next(NOW_MS)).isEqualTo(NOW_MS + 50);
        }

        /** F12: one wrong reading of the wall clock moved cluster time by 100 years, for ever. */
        @Test
        void is_fenced_when_its_own_clock_is_wrong_by_years() {
            time.told(2, NOW_MS);
            time.told(3, NOW_MS + 3);
            clock.jump(YEARS_MS);
            tick(NOW_MS);
            assertThat(next(NOW_MS)).isEqualTo(NOW_MS + 3 + BOUND_MS);
            clock.pass(100);
            assertThat(next(NOW_MS + 3 + BOUND_MS)).isEqualTo(NOW_MS + 3 + BOUND_MS + 100);
        }

        @Test
        void is_fenced_by_one_other_alone() {
            clock.jump(YEARS_MS);
            time.told(3, NOW_MS);
            assertThat(next(NOW_MS - 10)).isEqualTo(NOW_MS + BOUND_MS);
        }

        @Test
        void is_not_led_astray_by_another_ones_wrong_clock() {
            time.told(2, NOW_MS + YEARS_MS);
            assertThat(next(0)).isEqualTo(NOW_MS);
            time.told(3, NOW_MS - 1);
            assertThat(next(0)).isEqualTo(NOW_MS);
            assertThat(time.alarm()).isEqualTo(ClockAlarm.NONE);
        }

        @Test
        void gives_a_first_value_no_time_before_a_majority_has_told_its_clocks() {
            assertThat(time.hasTime(0)).isFalse();
            time.told(2, NOW_MS);
            assertThat(time.hasTime(0)).isTrue();
        }

        @Test
        void goes_on_by_its_monotonic_clock_from_the_last_time_when_nobody_tells() {
            clock.jump(YEARS_MS);
            assertThat(time.hasTime(NOW_MS)).isTrue();
            assertThat(next(NOW_MS)).isEqualTo(NOW_MS);
            clock.pass(1_000);
            assertThat(next(NOW_MS)).isBetween(NOW_MS + 998, NOW_MS + 1_000);
        }

        @Test
        void goes_on_by_its_monotonic_clock_when_the_only_other_is_years_behind() {
            time.told(2, NOW_MS - YEARS_MS);
            assertThat(next(NOW_MS)).isEqualTo(NOW_MS);
            clock.pass(500);
            time.told(2, NOW_MS - YEARS_MS + 500);
            assertThat(next(NOW_MS)).isBetween(NOW_MS + 499, NOW_MS + 500);
        }

        @Test
        void never_gives_a_time_before_the_last_one() {
            time.told(2, NOW_MS);
            clock.jump(-YEARS_MS);
            tick(NOW_MS);
            assertThat(next(NOW_MS)).isEqualTo(NOW_MS);
        }

        /** F12: a quorum of good clocks takes a cluster that was down for long to the present. */
        @Test
        void comes_back_to_the_present_after_a_long_time_down() {
            time.told(2, NOW_MS);
            assertThat(next(NOW_MS - YEARS_MS)).isEqualTo(NOW_MS);
        }

        @Test
        void forgets_readings_that_are_old() {
            time.told(2, NOW_MS);
            clock.pass(ClusterClock.RECENT_ROUNDS * HEARTBEAT_MS + 1);
            tick(0);
            assertThat(time.hasTime(0)).isFalse();
        }

        @Test
        void takes_no_nonsense_for_a_reading() {
            time.told(2, -1);
            time.told(3, Long.MAX_VALUE);
            time.told(1, NOW_MS);
            time.told(9, NOW_MS);
            assertThat(time.hasTime(0)).isFalse();
        }
    }

    @Nested
    class The_alarm {
        @Test
        void begins_when_the_own_clock_is_ahead_of_the_bound_and_ends_at_half_of_it() {
            clock.jump(BOUND_MS + 1);
            time.told(2, NOW_MS);
            tick(0);
            assertThat(time.alarm()).isEqualTo(ClockAlarm.OWN_CLOCK_AHEAD);
            assertThat(time.aheadMs()).isEqualTo(BOUND_MS + 1);
            clock.jump(-200);
            tick(0);
            assertThat(time.alarm()).isEqualTo(ClockAlarm.OWN_CLOCK_AHEAD);
            clock.jump(-60);
            tick(0);
            assertThat(time.alarm()).isEqualTo(ClockAlarm.NONE);
            assertThat(time.aheadMs()).isEqualTo(BOUND_MS - 259);
        }

        /** F12: a cluster whose time an older build has moved by 100 years: time stands still, and that is said. */
        @Test
        void says_that_cluster_time_is_ahead_and_stands_still() {
            time.told(2, NOW_MS);
            time.told(3, NOW_MS);
            tick(NOW_MS + YEARS_MS);
            assertThat(time.alarm()).isEqualTo(ClockAlarm.CLUSTER_TIME_AHEAD);
            clock.pass(100);
            assertThat(next(NOW_MS + YEARS_MS)).isEqualTo(NOW_MS + YEARS_MS);
        }

        @Test
        void a_clock_that_is_behind_is_told_without_an_alarm() {
            clock.jump(-10_000);
            time.told(2, NOW_MS);
            time.told(3, NOW_MS);
            tick(NOW_MS);
            assertThat(time.aheadMs()).isEqualTo(-10_000);
            assertThat(time.alarm()).isEqualTo(ClockAlarm.NONE);
        }
    }

    @Nested
    class A_single_member {
        @Test
        void believes_its_clock_at_the_start_and_is_fenced_against_jumps_while_it_runs() {
            time = clock(1);
            assertThat(time.hasTime(0)).isTrue();
            assertThat(next(0)).isEqualTo(NOW_MS);
            clock.jump(YEARS_MS);
            tick(NOW_MS);
            assertThat(time.alarm()).isEqualTo(ClockAlarm.OWN_CLOCK_AHEAD);
            assertThat(next(NOW_MS)).isEqualTo(NOW_MS + BOUND_MS);
            clock.pass(1_000);
            tick(NOW_MS);
            assertThat(next(NOW_MS)).isEqualTo(NOW_MS + BOUND_MS + 1_000);
            clock.jump(-YEARS_MS);
            tick(NOW_MS);
            assertThat(time.alarm()).isEqualTo(ClockAlarm.NONE);
        }

        @Test
        void follows_small_corrections_of_its_clock() {
            time = clock(1);
            for (int i = 0; i < 20; i++) {
                clock.jump(100);
                clock.pass(100);
                tick(NOW_MS);
            }
            assertThat(next(NOW_MS)).isEqualTo(NOW_MS + 4_000);
            assertThat(time.alarm()).isEqualTo(ClockAlarm.NONE);
        }
    }
}
