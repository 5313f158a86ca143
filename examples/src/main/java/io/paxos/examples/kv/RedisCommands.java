package io.paxos.examples.kv;

import static io.paxos.examples.kv.Words.bytes;
import static io.paxos.examples.kv.Words.integer;
import static io.paxos.examples.kv.Words.lower;
import static io.paxos.examples.kv.Words.shortened;
import static io.paxos.examples.kv.Words.text;

import io.netty.handler.codec.redis.RedisMessage;
import io.paxos.Read;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The commands of Redis that this service knows: turns words into actions, and refuses what makes no sense. */
final class RedisCommands {
    private static final String SYNTAX = "ERR syntax error";
    private static final String VERSION = "7.0.0";

    private final Info info;
    private final Map<String, CommandSpec> specs = new LinkedHashMap<>();

    RedisCommands(final Info info) {
        this.info = info;
        store();
        connection();
    }

    /** What this request asks for, given what was asked before on the same connection. */
    Action parse(final Session session, final Request.Call call) {
        final List<byte[]> words = call.words();
        final CommandSpec spec = specs.get(lower(words.get(0)));
        if (spec == null) {
            return error(unknown(words));
        }
        if (!spec.takes(words.size())) {
            return error("ERR wrong number of arguments for '" + spec.name() + "' command");
        }
        try {
            return spec.parser().parse(session, words);
        } catch (final Refusal refusal) {
            return error(refusal.getMessage());
        }
    }

    private static String unknown(final List<byte[]> words) {
        final StringBuilder text = new StringBuilder("ERR unknown command '")
                .append(shortened(words.get(0)))
                .append("', with args beginning with: ");
        for (int i = 1; i < words.size() && text.length() < Words.NAME_CHARS_MAX; i++) {
            text.append('\'').append(shortened(words.get(i))).append("' ");
        }
        return text.toString();
    }

    private void store() {
        write("set", -3, 1, 1, 1, "Sets a key. NX, XX or IFEQ old: only if.", (s, w) -> set(w));
        write("getdel", 2, 1, 1, 1, "Gets a key and deletes it.", (s, w) -> writeOf(Op.GETDEL, w));
        write("del", -2, 1, -1, 1, "Deletes keys.", (s, w) -> writeOf(Op.DEL, w));
        write("incr", 2, 1, 1, 1, "Adds 1 to a number.", (s, w) -> add(w.get(1), 1));
        write("decr", 2, 1, 1, 1, "Subtracts 1 from a number.", (s, w) -> add(w.get(1), -1));
        write("incrby", 3, 1, 1, 1, "Adds to a number.", (s, w) -> add(w.get(1), integer(w.get(2))));
        write("decrby", 3, 1, 1, 1, "Subtracts from a number.", (s, w) -> add(w.get(1), negated(w.get(2))));
        write("append", 3, 1, 1, 1, "Appends to a value.", (s, w) -> writeOf(Op.APPEND, w));
        write("mset", -3, 1, -1, 2, "Sets several keys at once.", (s, w) -> setAll(w));
        write("flushall", -1, 0, 0, 0, "Deletes all keys.", (s, w) -> flush(w));
        read("get", 2, 1, 1, 1, "Gets a value.", (s, w) -> queryOf(s, Op.GET, w));
        read("exists", -2, 1, -1, 1, "Counts the keys that exist.", (s, w) -> queryOf(s, Op.EXISTS, w));
        read("strlen", 2, 1, 1, 1, "Tells the length of a value.", (s, w) -> queryOf(s, Op.STRLEN, w));
        read("mget", -2, 1, -1, 1, "Gets several values at once.", (s, w) -> queryOf(s, Op.MGET, w));
        read("dbsize", 1, 0, 0, 0, "Counts all keys.", (s, w) -> queryOf(s, Op.DBSIZE, w));
        read("scan", -2, 0, 0, 0, "Lists keys, some at a time.", RedisCommands::scan);
    }

    private void connection() {
        local("ping", -1, "Answers PONG.", (s, w) -> ping(w));
        local("echo", 2, "Answers its argument.", (s, w) -> new Action.Echo(w.get(1)));
        local("info", -1, "Tells how this replica is.", (s, w) -> info(w));
        local("hello", -1, "Greets; protocol 2 only.", this::hello);
        local("command", -1, "Describes the commands.", (s, w) -> CommandSpec.command(specs, w));
        local("client", -2, "Names this connection.", (s, w) -> client(s, w));
        local("select", 2, "Selects database 0.", (s, w) -> select(w));
        local("config", -2, "GET: what redis-benchmark asks for.", (s, w) -> config(w));
        local("readonly", 1, "From now on reads are local: perhaps old.", (s, w) -> reads(s, Read.LOCAL));
        local("readwrite", 1, "From now on reads are linearizable.", (s, w) -> reads(s, Read.LINEARIZABLE));
        local("paxos", 2, "SNAPSHOT: writes one now, answers OK and its slot.", (s, w) -> paxos(w));
        local("quit", -1, "Closes the connection.", (s, w) -> new Action.ReplyAndClose(Answers.ok()));
    }

