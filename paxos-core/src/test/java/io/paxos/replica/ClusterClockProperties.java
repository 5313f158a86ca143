package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.protocol.Configuration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ClusterClockProperties {
    private static final long NOW_MS = 1_800_000_000_000L;
    private static final long BOUND_MS = 500;

    /**
     * F12: members 1..n, of which no more than half (rounded down) have clocks that are wrong by any amount; at each
     * step one member tells its clock, time passes, and a value is proposed.
     */
    @Property
    void time_never_falls_and_never_exceeds_the_highest_good_clock_by_more_than_the_bound(
            @ForAll @IntRange(min = 2, max = 7) final int members,
            @ForAll @Size(7) final List<@IntRange(min = -300, max = 300) Integer> goodMs,
            @ForAll @Size(3) final List<Integer> wrongSeconds,
            @ForAll @IntRange(max = 6) final int firstWrong,
            @ForAll @Size(max = 60) final List<@IntRange(max = 699) Integer> steps) {
        final long[] wall = new long[members];
        long highestGoodMs = Long.MIN_VALUE;
        for (int i = 0; i < members; i++) {
            wall[i] = NOW_MS + goodMs.get(i);
        }
        final boolean[] isWrong = new boolean[members];
        for (int i = 0; i < members / 2; i++) {
            final int at = (firstWrong + i) % members;
            isWrong[at] = true;
            wall[at] = Math.max(0, NOW_MS + wrongSeconds.get(i) * 1_000L);
        }
        for (int i = 0; i < members; i++) {
            highestGoodMs = isWrong[i] ? highestGoodMs : Math.max(highestGoodMs, wall[i]);
        }
        final AdjustableClock clock = new AdjustableClock(-5_000_000_000L, wall[0]);
        final ClusterClock time = new ClusterClock(
                Configuration.first(
                        1, Members.of(IntStream.rangeClosed(1, members).toArray()), Quorums.majority(members)),
                clock,
                BOUND_MS,
                100_000_000);
        long executedMs = 0;
        for (final int step : steps) {
            final int teller = step % 7;
            if (teller < members) {
                time.told(teller + 1, wall[teller]);
            }
            final int passed = step / 7;
            clock.pass(passed);
            highestGoodMs += passed;
            for (int i = 0; i < members; i++) {
                wall[i] += passed;
            }
            if (step % 2 == 0) {
                time.tick(clock.nanoTime(), executedMs);
            }
            if (time.hasTime(executedMs)) {
                final long nextMs = time.timeMs(clock.nanoTime(), executedMs);
                assertThat(nextMs)
                        .as("clocks %s", Arrays.toString(wall))
                        .isGreaterThanOrEqualTo(executedMs)
                        .isLessThanOrEqualTo(highestGoodMs + BOUND_MS + 1); // 1: two roundings to a ms
                executedMs = nextMs;
            }
        }
    }
}
