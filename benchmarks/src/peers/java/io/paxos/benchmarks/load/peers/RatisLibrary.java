package io.paxos.benchmarks.load.peers;

import io.paxos.benchmarks.load.CounterState;
import io.paxos.benchmarks.load.Ports;
import io.paxos.log.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

/** Apache Ratis: Netty; the client calls the leader's division. */
public final class RatisLibrary extends FuturePeerLibrary<RaftClientReply> {
    private static final RaftGroupId GROUP = RaftGroupId.valueOf(new UUID(1, 2));
    private static final int PENDING_WRITES = 8192;

    private final ClientId client = ClientId.randomId();
    private final List<RaftServer> servers = new ArrayList<>();

    /** The leader's id; null before a leader was found. */
    private RaftPeerId leader;

    /** The leader's part of the group; null before a leader was found. */
    private RaftClientAsynchronousProtocol division;

    /** Starts nothing yet. */
    public RatisLibrary() {
        super(new Description(
                "ratis",
                "3.3.0; Netty; no wait of appenders; retry cache of 1 s; 8192 pending writes",
                "the command was forced to the disks of a majority (segmented log)",
                "the command is in the memory of a majority and never reaches a file (memory log)",
                List.of("-Xms4g", "-Xmx4g")));
    }

    @Override
    void startMembers(final Setup setup) throws IOException {
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
            servers.add(RaftServer.newBuilder()
                    .setServerId(peers.get(i).getId())
                    .setGroup(RaftGroup.valueOf(GROUP, peers))
                    .setProperties(properties)
                    .setStateMachine(new RatisCounter(newCounter()))
                    .setOption(RaftStorage.StartupOption.FORMAT)
                    .build());
            servers.get(i).start();
        }
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

    @Override
    boolean findLeader() throws IOException {
        for (final RaftServer server : servers) {
            if (server.getDivision(GROUP).getInfo().isLeaderReady()) {
                leader = server.getId();
                division = (RaftClientAsynchronousProtocol) server.getDivision(GROUP);
                return true;
            }
        }
        return false;
    }

    @Override
    CompletableFuture<RaftClientReply> propose(final byte[] command) throws IOException {
        return send(
                Message.valueOf(UnsafeByteOperations.unsafeWrap(command)), RaftClientRequest.writeRequestType());
    }

    @Override
    CompletableFuture<RaftClientReply> query() throws IOException {
        return send(Message.EMPTY, RaftClientRequest.readRequestType());
    }

    private CompletableFuture<RaftClientReply> send(final Message message, final RaftClientRequest.Type type)
            throws IOException {
        final RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(client)
                .setServerId(leader)
                .setGroupId(GROUP)
                .setCallId(CallId.getAndIncrement())
                .setMessage(message)
                .setType(type)
                .build();
        return division.submitClientRequestAsync(request);
    }

    @Override
    long count(final RaftClientReply reply) {
        return reply.isSuccess()
                ? reply.getMessage().getContent().asReadOnlyByteBuffer().getLong()
                : REFUSED;
    }

    @Override
    public void close() throws IOException {
        for (final RaftServer server : servers) {
            server.close();
        }
    }

    /** The counter of one member. */
    private static final class RatisCounter extends BaseStateMachine {
        private final CounterState state;
        private final UnsafeBuffer view = new UnsafeBuffer(0, 0);

        private RatisCounter(final CounterState state) {
            this.state = state;
        }

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
