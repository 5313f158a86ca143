package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Quorums;
import org.junit.jupiter.api.Test;

/** Whom a leader can do without; voters are 0..n-1. */
class ThriftTest {
    @Test
    void are_all_but_a_quorum_around_the_leader() {
        assertThat(begun(0, Quorums.majority(3)).voters()).isEqualTo(0b100);
        assertThat(begun(2, Quorums.majority(3)).voters()).isEqualTo(0b010);
        assertThat(begun(4, Quorums.majority(5)).voters()).isEqualTo(0b01100);
        assertThat(begun(0, Quorums.majority(1)).voters()).isZero();
        assertThat(begun(0, Quorums.majority(2)).voters()).isZero();
        assertThat(begun(1, Quorums.flexible(5, 4, 2)).voters()).isEqualTo(0b11001);
        assertThat(begun(1, Quorums.flexible(3, 1, 3)).voters()).isZero();
        assertThat(begun(0, Quorums.flexible(64, 64, 1)).voters()).isEqualTo(-2L);
    }

    @Test
    void who_is_ahead_again_and_again_takes_the_place_of_the_last() {
        final Thrift unneeded = begun(0, Quorums.majority(3));
        for (long slot = 1; slot <= 4; slot++) {
            assertThat(unneeded.voters()).isEqualTo(0b100);
            unneeded.accepted(0, slot);
            unneeded.accepted(2, slot);
        }
        assertThat(unneeded.voters()).isEqualTo(0b010);
    }

    @Test
    void who_is_ahead_for_a_moment_does_not() {
        final Thrift unneeded = begun(0, Quorums.majority(3));
        for (long slot = 1; slot <= 100; slot++) {
            unneeded.accepted(0, slot);
            if (slot % 4 == 0) {
                unneeded.accepted(2, slot);
            }
            unneeded.accepted(1, slot);
        }
        assertThat(unneeded.voters()).isEqualTo(0b100);
    }

    @Test
    void who_always_catches_up_and_never_gets_ahead_is_not_needed() {
        final Thrift unneeded = begun(0, Quorums.majority(3));
        for (long slot = 1; slot <= 4; slot++) {
            unneeded.accepted(0, slot);
            unneeded.accepted(2, slot);
            unneeded.accepted(1, slot);
        }
        assertThat(unneeded.voters()).isEqualTo(0b010);
    }

    @Test
    void are_one_after_the_other_replaced_when_several_are_gone() {
        final Thrift unneeded = begun(0, Quorums.majority(5));
        for (long slot = 1; slot <= 8; slot++) {
            unneeded.accepted(0, slot);
            unneeded.accepted(3, slot);
            unneeded.accepted(4, slot);
        }
        assertThat(unneeded.voters()).isEqualTo(0b00110);
    }

    @Test
    void a_leader_whose_own_disk_is_behind_needs_the_others() {
        final Thrift unneeded = begun(0, Quorums.majority(3));
        for (long slot = 1; slot <= 4; slot++) {
            unneeded.accepted(1, slot);
            unneeded.accepted(2, slot);
        }
        assertThat(unneeded.voters()).isZero();

        unneeded.accepted(0, 8); // it has caught up, and gets ahead
        unneeded.accepted(0, 9);
        unneeded.accepted(0, 10);
        unneeded.accepted(0, 11);
        assertThat(unneeded.voters()).isEqualTo(0b010);
    }

    @Test
    void are_guessed_anew_when_leadership_begins() {
        final Thrift unneeded = begun(0, Quorums.majority(3));
        for (long slot = 1; slot <= 4; slot++) {
            unneeded.accepted(2, slot);
        }
        assertThat(unneeded.voters()).isZero();
        unneeded.begin(20);
        assertThat(unneeded.voters()).isEqualTo(0b100);
    }

    private static Thrift begun(final int self, final Quorums quorums) {
        final Thrift unneeded = new Thrift(self, quorums);
        unneeded.begin(1);
        return unneeded;
    }
}
