package io.paxos.examples.kv;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writers that write all the time, each with its own connection to one replica, and the writes that were acknowledged.
 *
 * <p>Writer {@code w} sets {@code load-w-n} to {@code n} once, and increments {@code count-w}: the first shows losses,
 * the second also commands that were executed twice.
 */
final class KvWriters implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private static final int PIPELINED = 200;

    private final ServeCluster cluster;
    private final String name;
    private final List<Writer> writers = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();

    /** Starts this many writers on each replica; {@code name} is part of their keys. */
    KvWriters(final ServeCluster cluster, final String name, final int writersPerReplica) {
        this.cluster = cluster;
        this.name = name;
        for (final int id : cluster.ids()) {
            for (int i = 0; i < writersPerReplica; i++) {
                final Writer writer = new Writer(id, writers.size());
                writers.add(writer);
                writer.thread.start();
            }
        }
    }

    /** How many writes were acknowledged so far. */
    long acknowledged() {
        return writers.stream().mapToLong(writer -> writer.setsAcked.size()).sum();
    }

    /** Whether each writer of these replicas had a write acknowledged that it began after that time. */
    boolean wroteSince(final long sinceNs, final List<Integer> replicas) {
        return writers.stream()
                .filter(writer -> replicas.contains(writer.replica))
                .allMatch(writer -> writer.lastAckedBeganNs - sinceNs > 0);
    }

    /** Whether some writer had a write acknowledged that it began after that time. */
    boolean someWroteSince(final long sinceNs) {
        return writers.stream().anyMatch(writer -> writer.lastAckedBeganNs - sinceNs > 0);
    }

    /** How many commands of the writers of these replicas were answered with an error. */
    long refused(final List<Integer> replicas) {
        return writers.stream()
                .filter(writer -> replicas.contains(writer.replica))
                .mapToLong(writer -> writer.refused.get())
                .sum();
    }

    /** Ends all writers, and waits until they have ended. From then on no write is acknowledged. */
    void stop() {
        stopped.set(true);
        for (final Writer writer : writers) {
            try {
                writer.thread.join(PATIENCE.toMillis() * 2);
            } catch (final InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** What is wrong with what a replica answers to linearizable reads; empty if all is there. */
    List<String> losses(final int replica) throws IOException {
        final List<String> losses = new ArrayList<>();
        try (RespClient client = cluster.replica(replica).connect()) {
            for (final Writer writer : writers) {
                for (int from = 0; from < writer.setsAcked.size(); from += PIPELINED) {
                    final int limit = Math.min(from + PIPELINED, writer.setsAcked.size());
                    losses.addAll(losses(client, writer, writer.setsAcked.subList(from, limit)));
                }
                final RespReply count = client.call("GET", counter(writer));
                final long counted = count instanceof RespReply.Nil ? 0 : Long.parseLong(count.text());
                final long acked = writer.countsAcked.get();
                final long unclear = writer.countsUnclear.get();
                if (counted < acked || counted > acked + unclear) {
                    losses.add(counter(writer) + " is " + counted + ", acknowledged " + acked + ", unclear " + unclear);
                }
            }
        }
        return losses;
    }

    private List<String> losses(final RespClient client, final Writer writer, final List<Integer> numbers)
            throws IOException {
        final List<String> losses = new ArrayList<>();
        for (final int n : numbers) {
            client.send("GET", key(writer, n));
        }
        for (final int n : numbers) {
            final String value = client.receive().text();
            if (!value.equals(Integer.toString(n))) {
                losses.add(key(writer, n) + " is " + value);
            }
        }
        return losses;
    }

    private String key(final Writer writer, final int n) {
        return name + "-" + writer.number + "-" + n;
    }

    private String counter(final Writer writer) {
        return name + "-count-" + writer.number;
    }

    @Override
    public void close() {
        stop();
    }

    private final class Writer {
        private final int replica;
        private final int number;
        private final Thread thread = new Thread(this::run, "writer");
        private final List<Integer> setsAcked = new CopyOnWriteArrayList<>();
        private int tried;
        private final AtomicLong countsAcked = new AtomicLong();
        private final AtomicLong countsUnclear = new AtomicLong();
        private final AtomicLong refused = new AtomicLong();
        private volatile long lastAckedBeganNs = System.nanoTime();

        Writer(final int replica, final int number) {
            this.replica = replica;
            this.number = number;
        }

        private void run() {
            while (!stopped.get()) {
                try (RespClient client = new RespClient(cluster.replica(replica).resp(), PATIENCE)) {
                    while (!stopped.get()) {
                        set(client);
                        count(client);
                    }
                } catch (final IOException e) {
                    Await.elapse(Duration.ofMillis(20)); // its replica is gone; it comes back, or the load ends
                }
            }
        }

        private void set(final RespClient client) throws IOException {
            final long beganNs = System.nanoTime();
            final int n = tried++;
            if (client.call("SET", key(this, n), Integer.toString(n)).failed()) {
                refused.incrementAndGet();
            } else {
                setsAcked.add(n);
                lastAckedBeganNs = beganNs;
            }
        }

        private void count(final RespClient client) throws IOException {
            RespReply reply = null;
            try {
                reply = client.call("INCR", counter(this));
            } finally {
                if (reply == null || reply.text().startsWith("UNKNOWN")) {
                    countsUnclear.incrementAndGet();
                } else if (!reply.failed()) {
                    countsAcked.incrementAndGet();
                }
                if (reply != null && reply.failed()) {
                    refused.incrementAndGet();
                }
            }
        }
    }
}
