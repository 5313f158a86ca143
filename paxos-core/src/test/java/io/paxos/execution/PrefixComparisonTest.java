package io.paxos.execution;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrefixComparisonTest {
    private final ComparedReplica replica = new ComparedReplica();

    /** F4: two values were chosen for one slot, and no replica stopped. */
    @Test
    void the_first_range_that_differs_both_checksums_and_what_to_do_are_named() {
        replica.reachThrough(3);
        replica.tells(2, 1);
        replica.comparison.told(2, 24, 0xabc, 0);
        assertThat(replica.comparison.divergence())
                .hasMessageStartingWith("replicas 1 and 2 have other values in slots 9..24, and both call them chosen:"
                        + " the CRC32C of all values through slot 24 is 000000a8 here and 00000abc there. Both stop,"
                        + " their data is kept. Stop all replicas, keep a copy of each data directory");
        assertThat(replica.comparison.differsAt()).isEqualTo(24);
    }

    /** F16: states 5 and 203, and no replica stopped. */
    @Test
    void equal_values_with_other_replies_say_that_the_state_machine_is_not_deterministic() {
        replica.reachThrough(2);
        replica.tells(3, 1);
        replica.comparison.told(3, 16, ComparedReplica.values(16), 0xdef);
        assertThat(replica.comparison.divergence())
                .hasMessageStartingWith("replicas 1 and 3 have the same values, and other replies in slots 9..16:")
                .hasMessageContaining("is 000000b0 here and 00000def there. The state machine is not deterministic");
    }

    @Test
    void what_is_told_ahead_is_compared_when_this_replica_gets_there() {
        replica.comparison.told(2, 16, 1, ComparedReplica.replies(16));
        replica.tells(2, 3);
        replica.reachThrough(1);
        assertThat(replica.comparison.divergence()).isNull();
        replica.reachThrough(2);
        assertThat(replica.comparison.divergence()).hasMessageContaining("in slots 1..16");
    }

    @Test
    void replies_are_compared_only_if_both_members_do() {
        replica.comparison.reached(8, 1, 2);
        replica.comparison.told(2, 8, 1, PrefixComparison.NOT_COMPARED);
        replica.comparison.reached(16, 1, PrefixComparison.NOT_COMPARED);
        replica.comparison.told(2, 16, 1, 3);
        assertThat(replica.comparison.divergence()).isNull();
    }

    @Test
    void slots_that_are_not_kept_any_more_and_nonsense_are_not_compared() {
        replica.reachThrough(PrefixComparison.KEPT + 1);
        replica.comparison.told(2, 8, -5, -5);
        replica.comparison.told(2, 0, -5, -5);
        replica.comparison.told(2, -8, -5, -5);
        replica.comparison.told(2, 17, -5, -5);
        replica.comparison.told(9, 16, -5, -5);
        replica.comparison.told(1, 16, -5, -5);
        assertThat(replica.comparison.divergence()).isNull();
        replica.comparison.told(2, 16, -5, -5);
        assertThat(replica.comparison.divergence()).isNotNull();
    }
}
