package io.paxos.examples.kv;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Some replicas on this machine, each a process. They end with this process, even if it is killed. */
final class ServeCluster implements AutoCloseable {
    private static final Duration ASK_PATIENCE = Duration.ofSeconds(2);

    private final Map<Integer, ServeProcess> replicas = new TreeMap<>();
    private final Map<Integer, String> peers = new TreeMap<>();
    private final Map<Integer, Integer> starts = new TreeMap<>();
    private final Thread hook = new Thread(this::killAll, "kill-replicas");

    /**
     * Chooses free ports; starts nothing yet.
     *
     * @param java how to start the program, see {@link ServeProcess}
     * @param options more options for each replica
     */
    ServeCluster(final List<String> java, final Path dir, final int size, final List<String> options)
            throws IOException {
        final List<Integer> ports = freePorts(2 * size);
        IntStream.rangeClosed(1, size).forEach(id -> peers.put(id, "127.0.0.1:" + ports.get(id - 1)));
        final String members = peers.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(","));
        for (int id = 1; id <= size; id++) {
            final InetSocketAddress resp = Addresses.parse("--resp", "127.0.0.1:" + ports.get(size + id - 1));
            final List<String> arguments = new ArrayList<>(List.of("--id", Integer.toString(id)));
            arguments.addAll(List.of("--replicas", members, "--resp", RespServer.text(resp), "--with-parent"));
            arguments.addAll(List.of("--data", dir.resolve("replica-" + id).toString()));
            arguments.addAll(options);
            replicas.put(id, new ServeProcess(java, arguments, resp, dir.resolve("replica-" + id + ".out")));
            starts.put(id, 0);
        }
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Ports that were free a moment ago, all different. */
    static List<Integer> freePorts(final int count) throws IOException {
        final List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (final ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    ServeProcess replica(final int id) {
        return replicas.get(id);
    }

    /** Where a replica listens for the others. */
    String peer(final int id) {
        return peers.get(id);
    }

    List<Integer> ids() {
        return List.copyOf(replicas.keySet());
    }

    void start(final int id) throws IOException {
        replicas.get(id).start();
        starts.merge(id, 1, Integer::sum);
    }

    void startAll() throws IOException {
        for (final int id : ids()) {
            start(id);
        }
    }

    /** Whether a replica that was started has printed that it is up. */
    boolean awaitReady(final int id, final Duration limit) {
        return replicas.get(id).awaitReady(limit, starts.get(id));
    }

    /** Whether all replicas have printed that they are up. */
    boolean awaitAllReady(final Duration limit) {
        return ids().stream().allMatch(id -> awaitReady(id, limit));
    }

    /** The paxos section of a replica's INFO; empty if it does not answer. */
    Map<String, String> info(final int id) {
        try (RespClient client = new RespClient(replicas.get(id).resp(), ASK_PATIENCE)) {
            return client.call("INFO", "paxos")
                    .text()
                    .lines()
                    .map(line -> line.split(":", 2))
                    .filter(pair -> pair.length == 2)
                    .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        } catch (final IOException e) {
            return Map.of();
        }
    }

    /** The replica with the role leader. If two have it, the one with the higher ballot. */
    OptionalInt leader(final List<Integer> ids) {
        final Optional<Map<String, String>> leader = ids.stream()
                .filter(id -> replicas.get(id).alive())
                .map(this::info)
                .filter(info -> "leader".equals(info.get("role")))
                .max((a, b) -> Long.compare(round(a), round(b)));
        return leader.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(Integer.parseInt(leader.get().get("id")));
    }

    private static long round(final Map<String, String> info) {
        return Long.parseLong(info.get("ballot").split("\\.", 2)[0]);
    }

    /** The leader among these, as soon as there is one. */
    OptionalInt awaitLeader(final List<Integer> ids, final Duration limit) {
        final AtomicReference<OptionalInt> leader = new AtomicReference<>(OptionalInt.empty());
        Await.until(limit, () -> {
            leader.set(leader(ids));
            return leader.get().isPresent();
        });
        return leader.get();
    }

    /** Whether all that run have applied the same, and all that is chosen. */
    boolean awaitSameApplied(final Duration limit) {
        return Await.until(limit, () -> {
            final List<String> states = ids().stream()
                    .filter(id -> replicas.get(id).alive())
                    .map(this::info)
                    .flatMap(info -> Stream.of(
                            info.getOrDefault("applied", "?" + info.hashCode()),
                            info.getOrDefault("chosen", "!" + info.hashCode())))
                    .distinct()
                    .toList();
            return states.size() == 1 && !states.get(0).startsWith("?");
        });
    }

    void killAll() {
        replicas.values().forEach(ServeProcess::close);
    }

    @Override
    public void close() {
        killAll();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException e) {
            // The hook is running already: it does the same.
        }
    }
}
