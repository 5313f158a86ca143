package io.paxos.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.log.Durability;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ComparisonTest {
    private static final Library OURS = PaxosLibrary.tuned();
    private static final Library OTHER = PaxosLibrary.withDefaults();
    private static final Compare.Case LOAD = new Compare.Case(64, 256, Durability.SYNC);
    private static final String GOOD = "{\"per_s\":2000.0,\"p50_us\":10.0,\"p99_us\":20.0,"
            + "\"allocated_bytes_per_op\":3.0,\"cpu_us_per_op\":4.0,\"forces_per_op\":0.1}";

    private final Comparison comparison = new Comparison(List.of(OURS, OTHER), List.of(LOAD));

    @Test
    void a_comparison_of_runs_that_all_gave_results_has_no_failures() {
        comparison.add(OURS, LOAD, GOOD);
        comparison.add(OTHER, LOAD, GOOD.replace("2000.0", "1000.0"));
        assertThat(comparison.failures()).isEmpty();
        assertThat(comparison.table())
                .contains("| paxos-defaults | 1,000 (1,000..1,000) 0.50x |")
                .doesNotContain("ailed");
    }

    @Test
    void a_library_that_failed_in_one_round_is_named_although_other_rounds_gave_a_median() {
        comparison.add(OURS, LOAD, GOOD);
        comparison.add(OTHER, LOAD, GOOD);
        comparison.add(OTHER, LOAD, "");
        assertThat(comparison.failures()).isEqualTo("paxos-defaults 64 B x256 sync (1 of its rounds)");
        assertThat(comparison.table())
                .contains("**Failed and not in this table: paxos-defaults 64 B x256 sync (1 of its rounds).**");
    }

    @Test
    void a_line_that_lacks_a_figure_is_a_failed_run() {
        comparison.add(OURS, LOAD, GOOD.replace("p99_us", "p98_us"));
        assertThat(comparison.failures()).isEqualTo("paxos 64 B x256 sync (1 of its rounds)");
        assertThat(comparison.table()).contains("| paxos | failed |");
    }

    @Test
    void limits_that_could_not_be_measured_are_a_failure_too() {
        comparison.addFailure("limits with 64 B");
        comparison.addFailure("limits with 64 B");
        assertThat(comparison.failures()).isEqualTo("limits with 64 B (2 of its rounds)");
    }
}
