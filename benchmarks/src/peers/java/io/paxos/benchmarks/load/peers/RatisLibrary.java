package io.paxos.benchmarks.load.peers;

import io.paxos.benchmarks.load.CounterState;
import io.paxos.benchmarks.load.Library;
import io.paxos.benchmarks.load.Ports;
import io.paxos.benchmarks.load.Replies;
import io.paxos.log.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.netty.NettyConfigKeys;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.TimeDuration;

/** Apache Ratis: Netty; the client hands its requests straight to the leader's division. */
public final class RatisLibrary implements Library {
    private static final RaftGroupId GROUP = RaftGroupId.valueOf(new UUID(1, 2));
    private static final int PENDING_WRITES = 8192;
    private static final long LEADER_WAIT_NS = TimeUnit.SECONDS.toNanos(60);

    private final ClientId client = ClientId.randomId();
    private final List<RaftServer> servers = new ArrayList<>();
    private final List<Machine> machines = new ArrayList<>();
    private Replies replies;
    private RaftPeerId leader;
    private RaftClientAsynchronousProtocol division;

    /** Starts nothing yet. */
    public RatisLibrary() {}

    @Override
    public String name() {
        return "ratis";
    }

    @Override
    public String settings() {
        return "3.3.0; Netty; no wait of appenders; retry cache of 1 s; 8192 pending writes";
    }

    @Override
    public String durabilityMeans(final Durability durability) {
        return switch (durability) {
            case SYNC -> "the command was forced to the disks of a majority (segmented log)";
            case REPLICATED -> "the command is in the memory of a majority and never reaches a file (memory log)";
        };
    }

    @Override
    public List<String> jvmArguments() {
        return List.of("-Xms4g", "-Xmx4g");
    }

    @Override
    public void start(final Setup setup, final Replies newReplies) throws IOException {
        replies = newReplies;
        final List<Integer> ports = Ports.free(setup.members().size());
        final List<RaftPeer> peers = new ArrayList<>();
        for (int i = 0; i < ports.size(); i++) {
            peers.add(RaftPeer.newBuilder()
                    .setId("n" + i)
                    .setAddress("127.0.0.1:" + ports.get(i))
                    .build());
        }
        for (int i = 0; i < ports.size(); i++) {
            final RaftProperties properties = properties(ports.get(i), setup.durability());
            final Path directory = Files.createDirectories(setup.directory().resolve("n" + i));
            RaftServerConfigKeys.setStorageDir(properties, List.of(directory.toFile()));
            final Machine machine = new Machine();
            machines.add(machine);
            servers.add(RaftServer.newBuilder()
                    .setServerId(peers.get(i).getId())
                    .setGroup(RaftGroup.valueOf(GROUP, peers))
                    .setProperties(properties)
                    .setStateMachine(machine)
                    .setOption(RaftStorage.StartupOption.FORMAT)
                    .build());
            servers.get(i).start();
        }
        awaitLeader();
    }

    private static RaftProperties properties(final int port, final Durability durability) {
        final RaftProperties properties = new RaftProperties();
        RaftConfigKeys.Rpc.setType(properties, SupportedRpcType.NETTY);
        NettyConfigKeys.Server.setPort(properties, port);
        RaftServerConfigKeys.Write.setElementLimit(properties, PENDING_WRITES);
        RaftServerConfigKeys.RetryCache.setExpiryTime(properties, TimeDuration.valueOf(1, TimeUnit.SECONDS));
        RaftServerConfigKeys.Log.Appender.setWaitTimeMin(properties, TimeDuration.valueOf(0, TimeUnit.MICROSECONDS));
        RaftServerConfigKeys.Log.setUseMemory(properties, durability == Durability.REPLICATED);
        RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
        return properties;
    }

    private void awaitLeader() throws IOException {
        final long deadlineNs = System.nanoTime() + LEADER_WAIT_NS;
        while (System.nanoTime() - deadlineNs < 0) {
            for (final RaftServer server : servers) {
                if (server.getDivision(GROUP).getInfo().isLeaderReady()) {
                    leader = server.getId();
                    division = (RaftClientAsynchronousProtocol) server.getDivision(GROUP);
                    return;
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        throw new IllegalStateException("no leader");
    }

    @Override
    public boolean submit(final DirectBuffer command, final int offset, final int length) {
        final byte[] own = new byte[length];
        command.getBytes(offset, own);
        send(
                command.getLong(offset, ByteOrder.LITTLE_ENDIAN),
                Message.valueOf(UnsafeByteOperations.unsafeWrap(own)),
                RaftClientRequest.writeRequestType());
        return true;
    }

    @Override
    public boolean read(final long sequence) {
        send(sequence, Message.EMPTY, RaftClientRequest.readRequestType());
        return true;
    }

    private void send(final long sequence, final Message message, final RaftClientRequest.Type type) {
        final RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(client)
                .setServerId(leader)
                .setGroupId(GROUP)
                .setCallId(CallId.getAndIncrement())
                .setMessage(message)
                .setType(type)
                .build();
        try {
            final CompletableFuture<RaftClientReply> unused = division.submitClientRequestAsync(request)
                    .whenComplete((reply, error) -> {
                        if (error == null && reply.isSuccess()) {
                            replies.chosen(
                                    sequence,
                                    reply.getMessage()
                                            .getContent()
                                            .asReadOnlyByteBuffer()
                                            .getLong());
                        } else {
                            replies.failed(sequence);
                        }
                    });
        } catch (final IOException e) {
            throw new IllegalStateException("the leader takes no request", e);
        }
    }

    @Override
    public List<Holding> holdings() {
        final List<Holding> holdings = new ArrayList<>();
        for (int i = 0; i < machines.size(); i++) {
            holdings.add(machines.get(i).state.holding(i));
        }
        return holdings;
    }

    @Override
    public void close() throws IOException {
        for (final RaftServer server : servers) {
            server.close();
        }
    }

    private static final class Machine extends BaseStateMachine {
        private final CounterState state = new CounterState();
        private final UnsafeBuffer view = new UnsafeBuffer(0, 0);

        @Override
        public CompletableFuture<Message> applyTransaction(final TransactionContext transaction) {
            final ByteBuffer command =
                    transaction.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer();
            final byte[] bytes = new byte[command.remaining()];
            command.get(bytes);
            view.wrap(bytes);
            final long count = state.apply(view, 0, bytes.length);
            updateLastAppliedTermIndex(TermIndex.valueOf(transaction.getLogEntry()));
            return CompletableFuture.completedFuture(message(count));
        }

        @Override
        public CompletableFuture<Message> query(final Message request) {
            return CompletableFuture.completedFuture(message(state.count()));
        }

        private static Message message(final long count) {
            return Message.valueOf(UnsafeByteOperations.unsafeWrap(
                    ByteBuffer.allocate(Long.BYTES).putLong(0, count)));
        }
    }
}
