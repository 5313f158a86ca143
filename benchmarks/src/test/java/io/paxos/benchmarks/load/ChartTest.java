package io.paxos.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChartTest {
    private static final Pattern TICK_OF_X = Pattern.compile("<text class=\"x\" x=\"([0-9.]+)\"[^>]*>([^<]*)</text>");
    private static final Pattern LEGEND = Pattern.compile("<g class=\"legend ([^\"]*)\">.*?<text[^>]*>([^<]*)</text>");

    private static List<String> labels(final Axis axis) {
        return axis.ticks().stream().map(Axis.Tick::label).toList();
    }

    private static List<String> legend(final String svg) {
        return LEGEND.matcher(svg).results().map(entry -> entry.group(2)).toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -0.5 | 2 | -0.5 0.0 0.5 1.0 1.5 2.0
            0 | 12.6 | 0 2 4 6 8 10 12
            0 | 10 | 0 1 2 3 4 5 6 7 8 9 10
            0 | 1.2 | 0.0 0.2 0.4 0.6 0.8 1.0 1.2
            0 | 0.1 | 0.00 0.01 0.02 0.03 0.04 0.05 0.06 0.07 0.08 0.09 0.10
            0.3 | 41 | 5 10 15 20 25 30 35 40
            0 | 86400 | 0 10,000 20,000 30,000 40,000 50,000 60,000 70,000 80,000
            """)
    void ticks_are_round_and_as_precise_as_their_step(final double from, final double to, final String expected) {
        assertThat(labels(Axis.linear("", from, to))).containsExactly(expected.split(" "));
    }

    @ParameterizedTest
    @CsvSource({"43000, 45000", "1, 1", "0, 1", "0.3, 1", "100, 100", "101, 120", "999999, 1000000"})
    void an_axis_from_zero_ends_at_the_first_tick_that_holds_the_highest_value(final double highest, final double to) {
        final Axis axis = Axis.fromZero("", highest);
        assertThat(axis.to()).isEqualTo(to);
        assertThat(axis.ticks()).hasSizeBetween(5, Axis.TICKS_MAX);
        assertThat(axis.ticks().get(0).value()).isZero();
        assertThat(axis.ticks().get(axis.ticks().size() - 1).value()).isEqualTo(to);
    }

    @Test
    void a_logarithmic_axis_has_a_tick_per_power_of_ten_and_draws_zero_at_its_origin() {
        final Axis axis = Axis.decades("", 2300);
        assertThat(labels(axis)).containsExactly("≤ 1", "10", "100", "1,000", "10,000");
        assertThat(axis.position(0)).isZero();
        assertThat(axis.position(100)).isEqualTo(0.5);
        assertThat(axis.position(10_000)).isEqualTo(1);
    }

    @Test
    void every_number_of_ticks_stays_below_the_limit() {
        for (double to = 0.013; to < 1e7; to *= 1.037) {
            assertThat(Axis.linear("", 0, to).ticks()).as("0..%f", to).hasSizeBetween(5, Axis.TICKS_MAX);
        }
    }

    @Test
    void an_empty_axis_is_refused() {
        assertThatThrownBy(() -> Axis.linear("time, s", 3, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("time, s");
    }

    @Test
    void the_legend_names_each_series_and_each_kind_of_mark_once() {
        final String svg = Chart.linear("Title", Axis.linear("time, s", 0, 10), "commands per second")
                .line("all clients", List.of(new Chart.Point(1, 1)))
                .lines("kills", List.of(List.of(new Chart.Point(1, 2)), List.of(new Chart.Point(1, 3))))
                .mark(1, "the leader is killed")
                .mark(2, "the leader is killed")
                .svg();
        assertThat(legend(svg)).containsExactly("all clients", "kills", "the leader is killed");
        assertThat(svg.split("<polyline", -1)).hasSize(4);
        assertThat(svg.split("<g class=\"mark\">", -1)).hasSize(3);
    }

    @Test
    void both_axes_say_what_they_measure_and_in_which_unit() {
        final String svg = Chart.logarithmic("Title", Axis.linear("time, s", 0, 10), "latency, us")
                .line("a < b", List.of(new Chart.Point(1, 1)))
                .svg();
        assertThat(svg)
                .contains(">time, s</text>", ">latency, us</text>", "a &lt; b")
                .doesNotContain("a < b");
    }

    @Test
    void ticks_lie_where_their_values_are() {
        final String svg = Chart.linear("Title", Axis.linear("time, s", -0.5, 2), "per second")
                .line("one", List.of(new Chart.Point(-0.5, 1), new Chart.Point(2, 1)))
                .svg();
        final List<Double> positions = TICK_OF_X
                .matcher(svg)
                .results()
                .map(tick -> Double.valueOf(tick.group(1)))
                .toList();
        assertThat(positions).hasSize(6).isSorted();
        assertThat(svg).contains("points=\"" + positions.get(0)).contains(" " + positions.get(5) + ",");
    }
}
