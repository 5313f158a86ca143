package io.paxos.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class IdleYieldsTest {
    private static final boolean DISK = true;
    private static final boolean NETWORK = false;

    private final IdleYields yields = new IdleYields();

    @Test
    void a_thread_parks_after_one_yield_until_yielding_helps() {
        assertEquals(1, untilParked(NETWORK));
        assertEquals(1, untilParked(NETWORK));
    }

    @Test
    void each_yield_that_finds_work_doubles_the_next_up_to_a_limit() {
        for (int i = 0; i < 10; i++) {
            yields.next(NETWORK);
            yields.found();
        }
        assertEquals(32, untilParked(NETWORK));
    }

    @Test
    void each_park_halves_them() {
        helps(NETWORK, 5);
        assertEquals(32, untilParked(NETWORK));
        assertEquals(16, untilParked(NETWORK));
        assertEquals(8, untilParked(NETWORK));
    }

    @Test
    void work_without_a_yield_teaches_nothing() {
        yields.found();
        yields.found();
        assertEquals(1, untilParked(NETWORK));
    }

    @Test
    void waits_for_the_disk_do_not_unlearn_that_yields_help_with_the_network() {
        helps(NETWORK, 5);
        assertEquals(1, untilParked(DISK));
        assertEquals(1, untilParked(DISK));
        assertEquals(32, untilParked(NETWORK));
    }

    @Test
    void with_a_disk_fast_enough_they_are_worth_while_there_too() {
        helps(DISK, 3);
        assertEquals(8, untilParked(DISK));
        assertEquals(1, untilParked(NETWORK));
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
