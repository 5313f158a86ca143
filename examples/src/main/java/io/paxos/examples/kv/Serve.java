package io.paxos.examples.kv;

import io.paxos.Members;
import io.paxos.Outcome;
import io.paxos.Read;
import io.paxos.Replica;
import io.paxos.ReplicaListener;
import io.paxos.Status;
import io.paxos.log.ChronicleLog;
import io.paxos.log.Durability;
import io.paxos.transport.tcp.BindFailedException;
import io.paxos.transport.tcp.TcpTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code serve}: one replica, in this process, until it is told to stop or must. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        versionProvider = PaxosKv.Version.class,
        sortOptions = false,
        description = "Runs one replica. Start one process per replica, all with the same --replicas.")
final class Serve implements Callable<Integer> {
    private static final int HEARTBEAT_MS_MAX = 60_000;

    /** What the log and the buffers reach into; {@code java -jar} opens them by the manifest. */
    private static final List<String> OPENS = List.of("java.lang.reflect", "sun.nio.ch", "jdk.internal.misc");

    @Spec
    private CommandSpec spec;

    @Option(names = "--id", required = true, paramLabel = "N", description = "This replica's id, one of --replicas.")
    private int id;

    @Option(
            names = "--replicas",
            required = true,
            paramLabel = "ID=HOST:PORT,...",
            description = "All replicas, and where they listen for each other.")
    private String replicas;

