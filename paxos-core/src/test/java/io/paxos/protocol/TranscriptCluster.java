package io.paxos.protocol;

import io.paxos.ManualLog;
import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Claims;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import io.paxos.spi.Probe;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A cluster that a transcript drives: members without threads, a network that keeps order, disks that wait.
 *
 * <p>Commands, one a line:
 *
 * <pre>
 * members 1 2 3                   who votes; first, and the following before start
 * quorums 3 2                     sizes of the quorums of phase 1 and 2; majorities unless given
 * window 4                        how many slots may be open: 8 unless given
 * accepted 2 ballot=1.1 slot=1 x  a record that lies in the log of a member
 * start                           opens the logs
 * elect [2]                       time passes until a member, or this one, asks for promises
 * tick                            a heartbeat round passes
 * submit 1 x                      a member proposes a value, if it may
 * read 2                          a member asks for a slot to read at
 * deliver [to 2]                  messages under way arrive; those that they cause stay under way
 * drop [to 2]                     messages under way are lost
 * sync [2]                        what was appended becomes durable; claims about it leave
 * run                             deliver and sync until nothing happens
 * cut 3 / mend 3                  nothing passes to or from a member any more / again
 * crash 1 / restart 1             loses what is not durable / opens the log again
 * state                           prints each member
 * </pre>
 *
 * <p>Heartbeats arrive at once and are not printed.
 */
final class TranscriptCluster {
    private static final long INTERVAL_NS = 1_000;
    private static final int PATIENCE = 2;
    private static final int ROUNDS_MAX = 30;
    private static final int TURNS_MAX = 1_000;
    private static final Set<String> BALLOTS = Set.of("ballot", "promised", "acceptedBallot", "following");

    private record Sent(int from, int to, Method method, Object[] arguments) {}

    private final TreeMap<Integer, Node> nodes = new TreeMap<>();
    private final TreeSet<Integer> cut = new TreeSet<>();
    private final Deque<Sent> underWay = new ArrayDeque<>();
    private final List<String> printed = new ArrayList<>();
    private Members members;
    private Quorums quorums;
    private int windowSlots = 8;
    private long nowNs = 1;

    /** What has happened since the last call. */
    List<String> take() {
        final List<String> taken = List.copyOf(printed);
        printed.clear();
        return taken;
    }

    void run(final String line) {
        final String[] words = line.split(" +");
        final String argument = words.length > 1 ? words[1] : "";
        switch (words[0]) {
            case "quorums" ->
                quorums = Quorums.flexible(members.size(), Integer.parseInt(words[1]), Integer.parseInt(words[2]));
            case "window" -> windowSlots = Integer.parseInt(argument);
            case "members" ->
                create(Stream.of(words).skip(1).mapToInt(Integer::parseInt).toArray());
            case "accepted" -> accepted(words);
            case "start" -> nodes.values().forEach(Node::start);
            case "elect" -> elect(argument.isEmpty() ? 0 : Integer.parseInt(argument));
            case "tick" -> tick();
            case "submit" -> node(argument).submit(words[2]);
            case "read" -> node(argument).read();
            case "deliver" -> deliver(to(words));
            case "drop" -> drop(to(words));
            case "sync" ->
                (argument.isEmpty() ? List.copyOf(nodes.values()) : List.of(node(argument))).forEach(Node::sync);
            case "run" -> runUntilQuiet();
            case "cut" -> cut.add(Integer.parseInt(argument));
            case "mend" -> cut.remove(Integer.parseInt(argument));
            case "crash" -> node(argument).crash();
            case "restart" -> node(argument).start();
            case "state" -> nodes.values().forEach(node -> printed.add(node.state()));
            default -> throw new IllegalArgumentException("no such command: " + line);
        }
    }

    private void create(final int... ids) {
        members = Members.of(ids);
        quorums = Quorums.majority(ids.length);
        for (final int id : ids) {
            nodes.put(id, new Node(id));
        }
    }

    private void accepted(final String[] words) {
        final String value = words.length > 4 ? words[4] : "";
        final AcceptorLog log = node(words[1]).log;
        final long ballot = ballot(words[2]);
        if (ballot > log.promised()) {
            log.promise(ballot);
        }
        log.accept(ballot, number(words[3], "slot"), 0, SentMessages.value(value), 0, value.length());
    }