    private void write(
            final String name,
            final int arity,
            final int firstKey,
            final int lastKey,
            final int keyStep,
            final String summary,
            final CommandSpec.Parser parser) {
        specs.put(name, new CommandSpec(name, arity, "write", firstKey, lastKey, keyStep, summary, parser));
    }

    private void read(
            final String name,
            final int arity,
            final int firstKey,
            final int lastKey,
            final int keyStep,
            final String summary,
            final CommandSpec.Parser parser) {
        specs.put(name, new CommandSpec(name, arity, "readonly", firstKey, lastKey, keyStep, summary, parser));
    }

    private void local(final String name, final int arity, final String summary, final CommandSpec.Parser parser) {
        specs.put(name, new CommandSpec(name, arity, "fast", 0, 0, 0, summary, parser));
    }

    // The store.

    private static Action set(final List<byte[]> words) {
        int flags = 0;
        byte[] expected = null;
        for (int i = 3; i < words.size(); i++) {
            final int flag = switch (lower(words.get(i))) {
                case "nx" -> SetFlags.NX;
                case "xx" -> SetFlags.XX;
                case "get" -> SetFlags.GET;
                case "ifeq" -> SetFlags.IFEQ;
                default -> throw new Refusal(SYNTAX);
            };
            if (flag == SetFlags.IFEQ) {
                i++;
                expected = i < words.size() ? words.get(i) : null;
            }
            final boolean missing = flag == SetFlags.IFEQ && expected == null;
            if (missing || SetFlags.has(flags, flag) || !SetFlags.valid(flags | flag)) {
                throw new Refusal(SYNTAX);
            }
            flags |= flag;
        }
        final byte[] flagByte = {(byte) flags};
        return new Action.Write(
                expected == null
                        ? KvOperation.of(Op.SET, words.get(1), words.get(2), flagByte)
                        : KvOperation.of(Op.SET, words.get(1), words.get(2), flagByte, expected));
    }

    private static Action add(final byte[] key, final long delta) {
        return new Action.Write(KvOperation.of(Op.INCRBY, key, KvOperation.bytes(delta)));
    }

    private static long negated(final byte[] word) {
        final long value = integer(word);
        if (value == Long.MIN_VALUE) {
            throw new Refusal("ERR decrement would overflow");
        }
        return -value;
    }

    private static Action setAll(final List<byte[]> words) {
        if (words.size() % 2 == 0) {
            throw new Refusal("ERR wrong number of arguments for 'mset' command");
        }
        return writeOf(Op.MSET, words);
    }

    private static Action flush(final List<byte[]> words) {
        final boolean plain = words.size() == 1;
        if (!plain && (words.size() > 2 || !List.of("sync", "async").contains(lower(words.get(1))))) {
            throw new Refusal(SYNTAX);
        }
        return new Action.Write(KvOperation.of(Op.FLUSHALL));
    }

    private static Action scan(final Session session, final List<byte[]> words) {
        final Integers.Parsed cursor = Integers.parse(words.get(1));
        if (!cursor.valid() || cursor.value() < 0) {
            throw new Refusal("ERR invalid cursor");
        }
        byte[] pattern = {'*'};
        long count = 10;
        for (int i = 2; i < words.size(); i += 2) {
            if (i + 1 == words.size()) {
                throw new Refusal(SYNTAX);
            }
            switch (lower(words.get(i))) {
                case "match" -> pattern = words.get(i + 1);
                case "count" -> count = integer(words.get(i + 1));
                default -> throw new Refusal(SYNTAX);
            }
        }
        if (count < 1) {
            throw new Refusal(SYNTAX);
        }
        if (pattern.length > KvLimits.PATTERN_BYTES_MAX) {
            throw new Refusal(
                    "ERR a pattern of " + pattern.length + " bytes is too long: at most " + KvLimits.PATTERN_BYTES_MAX);
        }
        final KvOperation operation =
                KvOperation.of(Op.SCAN, KvOperation.bytes(cursor.value()), pattern, KvOperation.bytes(count));
        return new Action.Query(operation, session.read());
    }

    private static Action writeOf(final Op op, final List<byte[]> words) {
        return new Action.Write(new KvOperation(op, words.subList(1, words.size())));
    }

