package io.paxos.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PrefixComparisonProperties {
    /** One member applies, another one tells: how far, at each step. */
    @Property
    void members_that_have_applied_the_same_never_differ_whoever_is_ahead_and_whatever_is_lost(
            @ForAll @Size(max = 60) final List<@IntRange(min = 0, max = 5_000) Integer> tells,
            @ForAll @IntRange(min = 0, max = 120) final int pointsPerStep) {
        final ComparedReplica replica = new ComparedReplica();
        int points = 0;
        for (final int point : tells) {
            replica.reachThrough(points += pointsPerStep);
            replica.tells(2 + point % 2, point);
        }
        replica.reachThrough(5_000);
        assertThat(replica.comparison.divergence()).isNull();
    }

    /** The other member differs from one slot on, and tells some of its checksums in any order. */
    @Property
    void a_member_that_differs_is_seen_whatever_order_its_checksums_come_in(
            @ForAll @Size(min = 1, max = 20) final List<@IntRange(min = 1, max = 100) Integer> tells,
            @ForAll @IntRange(min = 1, max = 100) final int wrongFrom,
            @ForAll @IntRange(min = 0, max = 100) final int reached) {
        final ComparedReplica replica = new ComparedReplica();
        replica.reachThrough(reached);
        for (final int point : tells) {
            final long slot = (long) point * PrefixComparison.INTERVAL;
            replica.comparison.told(
                    2,
                    slot,
                    ComparedReplica.values(slot) + (point >= wrongFrom ? 1 : 0),
                    ComparedReplica.replies(slot));
        }
        replica.reachThrough(100);
        final boolean isToldInTime = tells.stream().anyMatch(point -> point >= wrongFrom && point <= reached);
        final int firstAhead =
                tells.stream().filter(point -> point > reached).findFirst().orElse(0);
        if (isToldInTime || firstAhead >= wrongFrom) {
            assertThat(replica.comparison.divergence())
                    .hasMessageContaining("replicas 1 and 2 have other values in slots");
            assertThat(replica.comparison.differs()).isEqualTo(2);
            assertThat(replica.comparison.differsAt())
                    .isGreaterThanOrEqualTo((long) wrongFrom * PrefixComparison.INTERVAL);
        } else {
            assertThat(replica.comparison.divergence()).isNull();
        }
    }
}
