package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestDecoderTest {
    private static final int LIMIT = 100_000;

    private final ClientMemory memory = new ClientMemory(LIMIT);
    private final RequestDecoder decoder = new RequestDecoder(memory);

    /** What comes out, as text. */
    private List<String> decode(final String text) {
        final ByteBuf in = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
        final List<String> requests = new ArrayList<>();
        Request request;
        while ((request = decoder.next(in)) != null) {
            requests.add(text(request));
        }
        return requests;
    }

    private String text(final Request request) {
        if (request instanceof Request.Call call) {
            memory.give(call.bytes());
            return call.words().stream().map(Words::text).toList().toString();
        }
        if (request instanceof Request.Refused refused) {
            return refused.error();
        }
        return request instanceof Request.Broken broken ? broken.error() : "foreign";
    }

    private static String array(final String... words) {
        final StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
        for (final String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        return text.toString();
    }

    /** F35: an argument that is lost never makes a shorter request. */
    @Test
    void a_request_without_memory_for_one_of_its_words_is_refused_as_a_whole() {
        final String large = "v".repeat(LIMIT);

        assertThat(decode(array("SET", "k", large, "XX") + array("DEL", large, "a") + array("PING")))
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("OOM not executed"),
                        second -> assertThat(second).startsWith("OOM not executed"),
                        third -> assertThat(third).isEqualTo("[PING]"));
        assertThat(memory.used()).isZero();
    }

    /** F35: an argument that is lost never makes a shorter request. */
    @Property
    void whatever_memory_there_is_a_request_has_all_of_its_words_or_is_refused(
            @ForAll @IntRange(max = 3000) final int room, @ForAll @IntRange(min = 1, max = 700) final int chunk) {
        final ClientMemory little = new ClientMemory(room);
        final RespInput in = new RespInput(little);
        final ByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
        final byte[] bytes = (array("SET", "k", "v".repeat(500), "XX").repeat(3) + "SET k '' NX\n" + array("DEL", "a"))
                .getBytes(StandardCharsets.ISO_8859_1);
        final List<Integer> words = new ArrayList<>();
        for (int i = 0; i < bytes.length; i += chunk) {
            in.add(allocator, Unpooled.wrappedBuffer(bytes, i, Math.min(chunk, bytes.length - i)));
            Request request;
            while ((request = in.next(allocator)) != null) {
                words.add(request instanceof Request.Call call ? call.words().size() : 0);
            }
        }
        in.close();

        assertThat(words).hasSize(5);
        assertThat(words.subList(0, 4)).isSubsetOf(0, 4);
        assertThat(words.get(4)).isIn(0, 2);
    }

    /** F14: requests that are being received count too. */
    @Test
    void a_request_takes_memory_from_its_first_word_on_and_gives_it_back_when_the_client_leaves() {
        assertThat(decode("*2\r\n$4\r\nECHO\r\n$50000\r\nee")).isEmpty();
        assertThat(memory.used()).isGreaterThan(50_000);

        decoder.close();

        assertThat(memory.used()).isZero();
    }

    /** F38: as redis-server, which closes the connection. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST / HTTP/1.1\r\nSET k v\r\n",
                "post /\nSET k v\n",
                "GET / HTTP/1.1\r\nSET k v\r\n",
                "OPTIONS * HTTP/1.0\r\nSET k v\r\n",
                "DELETE /x http/2\r\nSET k v\r\n",
                "Host: localhost:6379\r\nSET k v\r\n",
                "host:localhost\r\nSET k v\r\n"
            })
    void another_protocol_ends_the_connection_and_nothing_behind_it_is_decoded(final String text) {
        assertThat(decode(text)).containsExactly("foreign");
        assertThat(decode(array("SET", "k", "v"))).isEmpty();
    }

    /** F38: only a line of HTTP is taken for one. */
    @Test
    void words_of_http_may_be_keys_and_values() {
        assertThat(decode("SET http/ HTTP/1.1\nGET HTTP/1.1\nGET post\nMGET / HTTP/1.1\n" + array("GET", "host:")))
                .containsExactly(
                        "[SET, http/, HTTP/1.1]",
                        "[GET, HTTP/1.1]",
                        "[GET, post]",
                        "[MGET, /, HTTP/1.1]",
                        "[GET, host:]");
    }

    /** F38: error texts name no class. */
    @ParameterizedTest
    @ValueSource(strings = {"*x\r\n", "*1\n", "*1\r\n$x\r\n", "*1\r\n$-1\r\n", "$4\r\n", "a 'b\r\n", "*1\r\n$1\r\nxyz"})
    void what_breaks_the_protocol_is_told_in_plain_words(final String text) {
        assertThat(decode(text))
                .singleElement()
                .satisfies(error -> assertThat(error)
                        .startsWith("ERR Protocol error: ")
                        .doesNotContain("Exception", "java", "netty"));
    }

    @Test
    void bytes_that_are_no_text_come_through() {
        final String bytes = "\u0000\u00ff\u0080";

        final ByteBuf in = Unpooled.copiedBuffer("echo " + bytes + "\n", StandardCharsets.ISO_8859_1);

        assertThat(((Request.Call) decoder.next(in)).words().get(1))
                .isEqualTo(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }
}
