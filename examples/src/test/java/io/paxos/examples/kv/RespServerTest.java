package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.Outcome;
import io.paxos.Read;
import io.paxos.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RespServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long LARGE_HEAP = 4L << 30;

    private final FakeEngine engine = new FakeEngine();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private RespServer server;
    private RespClient client;

    @BeforeEach
    void open() throws IOException {
        server = open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        client = new RespClient(server.address(), PATIENCE);
    }

    private RespServer open(final InetSocketAddress address) throws IOException {
        return RespServer.open(address, engine, "1,2,3", ClientLimits.of(LARGE_HEAP, 0), failures::add);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        engine.release();
        server.close();
        assertThat(failures).isEmpty();
    }

    private String call(final String... words) throws IOException {
        return client.call(words).text();
    }

    private void raw(final String text) throws IOException {
        client.sendRaw(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private String receive() throws IOException {
        return client.receive().text();
    }

    @Nested
    class Order {
        @Test
        void answers_come_in_the_order_of_the_requests() throws IOException {
            engine.hold();
            client.send("SET", "k", "v");
            client.send("PING");
            client.send("GET", "k");
            client.send("ECHO", "x");
            client.send("NONSENSE");
            client.send("INCR", "n");
            engine.release();

            assertThat(List.of(receive(), receive(), receive(), receive())).containsExactly("OK", "PONG", "v", "x");
            assertThat(receive()).startsWith("ERR unknown command");
            assertThat(receive()).isEqualTo("1");
        }

        @Test
        void what_waits_meanwhile_travels_as_one_command() throws IOException {
            engine.hold();
            client.send("INCR", "n");
            assertThat(Await.until(PATIENCE, () -> engine.held() == 1)).isTrue();
            for (int i = 0; i < 10; i++) {
                client.send("INCR", "n");
            }
            client.send("GET", "n");
            client.send("INCR", "n");
            assertThat(answersAfterRelease())
                    .containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "11", "12");
            assertThat(engine.batches().get(0)).isEqualTo(1);
            assertThat(engine.batches().size()).isLessThan(13);
        }

        private List<String> answersAfterRelease() throws IOException {
            engine.release();
            final List<String> answers = new ArrayList<>();
            for (int i = 0; i < 13; i++) {
                answers.add(receive());
            }
            return answers;
        }

        @Test
        void only_one_command_of_a_connection_is_with_the_engine() throws IOException {
            engine.hold();
            for (int i = 0; i < 5; i++) {
                client.send("SET", "k", "v" + i);
                client.send("GET", "k");
            }
            assertThat(Await.until(PATIENCE, () -> engine.held() == 1)).isTrue();
            client.send("PING");
            try (RespClient other = new RespClient(server.address(), PATIENCE)) {
                assertThat(other.call("PING").text()).isEqualTo("PONG"); // so the loop has been round since
            }
            assertThat(engine.held()).isEqualTo(1);
        }

        @Test
        void ten_thousand_pipelined_requests_are_all_answered() throws Exception {
            final Thread writer = new Thread(() -> {
                try {
                    for (int i = 0; i < 10_000; i++) {
                        client.send("INCR", "n");
                    }
                } catch (final IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            writer.start();
            for (int i = 1; i <= 10_000; i++) {
                assertThat(receive()).isEqualTo(Integer.toString(i));
            }
            writer.join();
        }

        /** L23: RATIS-2227: a slow client costs no more than its buffer. */
        @Test
        void a_client_that_does_not_read_does_not_make_the_server_buffer_without_bound() throws IOException {
            final String value = "x".repeat(100_000);
            call("SET", "k", value);
            for (int i = 0; i < 500; i++) {
                client.send("GET", "k");
            }
            for (int i = 0; i < 500; i++) {
                assertThat(client.receive().text()).hasSameSizeAs(value);
            }
        }
    }

    @Nested
    class Errors {
        @Test
        void not_chosen_is_clusterdown_for_every_operation() throws IOException {
            engine.failWith(new Outcome.NotChosen(Reason.NO_LEADER, "no leader\r\nyet"));

            assertThat(call("SET", "k", "v")).isEqualTo("CLUSTERDOWN not executed: no leader yet");
            assertThat(call("GET", "k")).isEqualTo("CLUSTERDOWN not read: no quorum answers");
        }

        @Test
        void unknown_is_unknown() throws IOException {
            engine.failWith(new Outcome.Unknown("deadline"));

            assertThat(call("INCR", "n")).isEqualTo("UNKNOWN may have been executed: deadline");
        }

        @Test
        void a_malformed_request_gets_an_error_after_the_earlier_answers_and_ends_the_connection() throws IOException {
            engine.hold();
            raw("*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n*1\r\n:5\r\n*1\r\n$4\r\nPING\r\n");
            assertThat(Await.until(PATIENCE, () -> engine.held() == 1)).isTrue();
            engine.release();

            assertThat(receive()).isEqualTo("1");
            assertThat(receive()).startsWith("ERR Protocol error");
            assertThat(client.hungUp()).isTrue();
        }

        @Test
        void each_malformed_request_is_a_protocol_error() throws IOException {
            for (final String bad : List.of(
                    "*x\r\n",
                    "*99999999\r\n",
                    "*-5\r\n",
                    "*1\r\n$x\r\n",
                    "*1\r\n$-1\r\n",
                    "*1\r\n$-7\r\n",
                    "*1\r\n$999999999999\r\n",
                    "*1\r\n*1\r\n",
                    "*1\r\nPING\r\n",
                    "*1\r\n$4\r\nPINGxx",
                    "+PING\r\n",
                    "-PING\r\n",
                    "$4\r\nPING\r\n",
                    "SET k \"open\r\n",
                    "SET k 'a'b\r\n",
                    "*1\n",
                    "*1\r\n$4\n",
                    "*\r\n",
                    "x".repeat(70_000))) {
                try (RespClient client = new RespClient(server.address(), PATIENCE)) {
                    client.sendRaw(bad.getBytes(StandardCharsets.ISO_8859_1));
                    assertThat(client.receive().text()).as(bad).startsWith("ERR Protocol error: ");
                    assertThat(client.hungUp()).as(bad).isTrue();
                }
            }
        }

        @Test
        void the_connection_outlives_a_client_that_leaves_in_the_middle() throws IOException {
            try (RespClient other = new RespClient(server.address(), PATIENCE)) {
                engine.hold();
                other.send("SET", "k", "v");
                assertThat(Await.until(PATIENCE, () -> engine.held() == 1)).isTrue();
            }
            engine.release();

            assertThat(call("GET", "k")).isEqualTo("v");
        }
    }

    @Nested
    class Bounds {
        @Test
        void a_value_of_the_largest_size_goes_in_and_out() throws IOException {
            final String value = "v".repeat(KvLimits.ARGUMENT_BYTES_MAX);

            assertThat(call("SET", "k", value)).isEqualTo("OK");
            assertThat(call("GET", "k")).isEqualTo(value);
        }

        @Test
        void a_larger_value_is_refused_and_the_connection_goes_on() throws IOException {
            assertThat(call("SET", "k", "v".repeat(KvLimits.ARGUMENT_BYTES_MAX + 1)))
                    .isEqualTo("ERR an argument of 524289 bytes is too large: at most 524288");
            assertThat(call("EXISTS", "k")).isEqualTo("0");
        }

        @Test
        void a_request_that_is_too_large_in_all_is_refused() throws IOException {
            final String half = "v".repeat(KvLimits.REQUEST_BYTES_MAX / 2);

            assertThat(call("MSET", "a", half, "b", half)).startsWith("ERR the request is too large");
            assertThat(call("PING")).isEqualTo("PONG");
        }
    }

    @Nested
    class Connection {
        @Test
        void reads_are_local_from_readonly_to_readwrite() throws IOException {
            call("GET", "k");
            call("READONLY");
            call("GET", "k");
            call("READWRITE");
            call("GET", "k");

            assertThat(engine.reads()).containsExactly(Read.LINEARIZABLE, Read.LOCAL, Read.LINEARIZABLE);
        }

        @Test
        void inline_commands_are_understood() throws IOException {
            raw("SET k \"a \\x41\\n\"\r\n\r\nGET k\r\nset  j 'it\\'s'\r\nget j\r\n");

            assertThat(List.of(receive(), receive(), receive(), receive()))
                    .containsExactly("OK", "a A\n", "OK", "it's");
        }

        /** F38: as redis-server. */
        @Test
        void a_line_may_end_with_a_line_feed_alone() throws IOException {
            raw("PING\n\n\nSET k v\nGET k\r\n");

            assertThat(List.of(receive(), receive(), receive())).containsExactly("PONG", "OK", "v");
        }

        @Test
        void empty_arrays_are_ignored_and_empty_strings_are_not() throws IOException {
            raw("*0\r\n*-1\r\n*3\r\n$3\r\nSET\r\n$0\r\n\r\n$0\r\n\r\n");

            assertThat(receive()).isEqualTo("OK");
            assertThat(call("GET", "")).isEmpty();
        }

        @Test
        void requests_may_come_byte_by_byte() throws IOException {
            for (final byte b : "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\na\r\n\r\n".getBytes(StandardCharsets.UTF_8)) {
                client.sendRaw(new byte[] {b});
            }

            assertThat(receive()).isEqualTo("OK");
            assertThat(call("GET", "k")).isEqualTo("a\r\n");
        }

        /** L25: arcadedb #5275: the leader, and how many of how many answer. */
        @Test
        void info_tells_the_state_of_the_replica() throws IOException {
            assertThat(call("INFO", "paxos").lines())
                    .containsExactly(
                            "# paxos",
                            "id:2",
                            "role:follower",
                            "leader_id:3",
                            "ballot:7.3",
                            "epoch:1",
                            "chosen:42",
                            "applied:41",
                            "replay_through:21",
                            "first_slot:31",
                            "log_bytes:70000",
                            "snapshot_slot:40",
                            "snapshots:none yet",
                            "snapshot_bytes:900",
                            "snapshot_pause_us:1",
                            "durability:sync",
                            "members:3",
                            "member_ids:1,2,3",
                            "connected:2",
                            "member_2:connected=1,behind_slots=1,round_trip_rounds=0",
                            "member_3:connected=0,behind_slots=7,round_trip_rounds=4",
                            "ready:0",
                            "not_ready:no leader",
                            "round_trip_alarm:too tight",
                            "fault:");
            assertThat(call("INFO")).contains("# server", "# clients", "connected_clients:1", "# paxos");
            assertThat(call("INFO", "clients")).doesNotContain("paxos");
        }

        @Test
        void paxos_snapshot_answers_the_slot_or_why_there_is_none() throws IOException {
            assertThat(call("PAXOS", "snapshot")).isEqualTo("OK 41");
            assertThat(call("PAXOS", "FISH")).isEqualTo("ERR unknown subcommand 'FISH'");
            assertThat(call("PAXOS")).startsWith("ERR wrong number of arguments");
            engine.failWith(new Outcome.NotChosen(Reason.NO_LEADER, "x"));
            assertThat(call("PAXOS", "SNAPSHOT")).isEqualTo("ERR no snapshot: the disk is full");
        }

        @Test
        void later_requests_of_the_connection_wait_for_a_snapshot() throws IOException {
            engine.hold();
            client.send("PAXOS", "SNAPSHOT");
            client.send("SET", "k", "v");
            client.send("PING");
            engine.release();

            assertThat(List.of(receive(), receive(), receive())).containsExactly("OK 41", "OK", "PONG");
        }

        @Test
        void hello_accepts_protocol_2_only() throws IOException {
            assertThat(call("HELLO")).contains("proto, 2");
            assertThat(call("HELLO", "2", "SETNAME", "me")).contains("proto, 2");
            assertThat(call("CLIENT", "GETNAME")).isEqualTo("me");
            assertThat(call("HELLO", "3")).isEqualTo("NOPROTO unsupported protocol version");
            assertThat(call("HELLO", "x")).startsWith("ERR Protocol version");
        }

        @Test
        void tools_get_what_they_ask_for_at_the_start() throws IOException {
            assertThat(call("COMMAND")).contains("[get, 2, [readonly], 1, 1, 1]");
            assertThat(call("COMMAND", "COUNT")).isEqualTo("28");
            assertThat(call("COMMAND", "DOCS", "get")).startsWith("[get, [summary, ");
            assertThat(call("COMMAND", "INFO", "nope")).isEqualTo("[(nil)]");
            assertThat(call("CONFIG", "GET", "save")).isEqualTo("[save, ]");
            assertThat(call("CONFIG", "GET", "other")).isEqualTo("[]");
            assertThat(call("CLIENT", "SETINFO", "LIB-NAME", "x")).isEqualTo("OK");
            assertThat(call("CLIENT", "SETNAME", "a b")).startsWith("ERR Client names cannot");
            assertThat(call("CLIENT", "ID")).isEqualTo("1");
            assertThat(call("SELECT", "0")).isEqualTo("OK");
            assertThat(call("SELECT", "1")).isEqualTo("ERR DB index is out of range");
        }

        @Test
        void quit_answers_and_hangs_up() throws IOException {
            client.send("SET", "k", "v");
            client.send("QUIT");
            client.send("PING");

            assertThat(receive()).isEqualTo("OK");
            assertThat(receive()).isEqualTo("OK");
            assertThat(client.hungUp()).isTrue();
        }
    }

    @Nested
    class Closing {
        @Test
        void an_address_in_use_is_named() {
            assertThatThrownBy(() -> open(server.address()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot listen for clients on")
                    .hasMessageContaining(Integer.toString(server.address().getPort()))
                    .hasMessageContaining("in use");
        }

        @Test
        void what_was_asked_is_answered_before_the_server_ends() throws Exception {
            engine.hold();
            client.send("SET", "k", "v");
            assertThat(Await.until(PATIENCE, () -> engine.held() == 1)).isTrue();
            final Thread closer = new Thread(server::close);
            closer.start();
            engine.release();

            assertThat(receive()).isEqualTo("OK");
            assertThat(client.hungUp()).isTrue();
            closer.join();
        }
    }
}
