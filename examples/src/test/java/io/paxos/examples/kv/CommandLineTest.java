package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(final String... arguments) {
        return PaxosKv.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    '' | say what to do: serve or demo
                    nonsense | nonsense
                    serve | Missing required options
                    serve --id x --replicas 1=h:1 --resp h:2 --data d | --id
                    serve --id 4 --replicas 1=127.0.0.1:7101 --resp 127.0.0.1:6371 --data d | --id 4 is not among --replicas [1]
                    serve --id 1 --replicas 1=127.0.0.1:7101,1=127.0.0.1:7102 --resp 127.0.0.1:6371 --data d | id 1 is given twice
                    serve --id 1 --replicas 1=127.0.0.1:7101,2=127.0.0.1:7101 --resp 127.0.0.1:6371 --data d | same address
                    serve --id 1 --replicas 1=127.0.0.1:7101,2 --resp 127.0.0.1:6371 --data d | '2' is not id=host:port
                    serve --id 1 --replicas 1=127.0.0.1:7101, --resp 127.0.0.1:6371 --data d | '' is not id=host:port
                    serve --id 1 --replicas 0=127.0.0.1:7101 --resp 127.0.0.1:6371 --data d | must be a number 1..65535, not '0'
                    serve --id 1 --replicas 70000=127.0.0.1:7101 --resp 127.0.0.1:6371 --data d | not '70000'
                    serve --id 1 --replicas 1=127.0.0.1 --resp 127.0.0.1:6371 --data d | '127.0.0.1' is not an address
                    serve --id 1 --replicas 1=::1:7 --resp 127.0.0.1:6371 --data d | is not an address
                    serve --id 1 --replicas 1=127.0.0.1:99999 --resp 127.0.0.1:6371 --data d | not '99999'
                    serve --id 1 --replicas 1=127.0.0.1:x --resp 127.0.0.1:6371 --data d | not 'x'
                    serve --id 1 --replicas 1=0.0.0.0:7101 --resp 127.0.0.1:6371 --data d | no address that others can reach
                    serve --id 1 --replicas 1=no.such.host.invalid:7101 --resp 127.0.0.1:6371 --data d | is unknown here
                    serve --id 1 --replicas 1=127.0.0.1:7101 --resp 127.0.0.1 --data d | --resp: '127.0.0.1' is not an address
                    serve --id 1 --replicas 1=127.0.0.1:7101 --resp 127.0.0.1:7101 --data d | is the address of replica 1
                    serve --id 1 --replicas 1=127.0.0.1:7101 --resp 127.0.0.1:6371 --data d --durability none | sync or replicated
                    serve --id 1 --replicas 1=127.0.0.1:7101 --resp 127.0.0.1:6371 --data d --heartbeat-ms 0 | must be 1..60000, not 0
                    serve --id 1 --replicas 1=127.0.0.1:7101 --resp 127.0.0.1:6371 --data d --heartbeat-ms x | --heartbeat-ms
                    serve --id 1 --replicas 1=127.0.0.1:7101 --resp 127.0.0.1:6371 --data d --cluster-id x | --cluster-id
                    serve --id 1 --replicas 1=127.0.0.1:7101 --resp 127.0.0.1:6371 --data d --more | --more
                    """)
    void bad_input_is_one_line_and_exit_code_2(final String line, final String expected) {
        final int code = line.isEmpty() ? run() : run(line.split(" "));

        assertThat(err.toString()).startsWith("paxos-kv: ").contains(expected);
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(out.toString()).isEmpty();
        assertThat(code).isEqualTo(2);
    }

    @Test
    void a_file_is_no_data_directory(@TempDir final Path dir) throws IOException {
        final Path file = Files.createFile(dir.resolve("file"));

        final int code = run(
                "serve",
                "--id",
                "1",
                "--replicas",
                "1=127.0.0.1:7101",
                "--resp",
                "127.0.0.1:6371",
                "--data",
                file.toString());

        assertThat(err.toString()).contains("is not a directory");
        assertThat(code).isEqualTo(2);
    }

    @Test
    void help_and_version_are_no_errors() {
        assertThat(run("--help")).isZero();
        assertThat(run("serve", "--help")).isZero();
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).contains("serve", "demo", "--durability", "paxos-kv ");
        assertThat(err.toString()).isEmpty();
    }
}
