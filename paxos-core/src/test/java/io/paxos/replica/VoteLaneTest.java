package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.ManualLog;
import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.protocol.Configuration;
import io.paxos.spi.IgnoredMessages;
import io.paxos.spi.Messages;
import io.paxos.spi.Probe;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class VoteLaneTest {
    private static final long BALLOT = 1 << 16 | 2;

    private final ManualLog log = new ManualLog().freeze();
    private final VoteLane lane = new VoteLane(1, log);
    private final List<String> sent = new ArrayList<>();
    private final Messages receiver = new Receiver(sent);

    private static final class Receiver extends IgnoredMessages {
        private final List<String> sent;

        Receiver(final List<String> sent) {
            this.sent = sent;
        }

        @Override
        public void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {
            sent.add((ballot >> 16) + ": " + fromSlot + ".." + throughSlot);
        }
    }

    @Test
    void neighbours_of_one_cycle_are_one_message() {
        vote(BALLOT, 1);
        vote(BALLOT, 2);
        vote(BALLOT, 3);
        lane.seal();
        assertThat(lane.size()).isEqualTo(1);
        release();
        assertThat(sent).containsExactly("1: 1..3");
    }

    @Test
    void neighbours_of_several_cycles_that_become_durable_together_are_one_message() {
        vote(BALLOT, 1);
        lane.seal();
        vote(BALLOT, 2);
        lane.seal();
        release();
        assertThat(sent).containsExactly("1: 1..2");
    }

    @Test
    void a_gap_or_another_ballot_begins_another_message() {
        vote(BALLOT, 1);
        vote(BALLOT, 3);
        vote(2 * BALLOT, 4);
        vote(2 * BALLOT, 4);
        lane.seal();
        release();
        assertThat(sent).containsExactly("1: 1..1", "1: 3..3", "2: 4..4", "2: 4..4");
    }

    @Test
    void nothing_leaves_before_its_position_is_durable() {
        vote(BALLOT, 1);
        lane.seal();
        log.force();
        vote(BALLOT, 2);
        lane.seal();
        assertThat(lane.release(log.durablePosition(), receiver)).isEqualTo(1);
        assertThat(sent).containsExactly("1: 1..1");
        assertThat(lane.release(log.durablePosition(), receiver)).isZero();
        release();
        assertThat(sent).containsExactly("1: 1..1", "1: 2..2");
    }

    @Test
    void a_vote_that_is_not_sealed_does_not_leave() {
        vote(BALLOT, 1);
        release();
        assertThat(sent).isEmpty();
    }

    @Test
    void ranges_without_a_place_are_dropped_and_the_others_kept() {
        int dropped = 0;
        for (int i = 0; i < VoteLane.RANGES_MAX + 3; i++) {
            dropped += vote(BALLOT, 1 + 2L * i);
        }
        dropped += lane.seal();
        assertThat(dropped).isEqualTo(3);
        release();
        assertThat(sent).hasSize(VoteLane.RANGES_MAX).startsWith("1: 1..1").doesNotContain("1: 2053..2053");
        vote(BALLOT, 9);
        lane.seal();
        release();
        assertThat(sent).last().isEqualTo("1: 9..9");
    }

    @Test
    void the_outbox_tells_its_probe_of_each_dropped_range_and_each_dropped_report() {
        final List<Integer> dropped = new ArrayList<>();
        final StagedOutbox outbox = new StagedOutbox(
                Configuration.first(1, Members.of(1, 2, 3), Quorums.majority(3)),
                log,
                new ManualTransport(),
                4096,
                new Probe() {
                    @Override
                    public void dropped(final int to) {
                        dropped.add(to);
                    }
                });
        for (int i = 0; i <= VoteLane.RANGES_MAX; i++) {
            outbox.afterSync(2).accepted(1, BALLOT, 1 + 2L * i, 1 + 2L * i);
        }
        outbox.seal();
        assertThat(dropped).containsExactly(2);
        for (int i = 0; i < 100; i++) {
            outbox.afterSync(3).prepare(1, BALLOT, 1);
        }
        assertThat(dropped).contains(3);
        assertThat(outbox.isHolding()).isTrue();
        log.force();
        outbox.release();
        assertThat(outbox.isHolding()).isFalse();
    }

    /** Each step is a vote, a seal, a force of some of the log, or a release. */
    @Property(tries = 500)
    void every_vote_leaves_once_in_order_and_not_before_it_is_durable(
            @ForAll @Size(max = 200) final List<@IntRange(min = 0, max = 7) Integer> steps) {
        final List<String> received = new ArrayList<>();
        final List<Long> votes = new ArrayList<>();
        final ManualLog itsLog = new ManualLog().freeze();
        final VoteLane itsLane = new VoteLane(1, itsLog);
        final Receiver slots = new Receiver(received);
        long durableVotes = 0;
        long slot = 0;
        for (final int step : steps) {
            switch (step) {
                case 0 -> itsLane.seal();
                case 1 -> {
                    itsLog.force();
                    durableVotes = votes.size();
                }
                case 2 -> {
                    itsLane.release(itsLog.durablePosition(), slots);
                    assertThat(single(received)).hasSizeLessThanOrEqualTo((int) durableVotes);
                }
                default -> {
                    slot += step < 6 ? 1 : 2;
                    itsLog.promise(BALLOT);
                    itsLane.add(BALLOT, slot, slot);
                    votes.add(slot);
                }
            }
        }
        itsLane.seal();
        itsLog.force();
        itsLane.release(itsLog.durablePosition(), slots);
        assertThat(single(received)).isEqualTo(votes);
        assertThat(itsLane.size()).isZero();
    }

    private static List<Long> single(final List<String> ranges) {
        final List<Long> slots = new ArrayList<>();
        for (final String range : ranges) {
            final String[] ends = range.substring(range.indexOf(' ') + 1).split("\\.\\.", -1);
            for (long slot = Long.parseLong(ends[0]); slot <= Long.parseLong(ends[1]); slot++) {
                slots.add(slot);
            }
        }
        return slots;
    }

    /** The log has one record more, and a vote claims it. */
    private int vote(final long ballot, final long slot) {
        log.promise(ballot);
        return lane.add(ballot, slot, slot);
    }

    private void release() {
        log.force();
        lane.release(log.durablePosition(), receiver);
    }
}
