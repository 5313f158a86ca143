package io.paxos.examples.kv;

import io.paxos.Members;
import io.paxos.Replica;
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
import org.agrona.CloseHelper;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code serve}: runs one replica in this process until a signal or a fault stops it. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        versionProvider = PaxosKv.Version.class,
        sortOptions = false,
        description = "Runs one replica. Start one process per replica, all with the same --replicas.")
final class Serve implements Callable<Integer> {
    private static final int HEARTBEAT_MS_MAX = 60_000;
    private static final int TIMEOUT_MS_MAX = 3_600_000;

    private static final int ID_MAX = 65_535;
    private static final int MEMBERS_MAX = 64;

    /** Packages of the JDK that the log and the buffers use. The manifest of the jar opens them. */
    private static final List<String> OPENS = List.of("java.lang.reflect", "sun.nio.ch", "jdk.internal.misc");

    @Spec
    private CommandSpec spec;

    @Option(names = "--id", required = true, paramLabel = "N", description = "This replica's id, one of --replicas.")
    private int id;

    @Option(
            names = "--replicas",
            required = true,
            paramLabel = "ID=HOST:PORT,...",
            description = "All replicas, each with the address on which it listens for the others.")
    private String replicas;

    @Option(
            names = "--resp",
            required = true,
            paramLabel = "HOST:PORT",
            description = "The address on which this replica listens for clients of the Redis protocol.")
    private String resp;

    private static final long LOG_BUDGET_BYTES_MIN = 64L << 20;
    private static final long SEGMENT_BYTES_MAX = 64L << 20;
    private static final long LOG_TAIL_BYTES = 64L << 20;
    private static final int BUDGET_SHARES = 8;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The directory of this replica's log.")
    private Path data;

    @Option(
            names = "--durability",
            paramLabel = "HOW",
            defaultValue = "sync",
            description = "sync: a write is acknowledged after a majority has forced it to disk (default)."
                    + " replicated: a write is acknowledged when it is in the page cache of a majority.")
    private String durability;

    @Option(
            names = "--heartbeat-ms",
            paramLabel = "N",
            description = "Milliseconds between heartbeats (default: 100)."
                    + " A leader that misses three in a row is replaced.")
    private Integer heartbeatMs;

    @Option(
            names = "--snapshot-bytes",
            paramLabel = "N",
            defaultValue = "67108864",
            description = "Writes a snapshot after this many bytes of commands, and no fewer than the last snapshot has"
                    + " (default: 64 MiB). 0: only when a client says PAXOS SNAPSHOT.")
    private long snapshotBytes;

    @Option(
            names = "--log-budget-bytes",
            paramLabel = "N",
            defaultValue = "0",
            description = "How many bytes the log may have, at least 64 MiB; 0: as many as the disk takes (default). At"
                    + " the budget, commands are refused until a snapshot lets the log be trimmed.")
    private long logBudgetBytes;

    @Option(
            names = "--transfer-bytes-per-second",
            paramLabel = "N",
            defaultValue = "67108864",
            description = "How fast this replica receives a snapshot of another one at most (default: 64 MiB per"
                    + " second).")
    private long transferBytesPerSecond;

    @Option(
            names = "--cluster-id",
            paramLabel = "N",
            defaultValue = "0",
            description = "A number of your choice, the same on all replicas of a cluster (default: a random one,"
                    + " drawn at the first start and kept in --data). Replicas of different clusters refuse each"
                    + " other.")
    private long clusterId;

    @Option(
            names = "--bootstrap",
            description = "Says that this is the first start of a new cluster, so that this replica does not wait for"
                    + " the others. Needs --cluster-id. Never for a directory that was lost.")
    private boolean isBootstrap;

    @Option(names = "--with-parent", hidden = true, description = "Stop when the process that started this one ends.")
    private boolean withParent;

    @Option(
            names = "--timeout-ms",
            paramLabel = "N",
            defaultValue = "5000",
            description = "Milliseconds until each command and read has an answer, if only that it is not known what"
                    + " came of it (default: 5000).")
    private int timeoutMs;

    @Option(
            names = "--client-idle-seconds",
            paramLabel = "N",
            defaultValue = "300",
            description = "Closes the connection of a client that sends and reads nothing for so long (default: 300)."
                    + " 0: never, but the one that is idle for the longest time gives way when all places are taken.")
    private int clientIdleSeconds;