    @Option(
            names = "--resp",
            required = true,
            paramLabel = "HOST:PORT",
            description = "Where to listen for clients of the Redis protocol.")
    private String resp;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "Where this replica keeps its log.")
    private Path data;

    @Option(
            names = "--durability",
            paramLabel = "HOW",
            defaultValue = "sync",
            description = "sync: nothing is acknowledged before it is forced to disk (default)."
                    + " replicated: the page cache of a majority is enough.")
    private String durability;

    @Option(
            names = "--heartbeat-ms",
            paramLabel = "N",
            description =
                    "How often a leader says that it is there; a few of these without a word, and another is elected.")
    private Integer heartbeatMs;

    @Option(
            names = "--cluster-id",
            paramLabel = "N",
            defaultValue = "1",
            description = "Tells clusters apart that could meet by mistake (default: ${DEFAULT-VALUE}).")
    private long clusterId;

    @Option(names = "--with-parent", hidden = true, description = "End when the process that started this one ends.")
    private boolean withParent;

    private final CompletableFuture<Throwable> fault = new CompletableFuture<>();
    private boolean closed;

    /** What was asked for, found to make sense. */
    private record Settings(Map<Integer, InetSocketAddress> peers, InetSocketAddress clients, Durability durability) {
        int[] ids() {
            return peers.keySet().stream().mapToInt(Integer::intValue).toArray();
        }

        String memberIds() {
            return peers.keySet().stream().map(String::valueOf).collect(Collectors.joining(","));
        }
    }

    Serve() {}

    @Override
    public Integer call() {
        final Settings settings = check();
        final Replica replica = replica(settings);
        final RespServer server = server(settings, replica);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server, replica), "stop"));
        if (withParent) {
            ProcessHandle.current().parent().ifPresent(this::endWith);
        }
        spec.commandLine().getOut().println(greeting(settings));
        final Throwable cause = fault.join();
        spec.commandLine()
                .getErr()
                .println("paxos-kv: replica " + id + " has stopped: " + Answers.oneLine(cause.toString())
                        + "; its data is kept in " + data);
        close(server, replica);
        return 1;
    }

    private void endWith(final ProcessHandle parent) {
        final CompletableFuture<Void> unused = parent.onExit().thenRun(() -> fault.complete(new Orphaned()));
    }

    /**
     * First what the replica can still answer, then the replica, which fails the rest, then those who hear of that. Who
     * comes second waits for the first.
     */
    private synchronized void close(final RespServer server, final Replica replica) {
        if (!closed) {
            closed = true;
            server.drain();
            replica.close();
            server.close();
        }
    }

    private String greeting(final Settings settings) {
        return "replica " + id + " is up: resp " + RespServer.text(settings.clients) + ", peers "
                + RespServer.text(settings.peers.get(id)) + ", data " + data + ", durability "
                + settings.durability.name().toLowerCase(Locale.ROOT);
    }

    private Settings check() {
        final Map<Integer, InetSocketAddress> peers = Addresses.parseReplicas("--replicas", replicas);
        if (!peers.containsKey(id)) {
            throw new UsageException("--id " + id + " is not among --replicas " + peers.keySet()
                    + "; add it there, or use one of these");
        }
        final InetSocketAddress clients = Addresses.parse("--resp", resp);
        peers.forEach((peer, address) -> {
            if (address.equals(clients)) {
                throw new UsageException("--resp " + resp + " is the address of replica " + peer
                        + " in --replicas; clients need a port of their own");
            }
        });
        if (heartbeatMs != null && (heartbeatMs < 1 || heartbeatMs > HEARTBEAT_MS_MAX)) {
            throw new UsageException("--heartbeat-ms must be 1.." + HEARTBEAT_MS_MAX + ", not " + heartbeatMs);
        }
        if (Files.exists(data) && !Files.isDirectory(data)) {
            throw new UsageException("--data " + data + " is not a directory; name one, it need not exist yet");
        }
        final Durability how = switch (durability.toLowerCase(Locale.ROOT)) {
            case "sync" -> Durability.SYNC;
            case "replicated" -> Durability.REPLICATED;
            default -> throw new UsageException("--durability must be sync or replicated, not '" + durability + "'");
        };
        checkOpens();
        return new Settings(peers, clients, how);
    }

    /** Says it before anything fails in a way that only an expert understands. */
    private static void checkOpens() {
        final String missing = OPENS.stream()
                .filter(name -> !Object.class.getModule().isOpen(name, Serve.class.getModule()))
                .map(name -> "--add-opens=java.base/" + name + "=ALL-UNNAMED")
                .collect(Collectors.joining(" "));
        if (!missing.isEmpty()) {
            throw new UsageException("this JVM is closed to the log; start it with java -jar, or add " + missing);
        }
    }

    private Replica replica(final Settings settings) {
        try {
            final Replica.Builder builder = Replica.builder(id)
                    .members(Members.of(settings.ids()))
                    .log(ChronicleLog.builder(data, clusterId, id)
                            .durability(settings.durability)
                            .open())
                    .transport(TcpTransport.builder(id)
                            .addresses(settings.peers)
                            .clusterId(clusterId)
                            .open())
                    .stateMachine(new KvStateMachine())
                    .listener(new ReplicaListener() {
                        @Override
                        public void onFault(final Throwable cause) {
                            fault.complete(cause);
                        }
                    });
            if (heartbeatMs != null) {
                builder.heartbeatIntervalNs(TimeUnit.MILLISECONDS.toNanos(heartbeatMs));
            }
            return builder.start();
        } catch (final BindFailedException | IllegalArgumentException | IllegalStateException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static RespServer server(final Settings settings, final Replica replica) {
        try {
            return RespServer.open(settings.clients, engine(replica), settings.memberIds());
        } catch (final IOException e) {
            replica.close();
            throw new UsageException(e.getMessage() + "; stop who is there, or choose another --resp");
        }
    }

    private static Engine engine(final Replica replica) {
        return new Engine() {
            @Override
            public CompletableFuture<Outcome> submit(final byte[] command) {
                return replica.submit(command);
            }

            @Override
            public CompletableFuture<byte[]> read(final byte[] query, final Read read) {
                return replica.read(query, read);
            }

            @Override
            public Status status() {
                return replica.status();
            }
        };
    }

    /** Not a fault: who started this process for a while is gone. */
    private static final class Orphaned extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Orphaned() {
            super("the process that started it has ended", null, false, false);
        }
    }
}
