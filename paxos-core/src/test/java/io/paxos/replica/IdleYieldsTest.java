package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IdleYieldsTest {
    private static final boolean DISK = true;
    private static final boolean NETWORK = false;

    private final IdleYields yields = new IdleYields();

    @Test
    void a_thread_parks_after_one_yield_until_yielding_helps() {
        assertThat(untilParked(NETWORK)).isEqualTo(1);
        assertThat(untilParked(NETWORK)).isEqualTo(1);
    }

    @Test
    void each_yield_that_finds_work_doubles_the_next_up_to_a_limit() {
        helps(NETWORK, 1);
        assertThat(untilParked(NETWORK)).isEqualTo(2);
        helps(NETWORK, 10);
        assertThat(untilParked(NETWORK)).isEqualTo(32);
    }

    @Test
    void each_park_halves_them() {
        helps(NETWORK, 5);
        assertThat(untilParked(NETWORK)).isEqualTo(32);
        assertThat(untilParked(NETWORK)).isEqualTo(16);
        assertThat(untilParked(NETWORK)).isEqualTo(8);
    }

    @Test
    void work_without_a_yield_teaches_nothing() {
        yields.found();
        yields.found();
        assertThat(untilParked(NETWORK)).isEqualTo(1);
    }

    @Test
    void waits_for_the_disk_do_not_unlearn_that_yields_help_with_the_network() {
        helps(NETWORK, 5);
        assertThat(untilParked(DISK)).isEqualTo(1);
        assertThat(untilParked(DISK)).isEqualTo(1);
        assertThat(untilParked(NETWORK)).isEqualTo(32);
    }

    @Test
    void with_a_disk_fast_enough_they_are_worth_while_there_too() {
        helps(DISK, 3);
        assertThat(untilParked(DISK)).isEqualTo(8);
        assertThat(untilParked(NETWORK)).isEqualTo(1);
    }

    private void helps(final boolean awaitsDisk, final int times) {
        for (int i = 0; i < times; i++) {
            yields.next(awaitsDisk);
            yields.found();
        }
    }

    private int untilParked(final boolean awaitsDisk) {
        int count = 0;
        while (yields.next(awaitsDisk)) {
            count++;
        }
        return count;
    }
}
