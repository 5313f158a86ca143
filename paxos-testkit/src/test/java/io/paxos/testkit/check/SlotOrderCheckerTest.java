package io.paxos.testkit.check;

import static io.paxos.testkit.check.Histories.KEY;
import static io.paxos.testkit.check.Histories.read;
import static io.paxos.testkit.check.Histories.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlotOrderCheckerTest {
    private final SlotOrderChecker<Optional<String>, Register.Action<String>> checker =
            SlotOrderChecker.of(new Register<>());

    private static Placed<Register.Action<String>> at(
            final long slot, final Operation<Register.Action<String>> operation) {
        return new Placed<>(operation, slot);
    }

    @SafeVarargs
    private Report<Register.Action<String>> check(final Placed<Register.Action<String>>... history) {
        final List<Placed<Register.Action<String>>> list = new ArrayList<>();
        for (final Placed<Register.Action<String>> operation : history) {
            list.add(operation);
        }
        return checker.check(list);
    }

    @Test
    void a_history_is_replayed_along_its_slots() {
        assertThat(check(
                                at(2, write(2, 0, 100, "b")),
                                at(1, write(1, 0, 100, "a")),
                                at(1, read(3, 0, 100, "a")),
                                at(0, read(3, 0, 100, null)),
                                at(2, read(3, 0, 100, "b")))
                        .verdict())
                .isEqualTo(Verdict.YES);
    }

    @Test
    void an_answer_that_its_slot_does_not_explain_is_found_even_if_another_order_would() {
        final Report<Register.Action<String>> report =
                check(at(1, write(1, 0, 100, "a")), at(2, write(2, 0, 100, "b")), at(2, read(3, 0, 100, "a")));

        assertThat(report.verdict()).isEqualTo(Verdict.NO);
        assertThat(report.stuck()).isEqualTo(read(3, 0, 100, "a"));
        assertThat(report.explanation())
                .contains("in the order of the slots", "stuck at: slot 2: client 3 [0, 100] read -> a");
    }

    @Test
    void a_slot_that_goes_back_in_real_time_is_found_over_all_keys() {
        final Report<Register.Action<String>> report = check(
                at(2, write(1, 0, 10, "a")), at(1, new Operation<>(2, "other", 11, 20, new Register.Write<>("b"))));

        assertThat(report.verdict()).isEqualTo(Verdict.NO);
        assertThat(report.explanation())
                .startsWith("the slots do not respect real time:\n    slot 2: client 1 [0, 10] write a\n"
                        + "had returned before the call of\n    slot 1: client 2 [11, 20] write b");
    }

    @Test
    void a_stale_read_is_found_by_its_slot() {
        assertThat(check(at(1, write(1, 0, 10, "a")), at(0, read(2, 11, 12, null)))
                        .verdict())
                .isEqualTo(Verdict.NO);
        assertThat(check(at(1, write(1, 0, 10, "a")), at(0, read(2, 10, 12, null)))
                        .verdict())
                .isEqualTo(Verdict.YES);
    }

    @Test
    void a_command_called_after_an_answer_cannot_share_its_slot() {
        assertThat(check(at(1, write(1, 0, 10, "a")), at(1, write(2, 11, 12, "b")))
                        .verdict())
                .isEqualTo(Verdict.NO);
        assertThat(check(at(1, write(1, 0, 10, "a")), at(1, read(2, 1, 2, "a")), at(1, write(2, 3, 12, "b")))
                        .verdict())
                .isEqualTo(Verdict.NO);
    }

    @Test
    void reads_of_one_slot_may_come_in_any_order() {
        assertThat(check(at(1, write(1, 0, 5, "a")), at(1, read(2, 20, 30, "a")), at(1, read(2, 6, 10, "a")))
                        .verdict())
                .isEqualTo(Verdict.YES);
    }

    @Test
    void commands_of_one_slot_are_tried_in_each_order() {
        for (final String last : List.of("a", "b", "c")) {
            assertThat(check(
                                    at(1, write(1, 0, 10, "a")),
                                    at(1, write(2, 0, 10, "b")),
                                    at(1, write(3, 0, 10, "c")),
                                    at(1, read(4, 0, 10, last)))
                            .verdict())
                    .isEqualTo(Verdict.YES);
        }
    }

    @Test
    void a_command_of_unknown_outcome_is_in_any_slot_after_its_call_or_in_none() {
        final Placed<Register.Action<String>> unknown =
                at(Placed.UNKNOWN, Operation.unknown(1, KEY, 50, new Register.Write<>("x")));

        assertThat(check(unknown, at(1, write(2, 0, 10, "a")), at(1, read(3, 60, 70, "a")))
                        .verdict())
                .isEqualTo(Verdict.YES);
        assertThat(check(unknown, at(1, write(2, 0, 10, "a")), at(2, read(3, 60, 70, "x")))
                        .verdict())
                .isEqualTo(Verdict.YES);
        assertThat(check(unknown, at(1, write(2, 0, 10, "a")), at(1, read(3, 60, 70, "x")))
                        .verdict())
                .isEqualTo(Verdict.NO);
    }

    @Test
    void a_long_history_takes_a_few_steps_for_each_operation() {
        final int operations = 200_000;
        final Report<Register.Action<Integer>> report = SlotOrderChecker.of(new Register<Integer>())
                .check(Histories.correct(new Random(1), operations, 10, 1, 0));

        assertThat(report.verdict()).isEqualTo(Verdict.YES);
        assertThat(report.steps()).isLessThan(3L * operations);
    }

    @Test
    void what_is_right_by_construction_passes_and_what_was_altered_does_not() {
        for (int seed = 0; seed < 200; seed++) {
            final List<Placed<Register.Action<Integer>>> history =
                    new ArrayList<>(Histories.correct(new Random(seed), 100, 5, 2, 10));
            final SlotOrderChecker<Optional<Integer>, Register.Action<Integer>> integers =
                    SlotOrderChecker.of(new Register<>());
            assertThat(integers.check(history).verdict()).as("seed %s", seed).isEqualTo(Verdict.YES);

            history.add(new Placed<>(new Operation<>(9, "key 0", 0, 100_000, new Register.Read<>(-7)), 20));
            assertThat(integers.check(history).verdict()).as("seed %s", seed).isEqualTo(Verdict.NO);
        }
    }

    @Test
    void a_slot_goes_with_an_answer_and_no_slot_with_none() {
        assertThatThrownBy(() -> at(Placed.UNKNOWN, read(1, 0, 1, "a"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> at(3, Operation.unknown(1, KEY, 0, new Register.Write<>("a"))))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
