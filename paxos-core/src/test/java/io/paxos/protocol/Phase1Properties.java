package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.Members;
import io.paxos.Quorums;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.DirectBuffer;

/** Phase 1 beside a model of it: what voters have accepted, and which of their answers have arrived. */
class Phase1Properties {
    private static final int SELF = 1; // the id of voter 0
    private static final long BALLOT = Ballot.of(100, SELF);

    /** What one voter has accepted above its chosen prefix: a ballot for each slot, 0 for none. */
    private record Acceptance(long chosenThrough, TreeMap<Long, Long> ballots) {
        long lastSlot() {
            return ballots.isEmpty() ? chosenThrough : Math.max(chosenThrough, ballots.lastKey());
        }
    }

    /** One message of an answer; slot 0 is the promise itself. */
    private record Answer(int voter, long slot) {}

    @Property(tries = 2000)
    void is_won_by_complete_answers_alone_and_finds_the_value_of_the_highest_ballot(
            @ForAll @IntRange(min = 1, max = 5) final int voters, @ForAll final long seed) {
        final Random random = new Random(seed);
        final Quorums quorums = Quorums.majority(voters);
        final List<Acceptance> accepted = new ArrayList<>();
        final List<Answer> answers = new ArrayList<>();
        for (int voter = 0; voter < voters; voter++) {
            final Acceptance acceptance = acceptance(random);
            accepted.add(acceptance);
            answers.add(new Answer(voter, 0));
            for (long slot = acceptance.chosenThrough + 1; slot <= acceptance.lastSlot(); slot++) {
                answers.add(new Answer(voter, slot));
            }
        }
        answers.addAll(List.copyOf(answers)); // each message may arrive twice
        Collections.shuffle(answers, random);

        final Phase1 phase1 = phase1(voters, quorums);
        phase1.begin(BALLOT, 0);
        final List<Answer> arrived = new ArrayList<>();
        for (final Answer answer : answers) {
            deliver(phase1, accepted.get(answer.voter), answer);
            arrived.add(answer);
            final long complete = complete(accepted, arrived);
            final boolean isWon = (complete & 1) != 0 && quorums.isPhase1(complete);
            assertThat(phase1.isWon()).as("after %s", arrived).isEqualTo(isWon);
            if (isWon) {
                assertThat(phase1.base()).isEqualTo(base(accepted, arrived));
                for (long slot = phase1.base() + 1; slot <= phase1.throughSlot(); slot++) {
                    assertThat(text(phase1.value(slot))).isEqualTo(highest(accepted, arrived, slot));
                }
            }
        }
    }

    @Example
    void answers_to_another_ballot_count_for_nothing() {
        final Phase1 phase1 = phase1(1, Quorums.majority(1));
        phase1.begin(BALLOT, 0);
        phase1.promise(0, Ballot.of(99, SELF), 0, 0);
        phase1.promise(0, Ballot.of(101, SELF), 0, 0);
        assertThat(phase1.isWon()).isFalse();
        phase1.promise(0, BALLOT, 0, 0);
        assertThat(phase1.isWon()).isTrue();
    }

    @Example
    void the_others_are_not_enough_without_the_own_promise() {
        final Phase1 phase1 = phase1(3, Quorums.majority(3));
        phase1.begin(BALLOT, 0);
        phase1.promise(1, BALLOT, 0, 0);
        phase1.promise(2, BALLOT, 0, 0);
        assertThat(phase1.isWon()).isFalse();
        phase1.promise(0, BALLOT, 0, 0);
        assertThat(phase1.isWon()).isTrue();
    }

    @Example
    void an_own_ballot_is_never_used_again() {
        final Phase1 phase1 = phase1(1, Quorums.majority(1));
        phase1.begin(BALLOT, 0);
        assertThatThrownBy(() -> phase1.begin(BALLOT, 0)).isInstanceOf(Safety.BrokenRule.class);
    }

    @Example
    void the_own_acceptor_is_asked_at_once_and_the_others_after_the_sync() {
        final SentMessages sent = new SentMessages();
        new Phase1(configuration(3, Quorums.majority(3)), sent).begin(BALLOT, 4);
        assertThat(sent.take())
                .containsExactly(
                        "now 1 prepare 1 " + BALLOT + " 5",
                        "afterSync 2 prepare 1 " + BALLOT + " 5",
                        "afterSync 3 prepare 1 " + BALLOT + " 5");
    }

