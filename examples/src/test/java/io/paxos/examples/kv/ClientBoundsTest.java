package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that take what they can get. The server has less for them than they want. */
class ClientBoundsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int VALUE_BYTES = 500_000;
    private static final int MEMORY_BYTES = 16 << 20;
    private static final int REPLY_BYTES = 4 << 20;

    private final FakeEngine engine = new FakeEngine();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final List<RespClient> clients = new ArrayList<>();
    private RespServer server;

    @AfterEach
    void close() {
        engine.release();
        CloseHelper.quietCloseAll(clients);
        server.close();
    }

    private void open(final int connections, final Duration idle) throws IOException {
        final ClientLimits limits = new ClientLimits(MEMORY_BYTES, connections, REPLY_BYTES, idle.toNanos());
        server = RespServer.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), engine, "1", limits, failures::add);
    }

    private RespClient connect() throws IOException {
        final RespClient client = new RespClient(server.address(), PATIENCE);
        clients.add(client);
        return client;
    }

    private static String value() {
        return "v".repeat(VALUE_BYTES);
    }

    private static long memoryOf(final RespClient client) throws IOException {
        final String text = client.call("INFO", "clients").text();
        return Long.parseLong(text.replaceAll("(?s).*client_memory_bytes:(\\d+).*", "$1"));
    }

    @Nested
    class Memory {
        /** F14: no client fills a replica, and all together do not. */
        @Test
        void clients_that_read_no_reply_stay_below_the_bound_and_others_are_served() throws IOException {
            open(100, Duration.ZERO);
            final RespClient good = connect();
            assertThat(good.call("SET", "k", value()).text()).isEqualTo("OK");
            for (int i = 0; i < 30; i++) {
                connect().send("MGET", "k", "k", "k", "k", "k", "k", "k", "k");
            }
            for (int i = 0; i < 30; i++) {
                connect().send("GET", "k");
            }

            for (int i = 0; i < 200; i++) {
                assertThat(good.call("SET", "small", "" + i).text()).isEqualTo("OK");
                assertThat(memoryOf(good)).isLessThanOrEqualTo(MEMORY_BYTES);
            }
            assertThat(failures).isEmpty();
        }

        /** F14: one that does not read gives way when others need what it keeps. */
        @Test
        void each_reply_is_delivered_or_refused_though_others_are_not_read() throws IOException {
            open(100, Duration.ZERO);
            final RespClient good = connect();
            assertThat(good.call("SET", "k", value()).text()).isEqualTo("OK");
            for (int i = 0; i < 10; i++) {
                connect().send("MGET", "k", "k", "k", "k", "k", "k", "k", "k");
            }

            final boolean isDelivered = Await.until(PATIENCE, () -> isArray(good));

            assertThat(isDelivered).isTrue();
        }

        private boolean isArray(final RespClient client) {
            try {
                final RespReply reply = client.call("MGET", "k", "k", "k", "k", "k", "k", "k", "k");
                assertThat(reply.failed() ? reply.text() : "OOM not read").startsWith("OOM not read");
                return reply instanceof RespReply.Array array && array.items().size() == 8;
            } catch (final IOException e) {
                throw new IllegalStateException(e);
            }
        }

        /** F14: an answer that needs no engine counts as well. */
        @Test
        void echoes_that_are_not_read_stop_the_reading_of_more() throws Exception {
            open(100, Duration.ZERO);
            final RespClient good = connect();
            final RespClient echoing = connect();
            final int count = 100;
            final Thread sender = new Thread(() -> {
                for (int i = 0; i < count; i++) {
                    send(echoing, "ECHO", value());
                }
            });
            sender.start();
            for (int i = 0; i < 100; i++) {
                assertThat(memoryOf(good)).isLessThan(KvLimits.WAITING_BYTES_MAX + 2 * KvLimits.REQUEST_BYTES_MAX);
            }
            for (int i = 0; i < count; i++) {
                assertThat(echoing.receive().text()).hasSize(VALUE_BYTES);
            }
            sender.join();
            assertThat(Await.until(PATIENCE, () -> isZero(good))).isTrue();
        }

        private void send(final RespClient client, final String... words) {
            try {
                client.send(words);
            } catch (final IOException e) {
                throw new IllegalStateException(e);
            }
        }

        private boolean isZero(final RespClient client) {
            try {
                return memoryOf(client) == 0;
            } catch (final IOException e) {
                throw new IllegalStateException(e);
            }
        }

        /** F14: a client that leaves gives everything back, whatever state it was in. */
        @Test
        void nothing_is_kept_for_clients_that_have_left() throws IOException {
            open(100, Duration.ZERO);
            final RespClient good = connect();
            assertThat(good.call("SET", "k", value()).text()).isEqualTo("OK");
            final List<RespClient> gone = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                final RespClient client = connect();
                gone.add(client);
                switch (i % 4) {
                    case 0 -> client.send("MGET", "k", "k", "k", "k", "k", "k", "k", "k");
                    case 1 -> client.sendRaw("*2\r\n$4\r\nECHO\r\n$300000\r\nee".getBytes(StandardCharsets.UTF_8));
                    case 2 -> client.send("ECHO", value());
                    default -> {
                        client.send("SET", "k", value());
                        client.send("MGET", "k", "k", "k");
                    }
                }
            }
            good.call("PING");
            engine.hold();
            gone.get(0).send("GET", "k");
            CloseHelper.quietCloseAll(gone);
            engine.release();

            assertThat(Await.until(PATIENCE, () -> isZero(good))).isTrue();
        }

        /** F35: a request is executed whole or not at all. */
        @Test
        void a_request_that_finds_no_memory_is_refused_as_a_whole_and_the_connection_goes_on() throws IOException {
            open(100, Duration.ZERO);
            for (int i = 0; i < 40; i++) {
                connect().sendRaw("*2\r\n$4\r\nECHO\r\n$500000\r\nee".getBytes(StandardCharsets.UTF_8));
            }
            final RespClient client = connect();

            final boolean isRefused = Await.until(PATIENCE, () -> isRefused(client));

            assertThat(isRefused).isTrue();
            assertThat(client.call("EXISTS", "none").text()).isEqualTo("0");
        }

        private boolean isRefused(final RespClient client) {
            try {
                final String reply = client.call("SET", "none", value(), "XX").text();
                assertThat(reply).doesNotStartWith("OK");
                return reply.startsWith("OOM not executed");
            } catch (final IOException e) {
                throw new IllegalStateException(e);
            }
        }

        @Test
        void questions_about_many_names_are_refused() throws IOException {
            open(100, Duration.ZERO);
            final String[] words = new String[300];
            Arrays.fill(words, "get");
            words[0] = "COMMAND";
            words[1] = "INFO";

            assertThat(connect().call(words).text()).isEqualTo("ERR 298 names are too many: at most 256");
            assertThat(connect().call("CLIENT", "SETNAME", "n".repeat(200)).text())
                    .contains("more than 128 bytes");
        }
    }

    @Nested
    class Places {
        /** F34: idle clients lock nobody out. */
        @Test
        void the_client_that_is_idle_for_the_longest_time_gives_way_when_all_places_are_taken() throws IOException {
            open(3, Duration.ZERO);
            final RespClient first = connect();
            final RespClient second = connect();
            final RespClient third = connect();
            assertThat(third.call("PING").text()).isEqualTo("PONG");
            assertThat(first.call("PING").text()).isEqualTo("PONG");

            assertThat(Await.until(PATIENCE, this::isServed)).isTrue();

            assertThat(second.hungUp()).isTrue();
            assertThat(first.call("PING").text()).isEqualTo("PONG");
        }

        private boolean isServed() {
            try (RespClient late = new RespClient(server.address(), PATIENCE)) {
                return late.call("PING").text().equals("PONG");
            } catch (final IOException e) {
                return false;
            }
        }

        /** F34: one who cannot come in is told so. */
        @Test
        void a_new_client_gets_one_line_when_all_others_are_busy() throws IOException {
            open(2, Duration.ZERO);
            engine.hold();
            connect().send("SET", "k", "v");
            connect().send("SET", "k", "v");
            assertThat(Await.until(PATIENCE, () -> engine.held() == 2)).isTrue();

            final RespClient late = connect();

            assertThat(late.receive().text()).isEqualTo("ERR max number of clients reached");
            assertThat(late.hungUp()).isTrue();
        }

        /** F34: dead and idle clients go. */
        @Test
        void a_client_that_does_nothing_is_gone_after_the_limit_and_one_that_waits_for_an_answer_is_not()
                throws IOException {
            open(10, Duration.ofMillis(300));
            engine.hold();
            final RespClient busy = connect();
            busy.send("SET", "k", "v");
            assertThat(Await.until(PATIENCE, () -> engine.held() == 1)).isTrue();

            final RespClient idle = connect();
            assertThat(idle.hungUp()).isTrue();
            engine.release();

            assertThat(busy.receive().text()).isEqualTo("OK");
        }
    }

    @Nested
    class Endings {
        /** F38: a page in a browser can send this. */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "POST / HTTP/1.1\r\nHost: x\r\n\r\nSET k v\r\n",
                    "GET / HTTP/1.1\r\nHost: x\r\n\r\nSET k v\r\n",
                    "Host: x\r\nSET k v\r\n"
                })
        void a_request_of_http_closes_the_connection_and_executes_nothing(final String text) throws IOException {
            open(10, Duration.ZERO);
            final RespClient browser = connect();
            browser.sendRaw(text.getBytes(StandardCharsets.UTF_8));

            assertThat(browser.hungUp()).isTrue();
            assertThat(engine.batches()).isEmpty();
            assertThat(engine.reads()).isEmpty();
        }

        /** F35: an error is told to the process, which ends; F38: and its class is not told to the client. */
        @Test
        void an_error_on_the_thread_that_serves_clients_is_told() throws IOException {
            open(10, Duration.ZERO);
            final Error error = new OutOfMemoryError("Java heap space");
            engine.throwAlways(error);

            final String answer = connect().call("SET", "k", "v").text();

            assertThat(answer).isEqualTo("ERR an internal error, see the log of the replica");
            assertThat(failures).containsExactly(error);
        }
    }
}
