package io.paxos.examples.kv;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.agrona.CloseHelper;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code demo}: starts three replicas, kills one, and shows that nothing is lost. Prints each step. Always ends. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        versionProvider = PaxosKv.Version.class,
        description = "Starts three replicas, kills their leader, restarts it, and shows that nothing was lost.")
final class Demo implements Callable<Integer> {
    private static final int REPLICAS = 3;
    private static final int WRITES_BEFORE = 500;
    private static final int WRITES_WITHOUT = 500;
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration STEP_LIMIT = Duration.ofSeconds(20);

    @Spec
    private CommandSpec spec;

    private final List<String[]> table = new ArrayList<>();
    private final List<Integer> written = new ArrayList<>();
    private int refused;
    private int unclear;

    /** The connection for writes; null if it has to be made. */
    private RespClient writer;

    Demo() {}

    /** Something does not work. The message contains what. */
    private static final class Surprise extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Surprise(final String message) {
            super(message);
        }
    }

    @Override
    public Integer call() throws IOException {
        final Path dir = Files.createTempDirectory("paxos-demo-");
        print("Three replicas of a key-value store agree, by Paxos, on one sequence of writes.");
        print("A write counts once two of the three have it on disk; so any one of them may die at any time.");
        print("Their data and what they print is in " + dir);
        print("");
        try (ServeCluster cluster = new ServeCluster(ServeProcess.sameProgram(), dir, REPLICAS, List.of())) {
            play(cluster);
        } catch (final Surprise surprise) {
            print("");
            print("This did not go as it should: " + surprise.getMessage());
            print("What each replica printed is in " + dir.resolve("replica-*.out"));
            return 1;
        } finally {
            CloseHelper.quietClose(writer);
        }
        print("");
        printTable();
        print("");
        print("All is well: of " + written.size() + " acknowledged writes, none was lost. The data is still in " + dir);
        return 0;
    }

    private void play(final ServeCluster cluster) throws IOException {
        final int leader = start(cluster);
        final int follower = leader % REPLICAS + 1;
        writeBefore(cluster, follower);
        killLeader(cluster, leader, follower);
        writeWithout(cluster, follower);
        restart(cluster, leader);
        check(cluster, leader);
        stop(cluster);
    }

    private int start(final ServeCluster cluster) throws IOException {
        print("1. Start three replicas, each a process of its own.");
        final long beganNs = System.nanoTime();
        cluster.startAll();
        require(
                cluster.awaitAllReady(START_LIMIT),
                "not all replicas came up within " + START_LIMIT.toSeconds() + " s");
        final OptionalInt leader = cluster.awaitLeader(cluster.ids(), STEP_LIMIT);
        require(leader.isPresent(), "no leader was elected within " + STEP_LIMIT.toSeconds() + " s");
        for (final int id : cluster.ids()) {
            print("   replica " + id + ": process " + cluster.replica(id).pid() + ", clients at "
                    + RespServer.text(cluster.replica(id).resp()));
        }
        print("   Replica " + leader.getAsInt() + " was elected leader: it decides the order, the others follow.");
        row("three processes up, leader elected", millisSince(beganNs));
        return leader.getAsInt();
    }

    private void writeBefore(final ServeCluster cluster, final int follower) {
        print("2. Write " + WRITES_BEFORE + " keys, one after another, through replica " + follower
                + ", a follower: any replica takes any command.");
        final long[] tookUs = new long[WRITES_BEFORE];
        final long beganNs = System.nanoTime();
        for (int i = 0; i < WRITES_BEFORE; i++) {
            final long oneNs = System.nanoTime();
            write(cluster, follower);
            tookUs[i] = (System.nanoTime() - oneNs) / 1000;
        }
        row(WRITES_BEFORE + " writes, each waited for", millisSince(beganNs));
        Arrays.sort(tookUs);
        table.add(new String[] {
            "  one of them, typically", String.format(Locale.ROOT, "%.1f ms", tookUs[WRITES_BEFORE / 2] / 1000.0)
        });
        print("   Each was acknowledged after two replicas had forced it to disk.");
    }

    private void killLeader(final ServeCluster cluster, final int leader, final int follower) {
        print("3. Kill the leader, replica " + leader + ", with SIGKILL: it cannot close anything.");
        final long beganNs = System.nanoTime();
        cluster.replica(leader).kill();
        write(cluster, follower);
        final double tookMs = millisSince(beganNs);
        final List<Integer> survivors =
                cluster.ids().stream().filter(id -> id != leader).toList();
        final OptionalInt next = cluster.awaitLeader(survivors, STEP_LIMIT);
        require(next.isPresent(), "the two others elected no leader within " + STEP_LIMIT.toSeconds() + " s");
        print("   The two others noticed and elected replica " + next.getAsInt() + "; the next write was acknowledged "
                + Math.round(tookMs) + " ms after the kill.");
        row("from the kill to the next acknowledged write", tookMs);
    }

    private void writeWithout(final ServeCluster cluster, final int follower) {
        print("4. Write " + WRITES_WITHOUT + " keys more with two replicas: two of three are a majority.");
        final long beganNs = System.nanoTime();
        for (int i = 0; i < WRITES_WITHOUT; i++) {
            write(cluster, follower);
        }
        row(WRITES_WITHOUT + " writes with one replica dead", millisSince(beganNs));
        if (refused + unclear > 0) {
            print("   While there was no leader, " + refused + " tries were answered \"surely not executed\" and "
                    + unclear + " \"may have been executed\"; each was tried again.");
        }
    }

    private void restart(final ServeCluster cluster, final int killed) throws IOException {
        print("5. Start replica " + killed + " again, on the data that it left behind.");
        final long beganNs = System.nanoTime();
        cluster.start(killed);
        require(cluster.awaitReady(killed, START_LIMIT), "replica " + killed + " did not come up again");
        require(cluster.awaitSameApplied(STEP_LIMIT), "replica " + killed + " did not catch up");
        print("   It read its log, fetched what it had missed from the others, and has applied all "
                + cluster.info(killed).getOrDefault("applied", "?") + " steps that they have.");
        row("restarted and caught up", millisSince(beganNs));
    }

    private void check(final ServeCluster cluster, final int killed) throws IOException {
        print("6. Read all " + written.size() + " keys back, from each replica, with reads that are never stale.");
        final long beganNs = System.nanoTime();
        for (final int id : cluster.ids()) {
            readAll(cluster, id, "READWRITE");
        }
        row("all keys read back from all replicas", millisSince(beganNs));
        readAll(cluster, killed, "READONLY");
        print("   All are there; also in the memory of replica " + killed + " itself, asked without the others.");
    }

    private void readAll(final ServeCluster cluster, final int id, final String mode) throws IOException {
        try (RespClient client = cluster.replica(id).connect()) {
            client.call(mode);
            for (final int number : written) {
                client.send("GET", key(number));
            }
            for (final int number : written) {
                final String value = client.receive().text();
                require(
                        value.equals(value(number)),
                        "replica " + id + " answers '" + value + "' for " + key(number) + ", which was written as '"
                                + value(number) + "'");
            }
        }
    }

    private void stop(final ServeCluster cluster) {
        print("7. Stop all three with SIGTERM.");
        final long beganNs = System.nanoTime();
        cluster.ids().forEach(id -> cluster.replica(id).terminate());
        for (final int id : cluster.ids()) {
            require(cluster.replica(id).awaitEnd(STEP_LIMIT) != -1, "replica " + id + " did not stop");
        }
        row("stopped cleanly", millisSince(beganNs));
    }

    /** Writes the next key, again and again until the write is acknowledged. A second write of the same is harmless. */
    private void write(final ServeCluster cluster, final int through) {
        final int number = written.size();
        require(Await.until(STEP_LIMIT, () -> tryWrite(cluster, through, number)), "a write was never acknowledged");
        written.add(number);
    }

    private boolean tryWrite(final ServeCluster cluster, final int through, final int number) {
        try {
            if (writer == null) {
                writer = cluster.replica(through).connect();
            }
            final RespReply reply = writer.call("SET", key(number), value(number));
            if (!reply.failed()) {
                return true;
            }
            if (reply.text().startsWith("UNKNOWN")) {
                unclear++;
            } else {
                refused++;
            }
        } catch (final IOException e) {
            CloseHelper.quietClose(writer);
            writer = null;
        }
        return false;
    }

    private static String key(final int number) {
        return "key-" + number;
    }

    private static String value(final int number) {
        return "value-" + number * 7L;
    }

    private static void require(final boolean holds, final String otherwise) {
        if (!holds) {
            throw new Surprise(otherwise);
        }
    }

    private static double millisSince(final long beganNs) {
        return (System.nanoTime() - beganNs) / 1e6;
    }

    private void row(final String what, final double tookMs) {
        table.add(new String[] {what, Math.round(tookMs) + " ms"});
    }

    private void printTable() {
        print(String.format(Locale.ROOT, "   %-46s %10s", "what", "took"));
        print("   " + "-".repeat(57));
        table.forEach(row -> print(String.format(Locale.ROOT, "   %-46s %10s", row[0], row[1])));
    }

    private void print(final String line) {
        final PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
