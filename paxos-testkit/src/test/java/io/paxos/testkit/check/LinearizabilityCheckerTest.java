package io.paxos.testkit.check;

import static io.paxos.testkit.check.Histories.KEY;
import static io.paxos.testkit.check.Histories.compareAndSet;
import static io.paxos.testkit.check.Histories.read;
import static io.paxos.testkit.check.Histories.refused;
import static io.paxos.testkit.check.Histories.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LinearizabilityCheckerTest {
    private final LinearizabilityChecker<Optional<String>, Register.Action<String>> checker =
            LinearizabilityChecker.of(new Register<>());

    @SafeVarargs
    private Report<Register.Action<String>> check(final Operation<Register.Action<String>>... history) {
        final List<Operation<Register.Action<String>>> list = new ArrayList<>();
        for (final Operation<Register.Action<String>> operation : history) {
            list.add(operation);
        }
        return checker.check(list);
    }

    @Nested
    class Yes {
        @Test
        void an_empty_history_is_linearizable() {
            assertThat(check().verdict()).isEqualTo(Verdict.YES);
        }

        @Test
        void a_read_may_see_either_side_of_a_write_that_it_overlaps() {
            assertThat(check(write(1, 0, 10, "a"), read(2, 5, 6, null)).verdict())
                    .isEqualTo(Verdict.YES);
            assertThat(check(write(1, 0, 10, "a"), read(2, 5, 6, "a")).verdict())
                    .isEqualTo(Verdict.YES);
        }

        @Test
        void operations_that_touch_in_one_instant_overlap() {
            assertThat(check(write(1, 0, 10, "a"), read(2, 10, 12, null)).verdict())
                    .isEqualTo(Verdict.YES);
        }

        @Test
        void writes_that_overlap_may_take_effect_against_the_order_of_their_calls() {
            assertThat(check(write(1, 0, 10, "a"), write(2, 1, 9, "b"), read(3, 11, 12, "a"), read(3, 13, 14, "a"))
                            .verdict())
                    .isEqualTo(Verdict.YES);
        }

        @Test
        void compare_and_sets_form_a_chain() {
            assertThat(check(
                                    compareAndSet(1, 0, 9, "b", "c"),
                                    compareAndSet(2, 0, 9, "a", "b"),
                                    compareAndSet(3, 0, 9, null, "a"),
                                    refused(4, 0, 9, "x", "y"),
                                    read(4, 10, 11, "c"))
                            .verdict())
                    .isEqualTo(Verdict.YES);
        }

        @Test
        void what_is_right_by_construction_is_linearizable() {
            for (int seed = 0; seed < 200; seed++) {
                final List<Operation<Register.Action<Integer>>> history =
                        Histories.operations(Histories.correct(new Random(seed), 200, 5, 3, 20));
                assertThat(LinearizabilityChecker.of(new Register<Integer>())
                                .check(history)
                                .verdict())
                        .as("seed %s", seed)
                        .isEqualTo(Verdict.YES);
            }
        }
    }

    @Nested
    class No {
        @Test
        void a_stale_read_is_found() {
            final Report<Register.Action<String>> report =
                    check(write(1, 0, 10, "a"), write(1, 20, 30, "b"), read(2, 40, 50, "a"));

            assertThat(report.verdict()).isEqualTo(Verdict.NO);
            assertThat(report.prefix()).containsExactly(write(1, 0, 10, "a"), write(1, 20, 30, "b"));
            assertThat(report.stuck()).isEqualTo(read(2, 40, 50, "a"));
        }

        @Test
        void a_value_that_was_never_written_is_found() {
            assertThat(check(read(1, 0, 1, "ghost")).verdict()).isEqualTo(Verdict.NO);
        }

        @Test
        void a_lost_write_is_found() {
            assertThat(check(write(1, 0, 1, "a"), read(1, 2, 3, null)).verdict())
                    .isEqualTo(Verdict.NO);
        }

        @Test
        void two_readers_that_disagree_about_the_order_of_two_writes_are_found() {
            assertThat(check(
                                    write(1, 0, 100, "a"),
                                    write(2, 0, 100, "b"),
                                    read(3, 10, 20, "a"),
                                    read(3, 30, 40, "b"),
                                    read(4, 10, 20, "b"),
                                    read(4, 30, 40, "a"))
                            .verdict())
                    .isEqualTo(Verdict.NO);
        }

        @Test
        void a_new_value_that_is_forgotten_again_is_found() {
            assertThat(check(write(1, 0, 100, "a"), read(2, 10, 20, "a"), read(3, 30, 40, null))
                            .verdict())
                    .isEqualTo(Verdict.NO);
        }

        @Test
        void two_compare_and_sets_that_both_win_are_found() {
            assertThat(check(compareAndSet(1, 0, 9, null, "a"), compareAndSet(2, 0, 9, null, "b"))
                            .verdict())
                    .isEqualTo(Verdict.NO);
        }

        @Test
        void a_command_that_is_executed_twice_is_found() {
            final Report<Counter.Action> report = LinearizabilityChecker.of(new Counter())
                    .check(List.of(
                            new Operation<>(1, KEY, 0, 10, new Counter.Action(1, 1)),
                            new Operation<>(1, KEY, 20, 30, new Counter.Action(1, 3)),
                            new Operation<>(1, KEY, 40, 50, new Counter.Action(0, 3))));

            assertThat(report.verdict()).isEqualTo(Verdict.NO);
        }

        @Test
        void the_explanation_shows_how_far_it_got_and_what_could_not_come_next() {
            final Report<Register.Action<String>> report =
                    check(write(1, 0, 10, "a"), write(1, 20, 30, "b"), write(3, 35, 60, "c"), read(2, 40, 50, "a"));

            assertThat(report.explanation()).isEqualTo("""
                            not linearizable: key "k", 4 operations
                            the longest order that explains the answers, of 3 operations:
                                client 1 [0, 10] write a  => Optional[a]
                                client 1 [20, 30] write b  => Optional[b]
                                client 3 [35, 60] write c  => Optional[c]
                            stuck at: client 2 [40, 50] read -> a: cannot come next in state Optional[c]
                            """);
            assertThatThrownBy(report::requireYes)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageStartingWith("not linearizable");
        }

        @Test
        void the_key_at_fault_is_named() {
            final List<Operation<Register.Action<String>>> history = new ArrayList<>();
            history.add(new Operation<>(1, "good", 0, 1, new Register.Write<>("a")));
            history.add(new Operation<>(1, "bad", 2, 3, new Register.Read<>("a")));

            final Report<Register.Action<String>> report = checker.check(history);

            assertThat(report.key()).isEqualTo("bad");
            assertThat(report.explanation()).contains("key \"bad\", 1 operations");
        }
    }

    @Nested
    class Unknown {
        @Test
        void a_write_of_unknown_outcome_may_take_effect_or_not() {
            final Operation<Register.Action<String>> unknown = Operation.unknown(1, KEY, 5, new Register.Write<>("a"));

            assertThat(check(unknown, read(2, 10, 20, null)).verdict()).isEqualTo(Verdict.YES);
            assertThat(check(unknown, read(2, 10, 20, "a")).verdict()).isEqualTo(Verdict.YES);
            assertThat(check(unknown, read(2, 10, 20, null), read(2, 30, 40, "a"))
                            .verdict())
                    .isEqualTo(Verdict.YES);
        }

        @Test
        void but_not_before_its_call_and_not_twice() {
            final Operation<Register.Action<String>> unknown = Operation.unknown(1, KEY, 5, new Register.Write<>("a"));

            assertThat(check(unknown, read(2, 0, 4, "a")).verdict()).isEqualTo(Verdict.NO);
            assertThat(check(unknown, read(2, 6, 7, "a"), write(2, 8, 9, "b"), read(2, 10, 11, "a"))
                            .verdict())
                    .isEqualTo(Verdict.NO);
        }

        @Test
        void two_of_them_can_be_needed_one_after_the_other() {
            assertThat(check(
                                    Operation.unknown(1, KEY, 0, new Register.CompareAndSet<>("a", "b", false)),
                                    Operation.unknown(2, KEY, 0, new Register.Write<>("a")),
                                    read(3, 1, 2, "b"))
                            .verdict())
                    .isEqualTo(Verdict.YES);
        }

        @Test
        void a_read_of_unknown_outcome_is_no_evidence() {
            assertThat(check(Operation.unknown(1, KEY, 5, new Register.Read<>("ghost")))
                            .verdict())
                    .isEqualTo(Verdict.YES);
        }
    }

    @Nested
    class Work {
        @Test
        void without_unknown_outcomes_the_search_hardly_ever_goes_back() {
            for (int seed = 0; seed < 5; seed++) {
                final Report<Register.Action<Integer>> report = LinearizabilityChecker.of(new Register<Integer>())
                        .check(Histories.operations(Histories.correct(new Random(seed), 2_000, 10, 1, 0)));

                assertThat(report.verdict()).isEqualTo(Verdict.YES);
                assertThat(report.steps()).as("seed %s", seed).isLessThan(200_000);
            }
        }

        @Test
        void a_long_history_of_many_keys_is_no_more_than_the_sum_of_its_keys() {
            final Report<Register.Action<Integer>> report = LinearizabilityChecker.of(new Register<Integer>())
                    .check(Histories.operations(Histories.correct(new Random(1), 50_000, 10, 250, 0)));

            assertThat(report.verdict()).isEqualTo(Verdict.YES);
            assertThat(report.steps()).isLessThan(500_000);
        }

        /** F39: 26 s for a key that no bound decides, though each of the four others says no within 40 ms. */
        @Test
        void a_hard_key_does_not_hide_the_no_of_an_easy_one() {
            final List<Operation<Counter.Action>> history = hard("a");
            for (final String key : List.of("b", "c", "d", "e")) {
                history.addAll(wrong(key));
            }

            final Report<Counter.Action> report =
                    LinearizabilityChecker.of(new Counter()).check(history);

            assertThat(report.verdict()).isEqualTo(Verdict.NO);
            assertThat(report.key()).isEqualTo("b");
            assertThat(report.steps()).isLessThan(10_000);
        }

        /** F39: four hard keys come first, and none of them gets more than its turn. */
        @Test
        void many_hard_keys_share_the_work_before_the_no_of_a_key_that_needs_more_steps() {
            final List<Operation<Counter.Action>> history = new ArrayList<>();
            for (final String key : List.of("a", "b", "c", "d")) {
                history.addAll(hard(key));
            }
            history.addAll(unexplained("e", 13)); // says no after more steps than the first bound allows

            final Report<Counter.Action> report =
                    LinearizabilityChecker.of(new Counter()).check(history);
            final Report<Counter.Action> alone =
                    LinearizabilityChecker.of(new Counter()).check(unexplained("e", 13));

            assertThat(report.verdict()).isEqualTo(Verdict.NO);
            assertThat(report.key()).isEqualTo("e");
            assertThat(alone.verdict()).isEqualTo(Verdict.NO);
            assertThat(alone.steps()).isGreaterThan(LinearizabilityChecker.FIRST_STEPS);
            assertThat(report.steps()).isLessThan(5 * 11 * alone.steps());
        }

        @Test
        void it_gives_up_only_when_no_key_says_no_and_names_the_first_key_that_reached_the_bound() {
            final List<Operation<Counter.Action>> history = hard("c");
            history.addAll(hard("b"));
            history.add(new Operation<>(1, "a", 0, 10, new Counter.Action(1, 1)));

            final Report<Counter.Action> report =
                    LinearizabilityChecker.of(new Counter()).stepsMax(20_000).check(history);

            assertThat(report.verdict()).isEqualTo(Verdict.GAVE_UP);
            assertThat(report.key()).isEqualTo("b");
            assertThat(report.explanation()).contains("gave up after 20");
            assertThat(report.steps()).isBetween(40_000L, 51_000L);
        }

        @Test
        void beyond_its_bound_it_gives_up_and_reports_that() {
            final Report<Counter.Action> report =
                    LinearizabilityChecker.of(new Counter()).stepsMax(10_000).check(hard(KEY));

            assertThat(report.verdict()).isEqualTo(Verdict.GAVE_UP);
            assertThat(report.steps()).isBetween(10_000L, 10_100L);
            assertThatThrownBy(report::requireYes).hasMessageContaining("gave up after");
        }

        /** 2^40 sets of additions can have happened, and none explains the answer. */
        private static List<Operation<Counter.Action>> hard(final String key) {
            return unexplained(key, 40);
        }

        private static List<Operation<Counter.Action>> unexplained(final String key, final int unknown) {
            final List<Operation<Counter.Action>> history = new ArrayList<>();
            for (int i = 0; i < unknown; i++) {
                history.add(Operation.unknown(i, key, 0, new Counter.Action(1L << i, 0)));
            }
            history.add(new Operation<>(99, key, 1, 2, new Counter.Action(0, -1)));
            return history;
        }

        private static List<Operation<Counter.Action>> wrong(final String key) {
            return List.of(
                    new Operation<>(1, key, 0, 10, new Counter.Action(1, 1)),
                    new Operation<>(1, key, 20, 30, new Counter.Action(1, 3)));
        }
    }
}
