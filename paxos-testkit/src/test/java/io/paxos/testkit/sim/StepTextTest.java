package io.paxos.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A printed schedule is plain text. Its source can be copied into a test. */
class StepTextTest {
    private static final Schedule SCHEDULE = new Schedule(
            3,
            List.of(
                    new Step(Step.Kind.SUBMIT, Step.LEADER, 2),
                    new Step(Step.Kind.RUN, 0, 28),
                    new Step(Step.Kind.MEND_ALL, Step.LEADER, 2852),
                    new Step(Step.Kind.MEND, Step.LEADER, 2852)));

    @Test
    void a_schedule_prints_each_step_with_its_time_and_member() {
        assertThat(SCHEDULE.toString().lines())
                .containsExactly(
                        "3 members",
                        "  at 0 us: give the leader 3 commands",
                        "  at 2,800 us: mend all links",
                        "  at 2,800 us: mend the link between the leader and member 3",
                        "  ends at 2,800 us");
    }

    @Test
    void a_schedule_can_be_copied_into_a_test() {
        assertThat(SCHEDULE.source())
                .startsWith("new Schedule(3, List.of(new Step(Step.Kind.SUBMIT, -1, 2), ")
                .endsWith("new Step(Step.Kind.MEND, -1, 2852)))");
    }

    @ParameterizedTest
    @EnumSource
    void each_kind_of_step_has_a_text_without_codes(final Step.Kind kind) {
        assertThat(StepText.of(new Step(kind, Step.LEADER, 2852), 3))
                .isNotBlank()
                .doesNotContain(kind.name(), "-1", "2852");
    }
}
