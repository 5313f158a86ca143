package io.paxos.testkit.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A simulated clock has an origin and a rate of its own. */
class SimClockTest {
    private final EventQueue events = new EventQueue();

    @Test
    void the_virtual_time_of_a_local_time_is_the_first_at_which_the_clock_shows_it() {
        for (final long drift : new long[] {-50_000, -1, 0, 1, 50_000}) {
            final SimClock clock = new SimClock(events, 12_345, drift);
            for (long local = 12_345; local < 3_000_000; local += 99_991) {
                final EventQueue at = new EventQueue();
                at.runNext(clock.virtualTime(local));
                assertThat(new SimClock(at, 12_345, drift).nanoTime()).isBetween(local, local + 2);
            }
        }
    }
}