    /** {@code id}: who must ask for promises before time stops; 0 for anyone. */
    private void elect(final int id) {
        for (int i = 0; i < ROUNDS_MAX; i++) {
            nowNs += INTERVAL_NS;
            for (final Node node : nodes.values()) {
                node.tick();
                if (node.isCandidate() && (id == 0 || id == node.id)) {
                    return;
                }
            }
        }
        printed.add("nobody asks for promises within " + ROUNDS_MAX + " rounds");
    }

    private void tick() {
        nowNs += INTERVAL_NS;
        nodes.values().forEach(Node::tick);
    }

    private int deliver(final int to) {
        int delivered = 0;
        for (int left = underWay.size(); left > 0; left--) {
            final Sent message = underWay.poll();
            if (to != 0 && message.to != to) {
                underWay.add(message);
            } else {
                node(message.to).receive(message);
                delivered++;
            }
        }
        nodes.values().forEach(Node::settle);
        return delivered;
    }

    private void drop(final int to) {
        underWay.removeIf(message -> to == 0 || message.to == to);
    }

    private void runUntilQuiet() {
        int work = 1;
        for (int turn = 0; work > 0; turn++) {
            if (turn == TURNS_MAX) {
                throw new IllegalStateException("no end in sight after " + TURNS_MAX + " turns");
            }
            work = 0;
            for (final Node node : nodes.values()) {
                work += node.sync();
            }
            work += deliver(0);
        }
    }

    private void send(final Sent message, final String lane) {
        final boolean isHeartbeat = message.method.getName().equals("ping")
                || message.method.getName().equals("pong");
        final boolean isLost = message.from != message.to && (cut.contains(message.from) || cut.contains(message.to));
        if (isHeartbeat) {
            if (!isLost) {
                node(message.to).receive(message);
            }
            return;
        }
        printed.add(message.from + " -> " + message.to + "  " + text(message) + lane + (isLost ? "  (lost)" : ""));
        if (!isLost) {
            underWay.add(message);
        }
    }

    private static String text(final Sent message) {
        final StringJoiner text = new StringJoiner(" ");
        text.add(message.method.getName());
        final var parameters = message.method.getParameters();
        for (int i = 1; i < parameters.length; i++) {
            final String name = parameters[i].getName();
            if (message.arguments[i] instanceof DirectBuffer payload) {
                text.add(quoted(payload, 0, (int) message.arguments[i + 2]));
                break;
            }
            text.add(name + "=" + value(name, message.arguments[i]));
        }
        return text.toString();
    }

    private static String value(final String name, final Object argument) {
        if (BALLOTS.contains(name)) {
            return (long) argument == Ballot.NONE ? "none" : Ballot.text((long) argument);
        }
        return String.valueOf(name.equals("round") ? (long) argument & 0xFFFF_FFFFL : argument);
    }

    private static String quoted(final DirectBuffer buffer, final int offset, final int length) {
        return length == 0 ? "no-op" : "'" + buffer.getStringWithoutLengthAscii(offset, length) + "'";
    }

    private static Object[] copy(final Object[] arguments) {
        final Object[] copy = arguments.clone();
        for (int i = 0; i < copy.length; i++) {
            if (copy[i] instanceof DirectBuffer payload) {
                final byte[] bytes = new byte[(int) copy[i + 2]];
                payload.getBytes((int) copy[i + 1], bytes);
                copy[i] = new UnsafeBuffer(bytes);
                copy[i + 1] = 0;
            }
        }
        return copy;
    }

    private static void invoke(final Method method, final Object target, final Object[] arguments) {
        try {
            method.invoke(target, arguments);
        } catch (final ReflectiveOperationException e) {
            throw new IllegalStateException(method.getName(), e);
        }
    }

    private Node node(final String id) {
        return node(Integer.parseInt(id));
    }

    private Node node(final int id) {
        return nodes.get(id);
    }

    private static int to(final String[] words) {
        return words.length > 2 ? Integer.parseInt(words[2]) : 0;
    }

    private static long number(final String word, final String name) {
        if (!word.startsWith(name + "=")) {
            throw new IllegalArgumentException(name + "=... expected, not " + word);
        }
        return Long.parseLong(word.substring(name.length() + 1));
    }

    private static long ballot(final String word) {
        final int dot = word.indexOf('.');
        return Ballot.of(
                Long.parseLong(word.substring("ballot=".length(), dot)), Integer.parseInt(word.substring(dot + 1)));
    }

    /** One member, with all that it has appended, so that a crash can take back what is not durable. */
    private final class Node implements ProtocolHost, Outbox {
        private record Staged(long position, Sent message) {}

