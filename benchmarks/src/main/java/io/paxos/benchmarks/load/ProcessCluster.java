package io.paxos.benchmarks.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;

/** Replicas of ours, each in a process of its own. One thread calls everything. */
final class ProcessCluster implements AutoCloseable {
    static final long ANSWER_WITHIN_S = 60;

    private static final int RECEIVED_MAX = 1 << 16;

    /** A line from a replica, in words; the first word is its kind. */
    record Received(int from, int life, String[] words) {
        long number(final int index) {
            return Long.parseLong(words[index]);
        }
    }

    private final Map<Integer, InetSocketAddress> addresses;
    private final Path directory;
    private final PaxosMember.Options options;
    private final Map<Integer, MemberProcess> processes = new TreeMap<>();

    /** The number of the current life of each running replica; every start has another number. */
    private final Map<Integer, Integer> lifeOf = new HashMap<>();

    /** The lines of all lives, in the order in which they came; only those of current lives count. */
    private final BlockingQueue<Received> received = new ArrayBlockingQueue<>(RECEIVED_MAX);

    private final SortedMap<Long, Long> ticks = new TreeMap<>();

    /** Lines that were received while another kind was awaited. */
    private final List<Received> kept = new ArrayList<>();

    /** The id of the replica that became leader last; 0 if there was none since the last kill. */
    private int leader;

    private int elections;

    /** How many lives were started so far. */
    private int lives;

    /** Starts all replicas, and returns when there is a leader. */
    ProcessCluster(final List<Integer> members, final Path directory, final PaxosMember.Options options)
            throws IOException {
        this.addresses = PaxosMember.freeAddresses(members);
        this.directory = directory;
        this.options = options;
        for (final int id : members) {
            start(id);
        }
        for (int i = 0; i < members.size(); i++) {
            await("up");
        }
        awaitLeader();
    }

    static PaxosLibrary requireOurs(final Library library) {
        if (library instanceof PaxosLibrary ours) {
            return ours;
        }
        throw new Misuse("--mode processes is for --library " + PaxosLibrary.NAME + " alone; use --mode jvm");
    }

    /** Starts a replica, for the first time or again; then with its old log. */
    void start(final int id) throws IOException {
        final Path own = directory.resolve(String.valueOf(id));
        final int life = ++lives;
        lifeOf.put(id, life);
        processes.put(id, new MemberProcess(id, addresses, own, options, line -> receive(id, life, line)));
    }

    private void receive(final int from, final int life, final String line) {
        try {
            received.put(new Received(from, life, line.split(" ", -1)));
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt(); // the listener ends with its process
        }
    }

    /** Waits for a leader and returns its id. */
    int awaitLeader() {
        while (leader == 0) {
            keep(take(ANSWER_WITHIN_S));
        }
        return leader;
    }

    private Slowdown slowDown(final int percent) throws IOException {
        final int follower = members().stream()
                .filter(id -> id != leader)
                .findFirst()
                .orElseThrow(() -> new Misuse("--slow-follower needs at least two members"));
        return new Slowdown(processes.get(follower).pid(), percent);
    }

    /** How often a replica became leader. */
    int elections() {
        return elections;
    }

    /** Replies per {@link Failover#TICK_NS}, in all clients, by the number of the tick. */
    SortedMap<Long, Long> ticks() {
        return ticks;
    }

    List<Integer> members() {
        return List.copyOf(processes.keySet());
    }

    void tell(final int id, final String order) {
        processes.get(id).tell(order);
    }

    /** Kills the leader and waits for its end. Returns when the signal was sent, in {@code System.nanoTime}. */
    long killLeader() {
        final MemberProcess victim = processes.remove(leader);
        lifeOf.remove(leader);
        leader = 0;
        final long killedNs = victim.kill();
        victim.close();
        return killedNs;
    }

    /** The next line of this kind, from any replica. Lines of other kinds are kept for later calls. */
    Received await(final String kind, final long withinS) {
        for (final Received line : kept) {
            if (line.words[0].equals(kind)) {
                kept.remove(line);
                return line;
            }
        }
        Received line = take(withinS);
        while (!line.words[0].equals(kind)) {
            keep(line);
            line = take(withinS);
        }
        return line;
    }

    Received await(final String kind) {
        return await(kind, ANSWER_WITHIN_S);
    }

    private void keep(final Received line) {
        if (!line.words[0].equals("tick") && !line.words[0].equals("leads")) {
            kept.add(line);
        }
    }