    /** Completes once, with the reason why the replica stops by itself. */
    private final CompletableFuture<Throwable> fault = new CompletableFuture<>();

    /** True from the first call of {@link #close} on. Guarded by this. */
    private boolean isClosed;

    /** The options, checked. {@code peers} has an entry for this replica. */
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
        OutOfMemory.endsProcess();
        final Settings settings = check();
        final Replica replica = replica(settings);
        final RespServer server = server(settings, replica);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server, replica), "stop"));
        if (withParent) {
            ProcessHandle.current().parent().ifPresent(this::endWith);
        }
        spec.commandLine().getOut().println(greeting(settings));
        final Throwable cause = fault.join();
        OutOfMemory.endIf(cause);
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
     * Closes in an order that answers every request: first the requests that the replica can still execute, then the
     * replica, which fails the others, then the connections, which carry these failures. A second caller waits until
     * the first has closed everything.
     */
    private synchronized void close(final RespServer server, final Replica replica) {
        if (!isClosed) {
            isClosed = true;
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
        if (id < 1 || id > ID_MAX) {
            throw new UsageException("--id must be 1.." + ID_MAX + ", not " + id);
        }
        final Map<Integer, InetSocketAddress> peers = Addresses.parseReplicas("--replicas", replicas);
        if (!peers.containsKey(id)) {
            throw new UsageException("--id " + id + " is not among --replicas " + peers.keySet()
                    + "; add it there, or use one of these");
        }
        if (peers.size() > MEMBERS_MAX) {
            throw new UsageException("--replicas names " + peers.size() + " replicas; a cluster has at most "
                    + MEMBERS_MAX + ", remove some");
        }
        final InetSocketAddress clients = Addresses.parse("--resp", resp);
        peers.forEach((peer, address) -> {
            if (address.equals(clients) || (peer == id && overlaps(clients, address))) {
                throw new UsageException("--resp " + resp + " is the address of replica " + peer
                        + " in --replicas; clients need a port of their own");
            }
        });
        if (heartbeatMs != null && (heartbeatMs < 1 || heartbeatMs > HEARTBEAT_MS_MAX)) {
            throw new UsageException("--heartbeat-ms must be 1.." + HEARTBEAT_MS_MAX + ", not " + heartbeatMs);
        }
        if (timeoutMs < 1 || timeoutMs > TIMEOUT_MS_MAX) {
            throw new UsageException("--timeout-ms must be 1.." + TIMEOUT_MS_MAX + ", not " + timeoutMs);
        }
        if (clientIdleSeconds < 0) {
            throw new UsageException("--client-idle-seconds must be 0 (no limit) or more, not " + clientIdleSeconds);
        }
        if (snapshotBytes < 0) {
            throw new UsageException("--snapshot-bytes must be 0 (none by itself) or more, not " + snapshotBytes);
        }
        if (logBudgetBytes != 0 && logBudgetBytes < LOG_BUDGET_BYTES_MIN) {
            throw new UsageException("--log-budget-bytes must be 0 (no budget) or at least " + LOG_BUDGET_BYTES_MIN
                    + ", not " + logBudgetBytes);
        }
        if (transferBytesPerSecond < 1) {
            throw new UsageException("--transfer-bytes-per-second must be at least 1, not " + transferBytesPerSecond);
        }
        if (data.toString().isBlank()) {
            throw new UsageException("--data is empty; name a directory, it need not exist yet");
        }
        if (Files.exists(data) && !Files.isDirectory(data)) {
            throw new UsageException("--data " + data + " is not a directory; name one, it need not exist yet");
        }
        if (isBootstrap && clusterId == 0) {
            throw new UsageException("--bootstrap needs --cluster-id: replicas that do not wait for each other cannot"
                    + " agree on one; choose a number and give it to all");
        }
        final Durability how = switch (durability.toLowerCase(Locale.ROOT)) {
            case "sync" -> Durability.SYNC;
            case "replicated" -> Durability.REPLICATED;
            default -> throw new UsageException("--durability must be sync or replicated, not '" + durability + "'");
        };
        checkOpens();
        return new Settings(peers, clients, how);
    }

    /** Whether the first address is the wildcard with the port of the second, so that both cannot be listened on. */
    private static boolean overlaps(final InetSocketAddress wildcard, final InetSocketAddress address) {
        return wildcard.getAddress().isAnyLocalAddress() && wildcard.getPort() == address.getPort();
    }

    /** Names the missing flags of the JVM before the log fails with a message about reflection. */
    private static void checkOpens() {
        final String missing = OPENS.stream()
                .filter(name -> !Object.class.getModule().isOpen(name, Serve.class.getModule()))
                .map(name -> "--add-opens=java.base/" + name + "=ALL-UNNAMED")
                .collect(Collectors.joining(" "));
        if (!missing.isEmpty()) {
            throw new UsageException("the log cannot use this JVM; start it with java -jar, or add " + missing);
        }
    }

    /** Opens the log, then the transport, and starts the replica. Closes what it has opened if a later step fails. */
    private Replica replica(final Settings settings) {
        ChronicleLog log = null;
        TcpTransport transport = null;
        try {
            log = ChronicleLog.builder(data, clusterId, id)
                    .durability(settings.durability)
                    .segmentBytes((int) Math.min(SEGMENT_BYTES_MAX, budgetShare(SEGMENT_BYTES_MAX)))
                    .open();
            transport = TcpTransport.listen(id, settings.peers);
            return start(settings, log, transport);
        } catch (final RuntimeException e) {
            CloseHelper.quietCloseAll(transport, log);
            throw explained(e);
        }
    }

    /** The log explains its failures itself. The transport does not know the option that named its address. */
    private RuntimeException explained(final RuntimeException e) {
        if (e instanceof BindFailedException) {
            return new UsageException("--replicas: " + e.getMessage());
        }
        if (e instanceof IllegalArgumentException || e instanceof IllegalStateException) {
            final String message = String.valueOf(e.getMessage());
            return new UsageException(
                    message.contains(data.toString()) ? message : message + " (--data is " + data + ")");
        }
        return e;
    }

    private Replica start(final Settings settings, final ChronicleLog log, final TcpTransport transport) {
        final Replica.Builder builder = Replica.builder(id)
                .members(Members.of(settings.ids()))
                .clusterId(clusterId)
                .log(log)
                .transport(transport)
                .stateMachine(new KvStateMachine(clientLimits().replyBytes()))
                .timeoutNs(TimeUnit.MILLISECONDS.toNanos(timeoutMs))
                .snapshotBytes(snapshotBytes)
                .transferBytesPerSecond(transferBytesPerSecond)
                .logTailBytes(budgetShare(LOG_TAIL_BYTES))
                .maxLogBytes(logBudgetBytes)
                .listener(new ServeListener(id, spec.commandLine().getOut(), fault));
        if (isBootstrap) {
            builder.bootstrap();
        }
        if (heartbeatMs != null) {
            builder.heartbeatIntervalNs(TimeUnit.MILLISECONDS.toNanos(heartbeatMs));
        }
        return builder.start();
    }

    private ClientLimits clientLimits() {
        return ClientLimits.of(Runtime.getRuntime().maxMemory(), TimeUnit.SECONDS.toNanos(clientIdleSeconds));
    }

    /** A port that serves nobody stops the replica too. What was wrong with one connection is logged. */
    private void failed(final Throwable cause) {
        OutOfMemory.endIf(cause);
        if (cause instanceof Error) {
            fault.complete(cause);
        } else {
            spec.commandLine().getErr().println("paxos-kv: a client's connection failed: " + cause);
        }
    }

    /** An eighth of the budget of the log; {@code withoutBudget} if there is none. */
    private long budgetShare(final long withoutBudget) {
        return logBudgetBytes == 0 ? withoutBudget : logBudgetBytes / BUDGET_SHARES;
    }

    private RespServer server(final Settings settings, final Replica replica) {
        try {
            return RespServer.open(
                    settings.clients, new KvEngine(replica), settings.memberIds(), clientLimits(), this::failed);
        } catch (final IOException e) {
            replica.close();
            final String advice = String.valueOf(e.getMessage()).contains("in use")
                    ? "; stop the process that uses it, or choose another --resp"
                    : "; choose an address of this machine for --resp";
            throw new UsageException(e.getMessage() + advice);
        }
    }

    /** Ends the replica without a fault: the parent process has ended. */
    private static final class Orphaned extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Orphaned() {
            super("the process that started it has ended", null, false, false);
        }
    }
}