    @Example
    void only_those_whose_answer_is_not_complete_are_asked_again_each_from_its_first_missing_slot() {
        final SentMessages sent = new SentMessages();
        final Phase1 phase1 = new Phase1(configuration(3, Quorums.majority(3)), sent);
        phase1.begin(BALLOT, 0);
        phase1.promise(0, BALLOT, 0, 0);
        phase1.promise(1, BALLOT, 0, 3);
        report(phase1, 1, 1, Ballot.of(1, 3));
        report(phase1, 1, 3, Ballot.of(1, 3));
        sent.take();
        phase1.isWon();
        phase1.askAgain();
        assertThat(sent.take())
                .containsExactly("afterSync 2 prepare 1 " + BALLOT + " 2", "afterSync 3 prepare 1 " + BALLOT + " 1");
    }

    private static Acceptance acceptance(final Random random) {
        final TreeMap<Long, Long> ballots = new TreeMap<>();
        final long chosenThrough = random.nextInt(3);
        for (long slot = chosenThrough + 1; slot <= chosenThrough + random.nextInt(4); slot++) {
            ballots.put(slot, random.nextInt(3) == 0 ? Ballot.NONE : Ballot.of(1 + random.nextInt(3), 1));
        }
        return new Acceptance(chosenThrough, ballots);
    }

    private static void deliver(final Phase1 phase1, final Acceptance acceptance, final Answer answer) {
        if (answer.slot == 0) {
            phase1.promise(answer.voter, BALLOT, acceptance.chosenThrough, acceptance.lastSlot());
        } else {
            report(phase1, answer.voter, answer.slot, acceptance.ballots.getOrDefault(answer.slot, Ballot.NONE));
        }
    }

    private static void report(final Phase1 phase1, final int voter, final long slot, final long ballot) {
        final DirectBuffer value = SentMessages.value(valueOf(slot, ballot));
        phase1.report(voter, BALLOT, slot, ballot, value, 0, value.capacity());
    }

    /** One value per ballot and slot, as Paxos has it; nothing for no ballot. */
    private static String valueOf(final long slot, final long ballot) {
        return ballot == Ballot.NONE ? "" : slot + "@" + Ballot.text(ballot);
    }

    private static long base(final List<Acceptance> accepted, final List<Answer> arrived) {
        return arrived.stream()
                .filter(answer -> answer.slot == 0)
                .mapToLong(answer -> accepted.get(answer.voter).chosenThrough)
                .max()
                .orElse(0);
    }

    /** Voters that have promised and reported each slot above the longest prefix that a promise has named. */
    private static long complete(final List<Acceptance> accepted, final List<Answer> arrived) {
        final long base = base(accepted, arrived);
        long complete = 0;
        for (int voter = 0; voter < accepted.size(); voter++) {
            boolean isComplete = arrived.contains(new Answer(voter, 0));
            for (long slot = base + 1; slot <= accepted.get(voter).lastSlot(); slot++) {
                isComplete &= arrived.contains(new Answer(voter, slot));
            }
            complete |= isComplete ? Configuration.bit(voter) : 0;
        }
        return complete;
    }

    private static String highest(final List<Acceptance> accepted, final List<Answer> arrived, final long slot) {
        final long ballot = arrived.stream()
                .filter(answer -> answer.slot == slot)
                .mapToLong(answer -> accepted.get(answer.voter).ballots.getOrDefault(slot, Ballot.NONE))
                .max()
                .orElse(Ballot.NONE);
        return valueOf(slot, ballot);
    }

    private static String text(final DirectBuffer value) {
        return value.getStringWithoutLengthAscii(0, value.capacity());
    }

    private static Phase1 phase1(final int voters, final Quorums quorums) {
        return new Phase1(configuration(voters, quorums), new SentMessages());
    }

    private static Configuration configuration(final int voters, final Quorums quorums) {
        final int[] ids = IntStream.rangeClosed(1, voters).toArray();
        assertThat(Arrays.stream(ids).min()).hasValue(SELF);
        return Configuration.first(SELF, Members.of(ids), quorums);
    }
}
