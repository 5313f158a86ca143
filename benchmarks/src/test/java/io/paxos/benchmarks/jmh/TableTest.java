package io.paxos.benchmarks.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TableTest {
    private static final String SUITE = "io.paxos.benchmarks.jmh.FrameBenchmark";

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private static List<ExpectedRow> expected() {
        final List<ExpectedRow> rows = new ArrayList<>();
        rows.addAll(ExpectedRow.of(SUITE + ".read", Map.of("message", new String[] {"PING", "PONG"})));
        rows.addAll(ExpectedRow.of(SUITE + ".write", Map.of()));
        return rows;
    }

    private static String run(final String method, final String parameters, final String score) {
        return """
                {"benchmark": "%s.%s", %s "jmhVersion": "1.37", "vmName": "VM", "vmVersion": "17", "forks": 3,
                 "warmupIterations": 5, "warmupTime": "2 s", "measurementIterations": 5, "measurementTime": "2 s",
                 "primaryMetric": {"score": %s, "scoreError": "NaN", "scoreUnit": "ns/op"}, "secondaryMetrics": {}}
                """.formatted(SUITE, method, parameters, score);
    }

    private static String read(final String message, final String score) {
        return run("read", "\"params\": {\"message\": \"" + message + "\"},", score);
    }

    private int table(final String... runs) throws IOException {
        final Path json = directory.resolve("jmh.json");
        Files.writeString(json, "[" + String.join(",", runs) + "]");
        return Table.run(
                new PrintStream(err, true, StandardCharsets.UTF_8),
                TableTest::expected,
                json.toString(),
                directory.resolve("page.md").toString());
    }

    private String printed() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_complete_result_makes_a_page_with_a_row_for_each_run() throws IOException {
        assertThat(table(read("PING", "12.3"), read("PONG", "4.5"), run("write", "", "6.7")))
                .as(this::printed)
                .isZero();
        assertThat(directory.resolve("page.md"))
                .content()
                .contains("## FrameBenchmark", "| read | message=PING | 12.30 |", "| write |  | 6.70 |");
    }

    @Test
    void a_failed_benchmark_is_named_on_one_line_and_no_page_is_written() throws IOException {
        assertThat(table(read("PING", "12.3"), run("write", "", "6.7"))).isEqualTo(1);
        assertThat(printed())
                .hasLineCount(1)
                .contains("jmh.json lacks 1 of 3 results: FrameBenchmark.read message=PONG;");
        assertThat(directory.resolve("page.md")).doesNotExist();
    }

    @Test
    void a_row_without_a_score_is_missing() throws IOException {
        assertThat(table(read("PING", "12.3"), read("PONG", "\"NaN\""), run("write", "", "6.7")))
                .isEqualTo(1);
        assertThat(printed()).hasLineCount(1).contains("FrameBenchmark.read message=PONG");
    }

    @Test
    void an_empty_result_names_every_benchmark() throws IOException {
        assertThat(table()).isEqualTo(1);
        assertThat(printed())
                .hasLineCount(1)
                .contains("lacks 3 of 3 results", "message=PING", "message=PONG", "FrameBenchmark.write");
    }

    @Test
    void a_row_is_expected_for_each_combination_of_parameters() {
        final List<ExpectedRow> rows = ExpectedRow.of(
                "a.B.c", new TreeMap<>(Map.of("x", new String[] {"1", "2"}, "y", new String[] {"3", "4"})));
        assertThat(rows.stream().map(ExpectedRow::text))
                .containsExactly("B.c x=1 y=3", "B.c x=1 y=4", "B.c x=2 y=3", "B.c x=2 y=4");
    }

    @Test
    void wrong_arguments_get_the_usage_and_exit_code_2() throws IOException {
        assertThat(Table.run(new PrintStream(err, true, StandardCharsets.UTF_8), TableTest::expected, "only.json"))
                .isEqualTo(2);
        assertThat(printed()).hasLineCount(1).startsWith("usage: ");
    }
}
