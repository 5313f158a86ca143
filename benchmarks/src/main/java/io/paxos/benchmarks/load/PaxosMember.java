package io.paxos.benchmarks.load;

import io.paxos.Members;
import io.paxos.Read;
import io.paxos.Replica;
import io.paxos.ReplicaListener;
import io.paxos.Status;
import io.paxos.log.ChronicleLog;
import io.paxos.log.Durability;
import io.paxos.transport.tcp.TcpTransport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One replica of ours, embedded as in a service: TCP, ChronicleLog, a counter, replies without allocation. */
final class PaxosMember implements Target, AutoCloseable {
    static final long CLUSTER_ID = 0x10AD;

    private static final byte[] NOTHING = new byte[0];

    /**
     * How to run a replica.
     *
     * @param heartbeatNs 0 for the default
     * @param patience missed heartbeats; 0 for the default
     * @param followerLingerNs as in {@link Replica.Builder}
     * @param commandLingerNs as in {@link Replica.Builder}
     */
    record Options(
            Durability durability,
            long heartbeatNs,
            int patience,
            long followerLingerNs,
            long commandLingerNs,
            Keeping keeping) {
        Options(final Durability durability, final long heartbeatNs, final int patience) {
            this(durability, heartbeatNs, patience, 0, 0, Keeping.DEFAULT);
        }
    }

    /**
     * Without sync the other libraries leave writing to the kernel, which does it after some 30 s; ours defaults to 1
     * s.
     */
    private static final long FORCE_INTERVAL_NS = TimeUnit.SECONDS.toNanos(30);

    private final int id;
    private final CounterState state = new CounterState();
    private final ChronicleLog log;
    private final TcpTransport transport;
    private final Replies replies;
    private final ReplyRoute route;
    private final Replica replica;

    PaxosMember(
            final int id,
            final Map<Integer, InetSocketAddress> addresses,
            final Path directory,
            final Options options,
            final Replies replies,
            final ReplicaListener listener) {
        this.id = id;
        this.replies = replies;
        route = new ReplyRoute(replies);
        log = ChronicleLog.builder(directory, CLUSTER_ID, id)
                .durability(options.durability())
                .forceIntervalNs(FORCE_INTERVAL_NS)
                .segmentBytes(options.keeping().segmentBytes())
                .open();
        TcpTransport opened = null;
        try {
            opened = TcpTransport.builder(id)
                    .addresses(addresses)
                    .clusterId(CLUSTER_ID)
                    .open();
            replica = start(addresses, opened, options, listener);
        } catch (final RuntimeException e) {
            CloseHelper.quietCloseAll(opened, log);
            throw e;
        }
        transport = opened;
    }

    private Replica start(
            final Map<Integer, InetSocketAddress> addresses,
            final TcpTransport opened,
            final Options options,
            final ReplicaListener listener) {
        final Replica.Builder builder = Replica.builder(id)
                .members(Members.of(
                        addresses.keySet().stream().mapToInt(Integer::intValue).toArray()))
                .log(log)
                .transport(opened)
                .stateMachine(new CounterMachine(state, options.keeping().stateBytes()))
                .snapshotBytes(options.keeping().snapshotBytes())
                .logTailBytes(options.keeping().logTailBytes())
                .maxLogBytes(options.keeping().maxLogBytes())
                .replyHandler(route)
                .callbackExecutor(Replica.ON_REPLICA_THREAD) // the route only counts
                .followerLingerNs(options.followerLingerNs())
                .commandLingerNs(options.commandLingerNs())
                .listener(listener);
        if (options.heartbeatNs() > 0) {
            builder.heartbeatIntervalNs(options.heartbeatNs());
        }
        if (options.patience() > 0) {
            builder.patienceRounds(options.patience());
        }
        return builder.start();
    }

    /** A free port of the loopback address for each member. */
    static Map<Integer, InetSocketAddress> freeAddresses(final List<Integer> members) {
        final Map<Integer, InetSocketAddress> addresses = new LinkedHashMap<>();
        final List<Integer> ports = Ports.free(members.size());
        for (int i = 0; i < ports.size(); i++) {
            addresses.put(members.get(i), new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.get(i)));
        }
        return addresses;
    }

    int id() {
        return id;
    }

    @Override
    public boolean submit(final DirectBuffer command, final int offset, final int length) {
        final long correlationId = replica.offer(command, offset, length);
        if (correlationId == Replica.CLOSED) {
            throw new IllegalStateException(
                    "replica " + id + " has stopped", replica.status().fault());
        }
        if (correlationId > 0) {
            route.taken(command.getLong(offset, ByteOrder.LITTLE_ENDIAN), correlationId);
        }
        return correlationId > 0;
    }

    @Override
    public boolean read(final long sequence) {
        final CompletableFuture<byte[]> unused = replica.read(NOTHING, Read.LINEARIZABLE)
                .whenComplete((answer, error) -> {
                    if (error == null) {
                        replies.chosen(sequence, new UnsafeBuffer(answer).getLong(0, ByteOrder.LITTLE_ENDIAN));
                    } else {
                        replies.failed(sequence);
                    }
                });
        return true;
    }

    Library.Holding holding() {
        return state.holding(id);
    }

    Status status() {
        return replica.status();
    }

    Library.Traffic traffic() {
        final var stats = transport.stats();
        return new Library.Traffic(stats.bytesSent(), stats.framesSent(), log.forces());
    }

    @Override
    public void close() {
        replica.close();
    }
}
