package io.paxos.testkit.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Events happen by time, and in a fixed order. */
class EventQueueTest {
    private final EventQueue events = new EventQueue();

    @Test
    void happen_by_time_and_then_in_the_order_of_their_requests() {
        final SimRandom random = new SimRandom(1);
        final List<long[]> seen = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            final long atNs = random.below(50);
            events.at(atNs, (number, packet) -> seen.add(new long[] {atNs, number}), i, null);
        }
        while (events.runNext(100)) {
            assertThat(events.nowNs()).isEqualTo(seen.get(seen.size() - 1)[0]);
        }
        assertThat(seen).hasSize(1_000);
        for (int i = 1; i < seen.size(); i++) {
            final long[] before = seen.get(i - 1);
            final long[] after = seen.get(i);
            assertThat(before[0] < after[0] || (before[0] == after[0] && before[1] < after[1]))
                    .isTrue();
        }
    }

    @Test
    void time_moves_on_to_the_limit_when_there_is_nothing_before_it() {
        events.at(10, (number, packet) -> {}, 0, null);
        assertThat(events.runNext(5)).isFalse();
        assertThat(events.nowNs()).isEqualTo(5);
        assertThat(events.runNext(10)).isTrue();
        assertThat(events.size()).isZero();
    }
}