        private final int id;
        private final List<Consumer<ManualLog>> records = new ArrayList<>(); // what was appended, oldest first
        private final Deque<Staged> staged = new ArrayDeque<>(); // claims that wait for the disk, oldest first
        private ManualLog memory = new ManualLog().freeze();
        private final AcceptorLog log = recording();
        private MultiPaxos core; // null while it is down
        private int life = 1;
        private long appliedThrough;
        private long readRound;

        Node(final int id) {
            this.id = id;
        }

        void start() {
            if (core == null) {
                memory.force();
                appliedThrough = 0;
                core = new MultiPaxos(
                        Configuration.first(id, members, quorums),
                        log,
                        this,
                        this,
                        Probe.NONE,
                        new ProtocolSettings(windowSlots, INTERVAL_NS, PATIENCE, Long.MAX_VALUE / 2));
                settle();
            }
        }

        void crash() {
            records.subList((int) memory.durablePosition(), records.size()).clear();
            core = null;
            staged.clear();
            memory = new ManualLog(++life).freeze();
            records.forEach(record -> record.accept(memory));
            underWay.removeIf(message -> message.to == id);
        }

        boolean isCandidate() {
            return core != null && core.role() == Role.CANDIDATE;
        }

        void tick() {
            if (isUp()) {
                core.tick(nowNs);
                settle();
            }
        }

        void submit(final String value) {
            if (!core.mayPropose()) {
                printed.add(id + " may not propose");
                return;
            }
            core.propose(SentMessages.value(value), 0, value.length());
        }

        void read() {
            core.askRead(++readRound);
            settle();
        }

        /** Returns how many claims left. */
        int sync() {
            if (!isUp()) {
                return 0;
            }
            memory.force();
            int released = 0;
            while (!staged.isEmpty() && staged.peek().position <= memory.durablePosition()) {
                send(staged.poll().message, "  after sync");
                released++;
            }
            settle();
            return released;
        }

        void receive(final Sent message) {
            if (isUp()) {
                invoke(message.method, core, message.arguments);
            }
        }

        /** What a replica does at the end of each turn. */
        void settle() {
            if (core == null) {
                return;
            }
            core.flushDecisions();
            while (core.mayApply(appliedThrough + 1)) {
                log.read(
                        ++appliedThrough,
                        (slot, ballot, value, offset, length) ->
                                printed.add(id + " applies slot " + slot + " " + quoted(value, offset, length)));
                core.applied(appliedThrough);
            }
        }

        String state() {
            if (core == null) {
                return id + " is down";
            }
            return id + " " + core.role().name().toLowerCase(Locale.ROOT) + " of "
                    + value("ballot", core.following()) + " promised=" + value("promised", core.promised()) + " chosen="
                    + core.chosenThrough() + " applied=" + appliedThrough;
        }

        private boolean isUp() {
            return core != null;
        }

        @Override
        public Messages now(final int to) {
            return to == id ? core : sender((method, arguments) -> send(new Sent(id, to, method, arguments), ""));
        }

        @Override
        public Claims afterSync(final int to) {
            return sender((method, arguments) ->
                    staged.add(new Staged(memory.appendedPosition(), new Sent(id, to, method, arguments))));
        }

        @Override
        public void forwarded(final int from, final DirectBuffer commands, final int offset, final int length) {}

        @Override
        public void readable(final long round, final long slot) {
            printed.add(id + " may read at slot " + slot);
        }

        @Override
        public void roleChanged() {}

        private interface Call {
            void made(Method method, Object[] arguments);
        }

        private static Messages sender(final Call call) {
            return (Messages) Proxy.newProxyInstance(
                    Messages.class.getClassLoader(), new Class<?>[] {Messages.class}, (proxy, method, arguments) -> {
                        call.made(method, copy(arguments));
                        return null;
                    });
        }

        /** The present log, behind a note of each record that it appends. */
        private AcceptorLog recording() {
            return (AcceptorLog) Proxy.newProxyInstance(
                    AcceptorLog.class.getClassLoader(),
                    new Class<?>[] {AcceptorLog.class},
                    (proxy, method, arguments) -> {
                        final boolean isAppend = method.getReturnType() == void.class
                                && (method.getName().equals("promise")
                                        || method.getName().equals("accept"));
                        if (isAppend) {
                            final Object[] kept = copy(arguments);
                            records.add(to -> invoke(method, to, kept));
                        }
                        return method.invoke(memory, arguments);
                    });
        }
    }
}