    /** Drops the lines that were kept. */
    void forget() {
        kept.clear();
    }

    /** Receives lines for so long. */
    void listen(final long durationNs) {
        final long endNs = System.nanoTime() + durationNs;
        for (long leftNs = durationNs; leftNs > 0; leftNs = endNs - System.nanoTime()) {
            final Received line = poll(leftNs);
            if (line != null) {
                keep(line);
            }
        }
    }

    /** What all replicas together have used, sent and forced. */
    Used used() {
        processes.keySet().forEach(id -> tell(id, "usage"));
        Used sum = null;
        for (int i = 0; i < processes.size(); i++) {
            final Received line = await("usage");
            final Used one = new Used(
                    new ProcessUsage(line.number(1), line.number(2), line.number(3), line.number(4)),
                    new Library.Traffic(line.number(5), line.number(6), line.number(7)));
            sum = sum == null ? one : sum.plus(one);
        }
        return sum;
    }

    List<Library.Holding> holdings() {
        processes.keySet().forEach(id -> tell(id, "holding"));
        final List<Library.Holding> holdings = new ArrayList<>();
        while (holdings.size() < processes.size()) {
            final Received line = await("holding");
            holdings.add(new Library.Holding((int) line.number(1), line.number(2), line.number(3)));
        }
        return holdings;
    }

    private Received take(final long withinS) {
        final Received line = poll(TimeUnit.SECONDS.toNanos(withinS));
        if (line == null) {
            throw new IllegalStateException("no replica printed a line within " + withinS + " s");
        }
        return line;
    }

    /** The next line of a current life; null if there is none within this time. */
    private Received poll(final long withinNs) {
        final long deadlineNs = System.nanoTime() + withinNs;
        try {
            Received line = received.poll(withinNs, TimeUnit.NANOSECONDS);
            while (line != null && !Integer.valueOf(line.life).equals(lifeOf.get(line.from))) {
                line = received.poll(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS); // that was of an old life
            }
            if (line != null) {
                note(line);
            }
            return line;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while listening to the replicas", e);
        }
    }

    private void note(final Received line) {
        switch (line.words[0]) {
            case "leads" -> {
                leader = line.from;
                elections++;
            }
            case "tick" -> ticks.merge(line.number(1), line.number(2), Long::sum);
            case "fault", "gone" ->
                throw new IllegalStateException(
                        "replica " + line.from + " has stopped: " + String.join(" ", line.words));
            default -> {} // an answer that is awaited
        }
    }

    @Override
    public void close() {
        CloseHelper.closeAll(processes.values());
    }

    /** What processes have used, and what they did. */
    record Used(ProcessUsage usage, Library.Traffic traffic) {
        Used plus(final Used other) {
            return new Used(usage.plus(other.usage), traffic.plus(other.traffic));
        }

        Used since(final Used before) {
            return new Used(usage.since(before.usage), traffic.since(before.traffic));
        }
    }

    /**
     * One run; the leader's process has the client. One follower runs {@code slowPercent} of the time; null: always.
     */
    @SuppressWarnings("try") // the slowdown only has to be closed
    static RunReport run(final PaxosLibrary library, final Library.Setup setup, final Integer slowPercent)
            throws IOException {
        try (ProcessCluster cluster = new ProcessCluster(setup.members(), setup.directory(), library.options(setup))) {
            cluster.tell(cluster.awaitLeader(), setup.load().line());
            cluster.await(
                    "opens",
                    ANSWER_WITHIN_S
                            + TimeUnit.NANOSECONDS.toSeconds(setup.load().warmupNs()));
            final Used before = cluster.used();
            try (Slowdown slowdown = slowPercent == null ? null : cluster.slowDown(slowPercent)) {
                cluster.await(
                        "closes",
                        ANSWER_WITHIN_S
                                + TimeUnit.NANOSECONDS.toSeconds(setup.load().windowNs()));
            }
            final Used used = cluster.used().since(before);
            final Received line = cluster.await("measured");
            final Measured measured =
                    Measured.of(String.join(" ", Arrays.copyOfRange(line.words, 1, line.words.length)));
            Run.requireAgreement(cluster::holdings, measured);
            return new RunReport(
                    library,
                    "processes",
                    setup.members().size(),
                    setup.durability(),
                    setup.load(),
                    setup.keeping(),
                    measured,
                    used.usage,
                    used.traffic);
        }
    }
}
