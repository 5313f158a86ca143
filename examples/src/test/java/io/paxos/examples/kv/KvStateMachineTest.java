package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KvStateMachineTest {
    private final Machine machine = new Machine();
    private final RedisCommands commands =
            new RedisCommands(new Info(new FakeEngine()::status, "1,2,3", () -> 0, () -> 0));
    private final Session session = new Session(1);

    /** What Redis answers to these, in this order, on an empty store; {@code -} is an error. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET k                                      | (nil)
                    SET k v; GET k                             | OK; v
                    SET k v; SET k w; GET k                    | OK; OK; w
                    SET k v NX; SET k w NX; GET k              | OK; (nil); v
                    SET k v XX; GET k; SET k v; SET k w XX     | (nil); (nil); OK; OK
                    SET k v GET; SET k w GET; GET k            | (nil); v; w
                    SET k v NX GET; SET k w NX GET; GET k      | (nil); v; v
                    SET k v XX GET; GET k                      | (nil); (nil)
                    SET k v; SET k w IFEQ v; GET k             | OK; OK; w
                    SET k v; SET k w IFEQ x; GET k             | OK; (nil); v
                    SET k v IFEQ v; EXISTS k                   | (nil); 0
                    SET k v; SET k w IFEQ x GET; GET k         | OK; v; v
                    SET k v; set k w get ifeq v; GET k         | OK; v; w
                    SET k v EX 10                              | -ERR syntax error
                    SET k v NX XX                              | -ERR syntax error
                    SET k v IFEQ                               | -ERR syntax error
                    SET k v NX IFEQ v                          | -ERR syntax error
                    SET k v IFEQ a IFEQ a                      | -ERR syntax error
                    SET k v; GETDEL k; GETDEL k; GET k         | OK; v; (nil); (nil)
                    MSET a 1 b 2; DEL a b c a; DBSIZE          | OK; 2; 0
                    MSET a 1 b 2 a 3; MGET a b c a             | OK; [3, 2, (nil), 3]
                    MSET a 1; EXISTS a a b                     | OK; 2
                    INCR n; INCR n; DECR n; GET n              | 1; 2; 1; 1
                    INCRBY n 10; INCRBY n -3; DECRBY n 2       | 10; 7; 5
                    SET n abc; INCR n; GET n                   | OK; -ERR value is not an integer or out of range; abc
                    SET n 01; INCR n                           | OK; -ERR value is not an integer or out of range
                    SET n -0; INCR n                           | OK; -ERR value is not an integer or out of range
                    SET n +1; INCR n                           | OK; -ERR value is not an integer or out of range
                    INCRBY n 1.5                               | -ERR value is not an integer or out of range
                    SET n 9223372036854775807; INCR n          | OK; -ERR increment or decrement would overflow
                    SET n 9223372036854775808; INCR n          | OK; -ERR value is not an integer or out of range
                    SET n -9223372036854775808; DECR n         | OK; -ERR increment or decrement would overflow
                    SET n -9223372036854775808; INCR n         | OK; -9223372036854775807
                    SET n 1; INCRBY n 9223372036854775807; GET n | OK; -ERR increment or decrement would overflow; 1
                    DECRBY n -9223372036854775808              | -ERR decrement would overflow
                    APPEND k ab; APPEND k cd; GET k; STRLEN k  | 2; 4; abcd; 4
                    STRLEN k                                   | 0
                    MSET a 1 b 2; DBSIZE; FLUSHALL; DBSIZE     | OK; 2; OK; 0
                    FLUSHALL ASYNC; FLUSHALL NEVER             | OK; -ERR syntax error
                    SCAN 0                                     | [0, []]
                    SET k v; SCAN 0 MATCH k* COUNT 5           | OK; [0, [k]]
                    SET k v; SCAN 0 MATCH x*                   | OK; [0, []]
                    SCAN 0 MATCH LONG                          | -ERR a pattern of 513 bytes is too long: at most 512
                    SCAN x                                     | -ERR invalid cursor
                    SCAN 0 COUNT 0                             | -ERR syntax error
                    SCAN 0 COUNT                               | -ERR syntax error
                    GET                                        | -ERR wrong number of arguments for 'get' command
                    GET a b                                    | -ERR wrong number of arguments for 'get' command
                    MSET a                                     | -ERR wrong number of arguments for 'mset' command
                    MSET a 1 b                                 | -ERR wrong number of arguments for 'mset' command
                    X a                                        | -ERR unknown command 'X', with args beginning with: 'a'
                    """)
    void answers_as_redis_does(final String script, final String expected) {
        final List<String> answers = Arrays.stream(script.replace("LONG", "x".repeat(KvLimits.PATTERN_BYTES_MAX + 1))
                        .split(";"))
                .map(line -> run(line.strip()))
                .toList();

        assertThat(String.join("; ", answers)).isEqualTo(expected);
    }

    @Test
    void keys_and_values_may_be_any_bytes() {
        final byte[] key = {0, -1, '\r', '\n', 127};
        final byte[] value = {-128, 0, 0, '$'};
        run(KvOperation.of(Op.SET, key, value, new byte[] {0}));

        assertThat(new ReplyReader(query(KvOperation.of(Op.GET, key))).next()).satisfies(message -> {
            final byte[] got = ByteBufUtil.getBytes(((FullBulkStringRedisMessage) message).content());
            assertThat(got).isEqualTo(value);
        });
    }

    @Test
    void a_batch_is_executed_in_its_order() {
        final byte[] key = bytes("k");
        final ReplyReader replies = new ReplyReader(machine.apply(KvCodec.encode(List.of(
                KvOperation.of(Op.APPEND, key, bytes("a")),
                KvOperation.of(Op.APPEND, key, bytes("b")),
                KvOperation.of(Op.GETDEL, key),
                KvOperation.of(Op.INCRBY, key, KvOperation.bytes(5))))));

        assertThat(List.of(replies.next(), replies.next(), replies.next(), replies.next()))
                .extracting(Machine::text)
                .containsExactly("1", "2", "ab", "5");
    }

    @Test
    void a_query_changes_nothing_even_if_it_is_a_command() {
        final byte[] write = KvCodec.encode(List.of(KvOperation.of(Op.APPEND, bytes("k"), bytes("v"))));

        assertThat(Machine.text(new ReplyReader(machine.query(write)).next())).isEqualTo("-ERR malformed command");
        assertThat(run("EXISTS k")).isEqualTo("0");
    }

    @Test
    void a_value_does_not_grow_beyond_its_limit() {
        final byte[] half = new byte[KvLimits.ARGUMENT_BYTES_MAX / 2];
        run(KvOperation.of(Op.APPEND, bytes("k"), half));
        run(KvOperation.of(Op.APPEND, bytes("k"), half));

        assertThat(run("APPEND k x")).startsWith("-ERR string exceeds maximum allowed size");
        assertThat(run("STRLEN k")).isEqualTo(Integer.toString(KvLimits.ARGUMENT_BYTES_MAX));
    }

    @Test
    void an_operation_whose_reply_does_not_fit_is_not_executed() {
        final byte[] key = bytes("k");
        run(KvOperation.of(Op.SET, key, new byte[KvLimits.ARGUMENT_BYTES_MAX], new byte[] {0}));
        final List<KvOperation> operations = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            operations.add(KvOperation.of(Op.GET, key));
        }
        operations.add(KvOperation.of(Op.GETDEL, key));
        operations.add(KvOperation.of(Op.EXISTS, key));

        final byte[] reply = machine.apply(KvCodec.encode(operations));

        assertThat(reply.length).isLessThanOrEqualTo(KvLimits.REPLY_BYTES_MAX);
        assertThat(run("EXISTS k")).isEqualTo("1");
        assertThat(run("MGET" + " k".repeat(40))).startsWith("-ERR the reply would exceed");
    }

    @Test
    void a_scan_returns_whatever_is_there_all_the_while() {
        final Set<String> steady = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            run("SET steady-" + i + " v");
            run("SET gone-" + i + " v");
            steady.add("steady-" + i);
        }
        final List<String> seen = new ArrayList<>();
        String cursor = "0";
        int round = 0;
        do {
            final String answer = run("SCAN " + cursor + " COUNT 7");
            cursor = answer.substring(1, answer.indexOf(','));
            seen.addAll(List.of(answer.substring(answer.indexOf("[", 1) + 1, answer.length() - 2)
                    .split(", ")));
            run("DEL gone-" + round);
            run("SET new-" + round++ + " v");
        } while (!cursor.equals("0"));

        assertThat(seen).containsAll(steady);
        assertThat(seen).doesNotHaveDuplicates();
    }

    /** F14: a SCAN does not hold the replica's thread, however long keys and pattern are. */
    @Test
    void a_scan_stops_after_a_bounded_number_of_steps_and_goes_on_at_its_cursor() {
        final int length = KvLimits.ARGUMENT_BYTES_MAX;
        for (int i = 0; i < 10; i++) {
            final byte[] key = bytes("k".repeat(length - 1) + i);
            run(KvOperation.of(Op.SET, key, bytes("v"), new byte[] {0}));
        }
        final String scan = " MATCH *" + "k".repeat(KvLimits.PATTERN_BYTES_MAX - 2) + "? COUNT 10000";
        final Set<String> seen = new HashSet<>();
        String cursor = "0";
        int rounds = 0;
        do {
            final String answer = run("SCAN " + cursor + scan);
            cursor = answer.substring(1, answer.indexOf(','));
            seen.addAll(List.of(answer.substring(answer.indexOf("[", 1) + 1, answer.length() - 2)
                    .split(", ")));
            rounds++;
        } while (!cursor.equals("0"));

        assertThat(seen).hasSize(10);
        assertThat(rounds).isGreaterThan(4);
    }

    /** F14: what a reply to a query may have depends on the heap of the replica that is asked. */
    @Test
    void a_query_whose_reply_is_too_large_for_this_replica_is_refused() {
        final Machine small = new Machine(2 << 20);
        final byte[] key = bytes("k");
        small.apply(KvCodec.encode(
                List.of(KvOperation.of(Op.SET, key, new byte[KvLimits.ARGUMENT_BYTES_MAX], new byte[] {0}))));

        final byte[] three = small.query(KvCodec.encode(List.of(KvOperation.of(Op.MGET, key, key, key))));
        final byte[] five = small.query(KvCodec.encode(List.of(KvOperation.of(Op.MGET, key, key, key, key, key))));

        assertThat(three).hasSizeGreaterThan(3 * KvLimits.ARGUMENT_BYTES_MAX);
        assertThat(Machine.text(new ReplyReader(five).next())).startsWith("-ERR the reply would exceed");
    }

    @ParameterizedTest
    @CsvSource({
        "*,anything,true",
        "a?c,abc,true",
        "a?c,ac,false",
        "a*c,abbbc,true",
        "a*c,abbb,false",
        "*a*b*,xxaxxbxx,true",
        "[abc]x,bx,true",
        "[abc]x,dx,false",
        "[^abc]x,dx,true",
        "[a-c]x,bx,true",
        "[c-a]x,bx,true",
        "[a-c]x,dx,false",
        "[,[,false",
        "[a,a,true",
        "\\*,*,true",
        "\\*,a,false",
        "a\\,a\\,true",
        "[\\]]x,]x,true",
        "**,'',true",
        "a,'',false"
    })
    void patterns_match_as_in_redis(final String pattern, final String text, final boolean matches) {
        assertThat(new Glob(bytes(pattern)).matches(bytes(text))).isEqualTo(matches);
    }

    private String run(final String line) {
        final List<byte[]> words =
                Arrays.stream(line.split(" +")).map(KvStateMachineTest::bytes).toList();
        final Action action = commands.parse(session, new Request.Call(words, line.length()));
        if (action instanceof Action.Write write) {
            return Machine.text(run(write.operation()).next());
        }
        if (action instanceof Action.Query query) {
            return Machine.text(new ReplyReader(query(query.operation())).next());
        }
        return Machine.text(((Action.Answer) action).message().get()).strip();
    }

    private ReplyReader run(final KvOperation operation) {
        return new ReplyReader(machine.apply(KvCodec.encode(List.of(operation))));
    }

    private byte[] query(final KvOperation operation) {
        return machine.query(KvCodec.encode(List.of(operation)));
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
