package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.log.ChronicleLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path dir;

    private int run(final List<String> arguments) {
        return PaxosKv.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(new String[0]));
    }

    /** A command line for {@code serve} that is correct but for these changes, which are options with their values. */
    private List<String> serve(final String... changes) {
        final Map<String, String> options = new LinkedHashMap<>();
        options.put("--id", "1");
        options.put("--replicas", "1=127.0.0.1:7101");
        options.put("--resp", "127.0.0.1:6371");
        options.put("--data", data().toString());
        for (int i = 0; i + 1 < changes.length; i += 2) {
            options.put(changes[i], changes[i + 1]);
        }
        final List<String> arguments = new ArrayList<>(List.of("serve"));
        options.forEach((name, value) -> arguments.addAll(List.of(name, value)));
        return arguments;
    }

    private Path data() {
        return dir.resolve("data");
    }

    private void refused(final List<String> arguments, final String... parts) {
        final int code = run(arguments);

        assertThat(err.toString()).startsWith("paxos-kv: ").contains(parts);
        assertThat(err.toString().lines()).as(err.toString()).hasSize(1);
        assertThat(out.toString()).isEmpty();
        assertThat(code).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    ""                                     | say what to do: serve or demo
                    nonsense                               | 'nonsense'
                    demo more                              | 'more'
                    serve                                  | Missing required options: '--id=N', '--replicas=
                    serve --id 1 --data d --resp 1.2.3.4:5 | Missing required option: '--replicas=
                    serve --id                             | Missing required parameter for option '--id'
                    serve --id 1 --id 2                    | option '--id'
                    """)
    void an_incomplete_command_line_is_one_line_and_exit_code_2(final String line, final String expected) {
        refused(line.isEmpty() ? List.of() : List.of(line.split(" ")), expected, "(see paxos-kv");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    --id           | x                                     | '--id': 'x'
                    --id           | 99999999999                           | '--id': '99999999999'
                    --id           | 0                                     | --id must be 1..65535, not 0
                    --id           | -1                                    | --id must be 1..65535, not -1
                    --id           | 65536                                 | --id must be 1..65535, not 65536
                    --id           | 4                                     | --id 4 is not among --replicas [1]; add it
                    --replicas     | ""                                    | '' is not id=host:port
                    --replicas     | 1=127.0.0.1:7101,1=127.0.0.1:7102     | id 1 is given twice; each
                    --replicas     | 1=127.0.0.1:7101,2=127.0.0.1:7101     | same address 127.0.0.1:7101; each
                    --replicas     | 1=127.0.0.1:7101,2                    | '2' is not id=host:port, as in
                    --replicas     | 1=127.0.0.1:7101,                     | '' is not id=host:port
                    --replicas     | =127.0.0.1:7101                       | '=127.0.0.1:7101' is not id=host:port
                    --replicas     | x=127.0.0.1:7101                      | must be a number 1..65535, not 'x'
                    --replicas     | 0=127.0.0.1:7101                      | must be a number 1..65535, not '0'
                    --replicas     | 70000=127.0.0.1:7101                  | must be a number 1..65535, not '70000'
                    --replicas     | 1=127.0.0.1                           | '127.0.0.1' is not an address; write
                    --replicas     | 1=::1:7                               | '::1:7' is not an address
                    --replicas     | 1=:7                                  | ':7' is not an address
                    --replicas     | 1=127.0.0.1:99999                     | must be a number 1..65535, not '99999'
                    --replicas     | 1=127.0.0.1:0                         | must be a number 1..65535, not '0'
                    --replicas     | 1=127.0.0.1:x                         | must be a number 1..65535, not 'x'
                    --replicas     | 1=0.0.0.0:7101                        | no address that others can reach; name this
                    --replicas     | 1=no.such.host.invalid:7101           | is unknown here; write its name
                    --resp         | ""                                    | '' is not an address
                    --resp         | 127.0.0.1                             | '127.0.0.1' is not an address
                    --resp         | 127.0.0.1:0                           | must be a number 1..65535, not '0'
                    --resp         | []:6371                               | the host of '[]:6371' is unknown here
                    --resp         | 127.0.0.1:7101                        | is the address of replica 1 in --replicas
                    --resp         | 0.0.0.0:7101                          | is the address of replica 1 in --replicas
                    --data         | ""                                    | --data is empty; name a directory
                    --durability   | none                                  | must be sync or replicated, not 'none'
                    --timeout-ms   | 0                                     | must be 1..3600000, not 0
                    --timeout-ms   | 3600001                               | must be 1..3600000, not 3600001
                    --client-idle-seconds | -1                             | must be 0 (no limit) or more, not -1
                    --heartbeat-ms | 0                                     | must be 1..60000, not 0
                    --heartbeat-ms | 60001                                 | must be 1..60000, not 60001
                    --snapshot-bytes | -1                                  | must be 0 (none by itself) or more, not -1
                    --log-budget-bytes | -1                                | must be 0 (no budget) or at least 67108864
                    --log-budget-bytes | 67108863                          | must be 0 (no budget) or at least 67108864
                    --transfer-bytes-per-second | 0                        | must be at least 1, not 0
                    --transfer-bytes-per-second | x                        | '--transfer-bytes-per-second': 'x'
                    --heartbeat-ms | x                                     | '--heartbeat-ms': 'x'
                    --cluster-id   | x                                     | '--cluster-id': 'x'
                    --more         | 1                                     | '--more'
                    """)
    void each_bad_option_is_named_in_one_line_and_nothing_is_opened(
            final String option, final String value, final String expected) {
        refused(serve(option, value), option, expected);

        assertThat(data()).doesNotExist();
    }

    @Test
    void more_replicas_than_a_cluster_can_have_are_refused() {
        final String replicas = IntStream.rangeClosed(1, 65)
                .mapToObj(id -> id + "=127.0.0.1:" + (7100 + id))
                .collect(Collectors.joining(","));

        refused(serve("--replicas", replicas), "--replicas names 65 replicas", "at most 64");
    }

    @Test
    void a_file_is_no_data_directory() throws IOException {
        final Path file = Files.createFile(dir.resolve("file"));

        refused(serve("--data", file.toString()), file + " is not a directory; name one");
    }

    @Test
    void a_directory_cannot_be_made_inside_a_file_or_behind_a_dangling_link() throws IOException {
        final Path file = Files.createFile(dir.resolve("file"));
        final Path link = Files.createSymbolicLink(dir.resolve("link"), dir.resolve("missing"));

        refused(serve("--data", file.resolve("data").toString()), file + " is a file", "choose another directory");
        err.getBuffer().setLength(0);
        refused(serve("--data", link.toString()), link + " is a symbolic link", "create that directory");
    }

    @Test
    void a_directory_of_another_replica_is_refused() {
        try (ChronicleLog log = openLog(7)) {
            assertThat(log.replica()).isEqualTo(7);
        }

        refused(serve(), data().toString(), "replica 7");
    }

    @Test
    void the_log_is_closed_when_the_port_for_replicas_is_in_use() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            final String address = "127.0.0.1:" + taken.getLocalPort();

            refused(serve("--replicas", "1=" + address), "--replicas: ", address, "in use", "choose another port");
        }
        assertTheLogCanBeOpened();
    }

    @Test
    void the_log_is_closed_when_the_address_for_replicas_is_not_of_this_machine() {
        refused(serve("--replicas", "1=192.0.2.1:7101"), "--replicas: ", "192.0.2.1:7101", "one of this machine");

        assertTheLogCanBeOpened();
    }

    @Test
    void the_replica_is_closed_when_the_port_for_clients_is_in_use() throws IOException {
        final int port = ServeCluster.freePorts(1).get(0);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            final String address = "127.0.0.1:" + taken.getLocalPort();

            refused(
                    serve("--replicas", "1=127.0.0.1:" + port, "--resp", address),
                    address,
                    "in use",
                    "stop the process that uses it, or choose another --resp");
        }
        assertTheLogCanBeOpened();
        new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
    }

    @Test
    void the_replica_is_closed_when_the_address_for_clients_is_not_of_this_machine() throws IOException {
        final int port = ServeCluster.freePorts(1).get(0);

        refused(
                serve("--replicas", "1=127.0.0.1:" + port, "--resp", "192.0.2.1:6371"),
                "192.0.2.1:6371",
                "choose an address of this machine for --resp");

        assertTheLogCanBeOpened();
    }

    /** Fails if the directory is still locked: a log that is left open holds its lock. */
    private void assertTheLogCanBeOpened() {
        try (ChronicleLog log = openLog(1)) {
            assertThat(log.valueLengthMax()).isPositive();
        }
    }

    private ChronicleLog openLog(final int id) {
        return ChronicleLog.builder(data(), 1, id).open();
    }

    @Test
    void help_and_version_are_no_errors() {
        assertThat(run(List.of("--help"))).isZero();
        assertThat(run(List.of("serve", "--help"))).isZero();
        assertThat(run(List.of("--version"))).isZero();
        assertThat(out.toString()).contains("serve", "demo", "--durability", "paxos-kv ");
        assertThat(err.toString()).isEmpty();
    }
}
