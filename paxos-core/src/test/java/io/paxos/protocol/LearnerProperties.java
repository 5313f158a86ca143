package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.ManualLog;
import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.spi.Probe;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.agrona.DirectBuffer;

/** A learner beside its rule: a slot is chosen by its accepted ballot and an announcement, or by its value. */
class LearnerProperties {
    private static final int SELF = 2;
    private static final int WINDOW = 8;
    private static final int SLOTS = 12;

    private ManualLog log = new ManualLog();
    private Acceptor acceptor;
    private Learner learner;

    @Property(tries = 2000)
    void the_prefix_grows_by_announcements_of_the_accepted_ballot_and_by_values_alone(@ForAll final long seed) {
        final Random random = new Random(seed);
        log = new ManualLog();
        for (long slot = 1; slot <= SLOTS; slot++) {
            if (random.nextInt(3) > 0) {
                accept(Ballot.of(1 + random.nextInt(3), 1), slot);
            }
        }
        create();
        long announcedBallot = 0;
        long announcedThrough = 0;
        final Set<Long> learned = new HashSet<>();
        long expected = 0;
        for (int i = 0; i < 20; i++) {
            if (random.nextBoolean()) {
                final long ballot = Ballot.of(1 + random.nextInt(3), 1);
                final long through = random.nextInt(SLOTS + 1);
                learner.announced(ballot, through);
                announcedThrough = ballot > announcedBallot
                        ? through
                        : ballot == announcedBallot ? Math.max(announcedThrough, through) : announcedThrough;
                announcedBallot = Math.max(announcedBallot, ballot);
            } else {
                final long slot = 1L + random.nextInt(SLOTS);
                final boolean isTaken = learn(Ballot.of(4, 1), slot);
                assertThat(isTaken).isEqualTo(slot > expected && slot <= expected + WINDOW);
                if (isTaken) {
                    learned.add(slot);
                }
            }
            while (learned.contains(expected + 1)
                    || (expected + 1 <= announcedThrough && log.acceptedBallot(expected + 1) == announcedBallot)) {
                expected++;
            }
            assertThat(learner.chosenThrough()).isEqualTo(expected);
        }
    }

    @Example
    void an_announcement_says_nothing_about_a_value_of_another_ballot() {
        accept(Ballot.of(1, 1), 1);
        create();
        learner.announced(Ballot.of(2, 1), 1);
        assertThat(learner.chosenThrough()).isZero();
        learner.announced(Ballot.of(1, 1), 1); // an older announcement that was delayed
        assertThat(learner.chosenThrough()).isZero();
    }

    @Example
    void a_leader_counts_slot_by_slot() {
        create();
        learner.chosen(1);
        assertThatThrownBy(() -> learner.chosen(3)).isInstanceOf(Safety.BrokenRule.class);
        assertThat(learner.chosenThrough()).isOne();
    }

    @Example
    void a_second_chosen_value_for_a_slot_stops_the_replica() {
        accept(Ballot.of(4, 1), 1);
        create();
        final DirectBuffer other = SentMessages.value("another");
        assertThatThrownBy(() -> learner.learn(Ballot.of(4, 1), 1, other, 0, other.capacity()))
                .isInstanceOf(Safety.BrokenRule.class);
    }

    private void create() {
        final Configuration configuration = Configuration.first(SELF, Members.of(1, 2, 3), Quorums.majority(3));
        acceptor = new Acceptor(configuration, log, new SentMessages(), Probe.NONE, WINDOW);
        learner = new Learner(log, acceptor, Probe.NONE, WINDOW);
    }

    private void accept(final long ballot, final long slot) {
        final DirectBuffer value = SentMessages.value("v" + slot);
        log.promise(Math.max(ballot, log.promised()));
        log.accept(ballot, slot, 0, value, 0, value.capacity());
    }

    private boolean learn(final long ballot, final long slot) {
        final DirectBuffer value = SentMessages.value("v" + slot);
        return learner.learn(ballot, slot, value, 0, value.capacity());
    }
}
