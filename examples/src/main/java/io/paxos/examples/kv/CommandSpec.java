package io.paxos.examples.kv;

import static io.paxos.examples.kv.Words.lower;
import static io.paxos.examples.kv.Words.shortened;

import io.netty.handler.codec.redis.RedisMessage;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A command, and what COMMAND tells about it.
 *
 * @param arity how many words it takes; at least so many if negative
 * @param firstKey index of the first key among the words, 0 if there is none
 * @param lastKey index of the last, counted from the end if negative
 * @param keyStep from one key to the next
 */
record CommandSpec(
        String name, int arity, String flag, int firstKey, int lastKey, int keyStep, String summary, Parser parser) {

    /** Turns the words of one request into an action; throws {@link Refusal} if they make none. */
    interface Parser {
        Action parse(Session session, List<byte[]> words);
    }

    boolean takes(final int words) {
        return arity >= 0 ? words == arity : words >= -arity;
    }

    /** The command COMMAND, given all commands by name. */
    static Action command(final Map<String, CommandSpec> specs, final List<byte[]> words) {
        if (words.size() == 1) {
            return answer(() -> specs.values().stream().map(CommandSpec::describe));
        }
        final List<byte[]> names = words.subList(2, words.size());
        Words.requireFew(names);
        return switch (lower(words.get(1))) {
            case "count" -> new Action.Answer(() -> Answers.integer(specs.size()));
            case "list" -> answer(() -> specs.keySet().stream().map(Answers::bulk));
            case "info" ->
                answer(() -> names.stream()
                        .map(name -> specs.get(lower(name)))
                        .map(spec -> spec == null ? Answers.nil() : spec.describe()));
            case "docs" -> answer(() -> documents(specs.values(), names));
            default -> throw new Refusal("ERR unknown subcommand '" + shortened(words.get(1)) + "'");
        };
    }

    /** An answer that is made when its turn comes, because it is larger than its request. */
    private static Action answer(final Items items) {
        return new Action.Answer(() -> Answers.array(items.stream().toList()));
    }

    private interface Items {
        Stream<RedisMessage> stream();
    }

    private RedisMessage describe() {
        return Answers.array(
                Answers.bulk(name),
                Answers.integer(arity),
                Answers.array(Answers.simple(flag)),
                Answers.integer(firstKey),
                Answers.integer(lastKey),
                Answers.integer(keyStep));
    }

    private static Stream<RedisMessage> documents(final Collection<CommandSpec> specs, final List<byte[]> names) {
        return specs.stream()
                .filter(spec -> names.isEmpty()
                        || names.stream().anyMatch(name -> lower(name).equals(spec.name)))
                .flatMap(spec -> Stream.of(Answers.bulk(spec.name), spec.document()));
    }

    private RedisMessage document() {
        return Answers.array(
                Answers.bulk("summary"),
                Answers.bulk(summary),
                Answers.bulk("since"),
                Answers.bulk("1.0.0"),
                Answers.bulk("group"),
                Answers.bulk(flag.equals("fast") ? "connection" : "string"));
    }
}
