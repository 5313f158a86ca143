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
        phase2.tick();
        sent.take();
        phase2.tick();
        assertThat(sent.take())
                .containsExactly("afterSync 1 accepted 1 " + BALLOT + " 1 1", "now 3 accept 1 " + BALLOT + " 1 0 'v1'");
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
            return to == SELF ? new ToAcceptor(this) : sent.now(to);
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