    private static Action queryOf(final Session session, final Op op, final List<byte[]> words) {
        return new Action.Query(new KvOperation(op, words.subList(1, words.size())), session.read());
    }

    // The connection.

    private static Action ping(final List<byte[]> words) {
        if (words.size() > 2) {
            throw new Refusal("ERR wrong number of arguments for 'ping' command");
        }
        return words.size() == 1 ? answer(Answers.simple("PONG")) : new Action.Echo(words.get(1));
    }

    private Action info(final List<byte[]> words) {
        final List<String> sections = new ArrayList<>();
        words.subList(1, words.size()).forEach(word -> sections.add(lower(word)));
        return new Action.Answer(() -> Answers.bulk(info.text(sections)));
    }

    private Action hello(final Session session, final List<byte[]> words) {
        if (words.size() > 1) {
            final Integers.Parsed protocol = Integers.parse(words.get(1));
            if (!protocol.valid()) {
                throw new Refusal("ERR Protocol version is not an integer or out of range");
            }
            if (protocol.value() != 2) {
                throw new Refusal("NOPROTO unsupported protocol version");
            }
        }
        for (int i = 2; i < words.size(); i += 2) {
            if (!lower(words.get(i)).equals("setname") || i + 1 == words.size()) {
                throw new Refusal("ERR Syntax error in HELLO option '" + shortened(words.get(i)) + "'");
            }
            name(session, words.get(i + 1));
        }
        return answer(Answers.array(
                Answers.bulk("server"),
                Answers.bulk("redis"),
                Answers.bulk("version"),
                Answers.bulk(VERSION),
                Answers.bulk("proto"),
                Answers.integer(2),
                Answers.bulk("id"),
                Answers.integer(session.id()),
                Answers.bulk("mode"),
                Answers.bulk("standalone"),
                Answers.bulk("role"),
                Answers.bulk("master"),
                Answers.bulk("modules"),
                Answers.array()));
    }

    private static Action client(final Session session, final List<byte[]> words) {
        return switch (lower(words.get(1)) + "/" + (words.size() - 2)) {
            case "setname/1" -> {
                name(session, words.get(2));
                yield answer(Answers.ok());
            }
            case "getname/0" -> answer(Answers.bulk(session.name()));
            case "id/0" -> answer(Answers.integer(session.id()));
            case "info/0" -> answer(Answers.bulk("id=" + session.id() + " name=" + session.name() + " resp=2"));
            case "setinfo/2", "no-evict/1", "no-touch/1" -> answer(Answers.ok());
            default ->
                throw new Refusal(
                        "ERR unknown subcommand or wrong number of arguments for '" + shortened(words.get(1)) + "'");
        };
    }

    private static void name(final Session session, final byte[] word) {
        if (word.length > KvLimits.CLIENT_NAME_BYTES_MAX) {
            throw new Refusal("ERR Client names cannot have more than " + KvLimits.CLIENT_NAME_BYTES_MAX + " bytes.");
        }
        for (final byte b : word) {
            if (b < '!' || b > '~') {
                throw new Refusal("ERR Client names cannot contain spaces, newlines or special characters.");
            }
        }
        session.name(text(word));
    }

    private static Action select(final List<byte[]> words) {
        if (integer(words.get(1)) != 0) {
            throw new Refusal("ERR DB index is out of range");
        }
        return answer(Answers.ok());
    }

    /** redis-benchmark reads these two, and warns if it cannot. */
    private static Action config(final List<byte[]> words) {
        if (!lower(words.get(1)).equals("get") || words.size() < 3) {
            throw new Refusal("ERR only CONFIG GET parameter is supported");
        }
        Words.requireFew(words);
        final List<RedisMessage> pairs = new ArrayList<>();
        for (final Map.Entry<String, String> entry : List.of(Map.entry("save", ""), Map.entry("appendonly", "yes"))) {
            final byte[] name = entry.getKey().getBytes(StandardCharsets.UTF_8);
            if (words.subList(2, words.size()).stream().anyMatch(word -> new Glob(bytes(lower(word))).matches(name))) {
                pairs.add(Answers.bulk(name));
                pairs.add(Answers.bulk(entry.getValue()));
            }
        }
        return answer(Answers.array(pairs));
    }

    private static Action reads(final Session session, final Read read) {
        session.read(read);
        return answer(Answers.ok());
    }

    private static Action paxos(final List<byte[]> words) {
        if (!lower(words.get(1)).equals("snapshot")) {
            throw new Refusal("ERR unknown subcommand '" + shortened(words.get(1)) + "'");
        }
        return new Action.TakeSnapshot();
    }

    private static Action answer(final RedisMessage message) {
        return new Action.Answer(() -> message);
    }

    static Action error(final String text) {
        return answer(Answers.error(text));
    }
}
