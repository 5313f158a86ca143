package io.paxos.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LoadToolTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(final String arguments) {
        return LoadTool.run(new PrintWriter(out), new PrintWriter(err), arguments.split(" "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run --payload 7",
                "run --in-flight 0",
                "run --in-flight many",
                "run --rate -1",
                "run --read-share 101",
                "run --seconds 0",
                "run --seconds NaN",
                "run --members 1,1",
                "run --members 0,1,2",
                "run --durability maybe",
                "run --mode cloud",
                "run --library nobodys",
                "run --slow-follower 0 --mode processes",
                "run --slow-follower 5",
                "run --plot /no/such/directory/plot.html",
                "run --snapshot-bytes -1",
                "run --log-tail-bytes -1",
                "run --log-budget-bytes 1000",
                "run --log-budget-bytes 67108864 --log-tail-bytes 40000000",
                "run --state-bytes 1073741825",
                "run --no-such-option",
                "failover --rounds 0",
                "failover --patience -1",
                "limits --payload 0",
                "compare --rounds 0",
                "compare --seconds 0",
                "compare --libraries nobodys",
                "dance",
            })
    void a_bad_argument_gets_one_line_and_exit_code_2(final String arguments) {
        assertThat(run(arguments)).isEqualTo(2);
        assertThat(err.toString()).startsWith("load: ").hasLineCount(1);
        assertThat(out.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--durability sync --in-flight 16",
                "--durability sync --rate 500",
                "--library paxos-defaults --durability sync --in-flight 16",
                "--durability replicated --rate 500 --read-share 50",
                "--durability replicated --snapshot-bytes 100000 --log-budget-bytes 67108864 --state-bytes 200000",
                "--durability sync --mode processes --in-flight 16 --snapshot-bytes 100000 --state-bytes 200000",
                "--durability replicated --members 4,7 --payload 1024 --in-flight 8",
            })
    void a_run_prints_one_line_and_draws_what_it_measured(final String arguments, @TempDir final Path directory)
            throws Exception {
        final Path plot = directory.resolve("plot.html");
        assertThat(run("run --seconds 1 --warmup-seconds 0.2 --dir " + directory + " --plot " + plot + " " + arguments))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).hasLineCount(1);
        final Map<String, Double> numbers = JsonLine.numbers(out.toString());
        assertThat(numbers.get("per_s")).isPositive();
        assertThat(numbers.get("p50_us")).isPositive().isLessThanOrEqualTo(numbers.get("max_us"));
        assertThat(numbers.get("wire_bytes_per_op")).isPositive();
        assertThat(numbers.get("failed")).isZero();
        assertThat(numbers.get("state_bytes")).isEqualTo(arguments.contains("--state-bytes 200000") ? 200_000 : 0);
        assertThat(Files.readString(plot)).contains("<polyline").doesNotContain("NaN", "src=", "href=");
    }

    @Test
    void a_comparison_whose_runs_failed_names_them_and_exits_with_1(@TempDir final Path directory) throws Exception {
        final Path file = Files.createFile(directory.resolve("file")); // no run can make its directory below a file
        assertThat(run("compare --rounds 1 --libraries paxos --durability sync --dir " + file))
                .isEqualTo(1);
        assertThat(err.toString())
                .contains(
                        "load: these runs failed",
                        "paxos 64 B x1 sync (1 of its rounds), paxos 64 B x256 sync",
                        "limits with 1024 B");
        assertThat(out.toString()).contains("| paxos | failed | failed | failed | failed |");
    }
}
