package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.ManualLog;
import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.spi.Claims;
import io.paxos.spi.IgnoredMessages;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import io.paxos.spi.Probe;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.DirectBuffer;

/** Phase 2 beside a count of votes by hand. Voter 0, id 1, leads. */
class Phase2Properties {
    private static final int SELF = 1;
    private static final int WINDOW = 8;
    private static final long BALLOT = Ballot.of(5, SELF);

    private final SentMessages sent = new SentMessages();
    private Learner learner;
    private Phase2 phase2;
    private long queued; // what the outbox says of every member
    private long written;
    private boolean queuesWhatIsSent;

    @Property(tries = 2000)
    void a_slot_is_chosen_when_a_quorum_has_voted_for_it_in_this_ballot_and_all_before_it_are_chosen(
            @ForAll @IntRange(min = 1, max = 5) final int voters,
            @ForAll @IntRange(min = 1, max = WINDOW) final int slots,
            @ForAll final long seed) {
        final Quorums quorums = Quorums.majority(voters);
        lead(voters, quorums);
        propose(slots);
        final long[] votes = new long[slots + 1];
        final Random random = new Random(seed);
        for (int i = 0; i < 4 * voters * slots; i++) {
            final int voter = random.nextInt(voters);
            final long from = 1L + random.nextInt(slots);
            final long through = from + random.nextInt((int) (slots - from) + 1);
            final boolean isOurs = random.nextInt(4) > 0;
            phase2.accepted(voter, isOurs ? BALLOT : Ballot.of(4, SELF), from, through);
            for (long slot = from; isOurs && slot <= through; slot++) {
                votes[(int) slot] |= Configuration.bit(voter);
            }
            assertThat(learner.chosenThrough()).isEqualTo(chosenThrough(votes, quorums));
        }
    }

    @Example
    void a_vote_for_a_slot_that_was_not_proposed_stops_the_replica() {
        lead(3, Quorums.majority(3));
        propose(2);
        assertThatThrownBy(() -> phase2.accepted(1, BALLOT, 3, 3)).isInstanceOf(Safety.BrokenRule.class);
    }

    @Example
    void a_repeated_vote_counts_once() {
        lead(3, Quorums.majority(3));
        propose(1);
        phase2.accepted(1, BALLOT, 1, 1);
        phase2.accepted(1, BALLOT, 1, 1);
        assertThat(learner.chosenThrough()).isZero();
        phase2.accepted(2, BALLOT, 1, 1);
        assertThat(learner.chosenThrough()).isOne();
    }

    @Example
    void the_own_acceptance_is_no_vote_before_it_is_durable() {
        lead(1, Quorums.majority(1));
        propose(1);
        assertThat(learner.chosenThrough()).isZero();
        assertThat(sent.take()).containsExactly("afterSync 1 accepted 1 " + BALLOT + " 1 1");
    }

    @Example
    void without_progress_a_value_goes_again_to_those_that_have_not_voted() {
        lead(3, Quorums.flexible(3, 1, 3));
        propose(1);
        phase2.accepted(1, BALLOT, 1, 1);
        phase2.tick(0);
        sent.take();
        phase2.tick(0);
        assertThat(sent.take())
                .containsExactly("afterSync 1 accepted 1 " + BALLOT + " 1 1", "now 3 accept 1 " + BALLOT + " 1 0 'v1'");
    }

    /** F1: a leader filled its links with values that were queued for them already. */
    @Example
    void nothing_is_repeated_that_is_still_queued_here_and_what_has_left_is() {
        lead(3, Quorums.flexible(3, 1, 3));
        queued = 100;
        proposeWithOwnVote(1);
        queued = 200;
        for (int tick = 0; tick < 20; tick++) {
            phase2.tick(0);
        }
        assertThat(sent.take()).isEmpty();
        written = 200;
        phase2.tick(0);
        proposeWithOwnVote(1);
        queued = 300; // a later proposal still waits
        assertThat(ticksUntilSent(10)).isLessThanOrEqualTo(2);
        assertThat(sent.lines).allMatch(line -> line.contains(" accept 1 " + BALLOT + " 1 0 "));
    }

    /** F1: a queue does not grow by what is in it already. */
    @Example
    void a_repeat_is_not_repeated_while_it_is_queued() {
        lead(3, Quorums.flexible(3, 1, 3));
        proposeWithOwnVote(1);
        queuesWhatIsSent = true;
        assertThat(ticksUntilSent(10)).isEqualTo(2);
        sent.take();
        for (int tick = 0; tick < 40; tick++) {
            phase2.tick(0);
        }
        assertThat(sent.take()).isEmpty();
        written = queued;
        assertThat(ticksUntilSent(20)).isBetween(2, Repeats.INTERVAL_TICKS_MAX);
    }

