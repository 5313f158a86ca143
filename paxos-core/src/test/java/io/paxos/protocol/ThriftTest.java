package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Members;
import io.paxos.Quorums;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which voters a leader can leave out; voters are 0..n-1. */
class ThriftTest {
    @Test
    void are_all_but_a_quorum_around_the_leader() {
        assertThat(begun(0, Quorums.majority(3)).unneeded()).isEqualTo(0b100);
        assertThat(begun(2, Quorums.majority(3)).unneeded()).isEqualTo(0b010);
        assertThat(begun(4, Quorums.majority(5)).unneeded()).isEqualTo(0b01100);
        assertThat(begun(0, Quorums.majority(1)).unneeded()).isZero();
        assertThat(begun(0, Quorums.majority(2)).unneeded()).isZero();
        assertThat(begun(1, Quorums.flexible(5, 4, 2)).unneeded()).isEqualTo(0b11001);
        assertThat(begun(1, Quorums.flexible(3, 1, 3)).unneeded()).isZero();
        assertThat(begun(0, Quorums.flexible(64, 64, 1)).unneeded()).isEqualTo(-2L);
    }

    @Test
    void who_is_ahead_again_and_again_takes_the_place_of_the_last() {
        final Thrift thrift = begun(0, Quorums.majority(3));
        for (long slot = 1; slot <= 4; slot++) {
            assertThat(thrift.unneeded()).isEqualTo(0b100);
            thrift.accepted(0, slot);
            thrift.accepted(2, slot);
        }
        assertThat(thrift.unneeded()).isEqualTo(0b010);
    }

    @Test
    void who_is_ahead_for_a_moment_does_not() {
        final Thrift thrift = begun(0, Quorums.majority(3));
        for (long slot = 1; slot <= 100; slot++) {
            thrift.accepted(0, slot);
            if (slot % 4 == 0) {
                thrift.accepted(2, slot);
            }
            thrift.accepted(1, slot);
        }
        assertThat(thrift.unneeded()).isEqualTo(0b100);
    }

    @Test
    void who_always_catches_up_and_never_gets_ahead_is_not_needed() {
        final Thrift thrift = begun(0, Quorums.majority(3));
        for (long slot = 1; slot <= 4; slot++) {
            thrift.accepted(0, slot);
            thrift.accepted(2, slot);
            thrift.accepted(1, slot);
        }
        assertThat(thrift.unneeded()).isEqualTo(0b010);
    }

    @Test
    void are_one_after_the_other_replaced_when_several_are_gone() {
        final Thrift thrift = begun(0, Quorums.majority(5));
        for (long slot = 1; slot <= 8; slot++) {
            thrift.accepted(0, slot);
            thrift.accepted(3, slot);
            thrift.accepted(4, slot);
        }
        assertThat(thrift.unneeded()).isEqualTo(0b00110);
    }

    @Test
    void a_leader_whose_own_disk_is_behind_needs_the_others() {
        final Thrift thrift = begun(0, Quorums.majority(3));
        for (long slot = 1; slot <= 4; slot++) {
            thrift.accepted(1, slot);
            thrift.accepted(2, slot);
        }
        assertThat(thrift.unneeded()).isZero();

        thrift.accepted(0, 8); // it has caught up, and gets ahead
        thrift.accepted(0, 9);
        thrift.accepted(0, 10);
        thrift.accepted(0, 11);
        assertThat(thrift.unneeded()).isEqualTo(0b010);
    }

    @Test
    void are_guessed_anew_when_leadership_begins() {
        final Thrift thrift = begun(0, Quorums.majority(3));
        for (long slot = 1; slot <= 4; slot++) {
            thrift.accepted(2, slot);
        }
        assertThat(thrift.unneeded()).isZero();
        thrift.begin(20);
        assertThat(thrift.unneeded()).isEqualTo(0b100);
    }

    private static Thrift begun(final int ownVoter, final Quorums quorums) {
        final Members members =
                Members.of(IntStream.rangeClosed(1, quorums.members()).toArray());
        final Thrift thrift = new Thrift(Configuration.first(members.id(ownVoter), members, quorums));
        thrift.begin(1);
        return thrift;
    }
}
