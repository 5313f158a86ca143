package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Members;
import io.paxos.Quorums;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What makes a read linearizable: a quorum confirms after the question, and the slot is that of the question. */
class ReadIndexProperties {
    private static final int SELF = 1;
    private static final long BALLOT = Ballot.of(3, SELF);

    private final SentMessages sent = new SentMessages();

    @Property(tries = 2000)
    void a_slot_is_told_only_after_a_quorum_has_confirmed_what_was_asked_after_the_question(
            @ForAll @IntRange(min = 1, max = 5) final int voters, @ForAll final long seed) {
        final Random random = new Random(seed);
        final Quorums quorums = Quorums.majority(voters);
        final ReadIndex reads = readIndex(voters, quorums);
        long confirmation = 0; // the last one sent
        final long[] confirmed = new long[voters];
        final Map<List<Long>, long[]> questions = new HashMap<>(); // (asker, round): chosen then, confirmation then
        long chosenThrough = 0;
        long round = 0;
        for (int i = 0; i < 60; i++) {
            chosenThrough += random.nextInt(2);
            switch (random.nextInt(3)) {
                case 0 -> {
                    final int asker = random.nextInt(voters);
                    round++;
                    questions.put(List.of((long) asker, round), new long[] {chosenThrough, confirmation});
                    reads.ask(asker, round, chosenThrough);
                }
                case 1 -> {
                    reads.flush(chosenThrough);
                    confirmation = Math.max(confirmation, lastConfirmation());
                    confirmed[0] = confirmation;
                }
                default -> {
                    final int voter = random.nextInt(voters);
                    if (voter != 0 && confirmation > 0) {
                        final long number = 1L + random.nextInt((int) confirmation);
                        confirmed[voter] = Math.max(confirmed[voter], number);
                        reads.confirmed(voter, BALLOT, number, chosenThrough);
                    }
                }
            }
            for (final String line : sent.take()) {
                if (line.contains("readAt")) {
                    check(line, questions, confirmed, quorums, voters == 1);
                }
            }
        }
    }

    @Example
    void one_confirmation_serves_all_questions_before_it_and_none_after_it() {
        final ReadIndex reads = readIndex(3, Quorums.majority(3));
        reads.ask(1, 40, 9);
        reads.ask(2, 7, 9);
        reads.flush(9);
        assertThat(sent.take()).containsExactly("now 2 confirm 1 " + BALLOT + " 1", "now 3 confirm 1 " + BALLOT + " 1");
        reads.ask(1, 41, 10);
        reads.confirmed(2, BALLOT, 1, 10);
        assertThat(sent.take())
                .containsExactly("now 2 readAt 1 " + BALLOT + " 40 9", "now 3 readAt 1 " + BALLOT + " 7 9");
        reads.flush(10);
        assertThat(sent.take()).containsExactly("now 2 confirm 1 " + BALLOT + " 2", "now 3 confirm 1 " + BALLOT + " 2");
        reads.confirmed(1, BALLOT, 1, 10);
        assertThat(sent.take()).isEmpty();
        reads.confirmed(1, BALLOT, 2, 10);
        assertThat(sent.take()).containsExactly("now 2 readAt 1 " + BALLOT + " 41 10");
    }

    @Example
    void confirmations_of_an_earlier_ballot_count_for_nothing() {
        final ReadIndex reads = readIndex(3, Quorums.majority(3));
        reads.ask(1, 1, 5);
        reads.flush(5);
        reads.begin(Ballot.of(4, SELF));
        reads.ask(1, 1, 6);
        reads.flush(6);
        sent.take();
        reads.confirmed(1, BALLOT, 2, 6);
        reads.confirmed(2, BALLOT, 2, 6);
        assertThat(sent.take()).isEmpty();
    }

    @Example
    void a_lost_confirmation_is_asked_for_again_of_those_that_have_not_given_it() {
        final ReadIndex reads = readIndex(5, Quorums.majority(5));
        reads.ask(0, 1, 5);
        reads.flush(5);
        reads.confirmed(1, BALLOT, 1, 5);
        sent.take();
        reads.askAgain();
        assertThat(sent.take())
                .containsExactly(
                        "now 3 confirm 1 " + BALLOT + " 1",
                        "now 4 confirm 1 " + BALLOT + " 1",
                        "now 5 confirm 1 " + BALLOT + " 1");
    }

    private long lastConfirmation() {
        return sent.lines.stream()
                .filter(line -> line.contains(" confirm "))
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .max()
                .orElse(0);
    }

    /** {@code now <id> readAt <self> <ballot> <round> <slot>}. */
    private static void check(
            final String line,
            final Map<List<Long>, long[]> questions,
            final long[] confirmed,
            final Quorums quorums,
            final boolean isAlone) {
        final List<String> words = List.of(line.split(" ", -1));
        final long asker = Long.parseLong(words.get(1)) - 1;
        final long[] question = questions.get(List.of(asker, Long.parseLong(words.get(5))));
        assertThat(question).as("a question that was asked: %s", line).isNotNull();
        assertThat(Long.parseLong(words.get(6))).as(line).isGreaterThanOrEqualTo(question[0]);
        long voters = 0;
        for (int voter = 0; voter < confirmed.length; voter++) {
            voters |= confirmed[voter] > question[1] ? Configuration.bit(voter) : 0;
        }
        assertThat(isAlone || quorums.isPhase2(voters))
                .as("%s confirmed by %d", line, voters)
                .isTrue();
    }

    private ReadIndex readIndex(final int voters, final Quorums quorums) {
        final ReadIndex reads = new ReadIndex(
                Configuration.first(
                        SELF, Members.of(IntStream.rangeClosed(1, voters).toArray()), quorums),
                sent);
        reads.begin(BALLOT);
        return reads;
    }
}