    /** F1: what is slow for another reason is not made slower. */
    @Example
    void repeats_back_off_until_the_voter_makes_progress() {
        lead(3, Quorums.flexible(3, 1, 3));
        proposeWithOwnVote(2);
        phase2.accepted(1, BALLOT, 1, 2);
        assertThat(pauses(6)).containsExactly(2, 2, 4, 8, 8, 8);
        phase2.accepted(2, BALLOT, 1, 1);
        phase2.tick(0); // sees the progress
        assertThat(pauses(3)).containsExactly(1, 2, 4);
    }

    /** F1: what was sent while a member was away is lost, and its return need not wait for the next repeat. */
    @Example
    void a_voter_that_answers_after_it_was_silent_gets_the_repeats_at_once() {
        lead(3, Quorums.flexible(3, 1, 3));
        proposeWithOwnVote(1);
        phase2.accepted(1, BALLOT, 1, 1);
        pauses(6);
        phase2.tick(0);
        sent.take();
        phase2.heard(2);
        assertThat(ticksUntilSent(10)).isOne();
    }

    /** F1: a long way is no loss. */
    @Example
    void nothing_is_repeated_before_a_round_trip_of_heartbeats_has_passed() {
        lead(3, Quorums.flexible(3, 1, 3));
        proposeWithOwnVote(1);
        int ticks = 0;
        while (sent.lines.isEmpty()) {
            phase2.tick(7);
            ticks++;
        }
        assertThat(ticks).isEqualTo(2 + 7);
    }

    private void proposeWithOwnVote(final int slots) {
        propose(slots);
        phase2.accepted(0, BALLOT, 1, phase2.nextSlot() - 1);
        sent.take();
    }

    private int ticksUntilSent(final int ticksMax) {
        int ticks = 0;
        while (sent.lines.isEmpty() && ticks < ticksMax) {
            phase2.tick(0);
            ticks++;
        }
        return ticks;
    }

    /** The ticks between so many repeats. */
    private int[] pauses(final int repeats) {
        return IntStream.range(0, repeats)
                .map(i -> {
                    sent.take();
                    return ticksUntilSent(100);
                })
                .toArray();
    }

    @Example
    void the_window_counts_from_the_applied_prefix() {
        lead(1, Quorums.majority(1));
        propose(WINDOW);
        assertThat(phase2.hasRoom(0)).isFalse();
        phase2.accepted(0, BALLOT, 1, WINDOW);
        assertThat(phase2.hasRoom(0)).isFalse();
        assertThat(phase2.hasRoom(1)).isTrue();
    }

    private void lead(final int voters, final Quorums quorums) {
        final Configuration configuration = Configuration.first(
                SELF, Members.of(IntStream.rangeClosed(1, voters).toArray()), quorums);
        final ManualLog log = new ManualLog();
        final Loopback outbox = new Loopback();
        final Acceptor acceptor = new Acceptor(configuration, log, sent, Probe.NONE, 2 * WINDOW);
        outbox.acceptor = acceptor;
        learner = new Learner(log, acceptor, Probe.NONE, 2 * WINDOW);
        outbox.learner = learner;
        phase2 = new Phase2(configuration, log, learner, outbox, Probe.NONE, WINDOW);
        acceptor.prepare(SELF, BALLOT, 1, 0);
        phase2.begin(BALLOT, 1);
        sent.take();
    }

    private void propose(final int slots) {
        for (int slot = 1; slot <= slots; slot++) {
            final DirectBuffer value = SentMessages.value("v" + slot);
            phase2.propose(value, 0, value.capacity());
        }
        sent.lines.removeIf(line -> line.startsWith("now"));
    }

    private static long chosenThrough(final long[] votes, final Quorums quorums) {
        int slot = 1;
        while (slot < votes.length && quorums.isPhase2(votes[slot])) {
            slot++;
        }
        return slot - 1L;
    }

    /** The own acceptor is a plain call; everything else is written down. */
    private final class Loopback implements Outbox {
        private Acceptor acceptor;
        private Learner learner;

        @Override
        public Messages now(final int to) {
            queued += queuesWhatIsSent && to != SELF ? 1 : 0;
            return to == SELF ? new ToAcceptor(this) : sent.now(to);
        }

        @Override
        public long queued(final int to) {
            return to == SELF ? 0 : queued;
        }

        @Override
        public long written(final int to) {
            return to == SELF ? 0 : written;
        }

        @Override
        public Claims afterSync(final int to) {
            return sent.afterSync(to);
        }
    }

    private static final class ToAcceptor extends IgnoredMessages {
        private final Loopback loopback;

        ToAcceptor(final Loopback loopback) {
            this.loopback = loopback;
        }

        @Override
        public void accept(
                final int from,
                final long ballot,
                final long slot,
                final long chosenThrough,
                final DirectBuffer value,
                final int offset,
                final int length) {
            loopback.acceptor.accept(from, ballot, slot, loopback.learner.chosenThrough(), value, offset, length);
        }
    }
}
