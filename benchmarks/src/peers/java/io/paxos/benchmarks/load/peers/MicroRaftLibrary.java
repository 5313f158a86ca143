package io.paxos.benchmarks.load.peers;

import io.microraft.Ordered;
import io.microraft.QueryPolicy;
import io.microraft.RaftEndpoint;
import io.microraft.RaftNode;
import io.microraft.model.impl.DefaultRaftModelFactory;
import io.microraft.persistence.NopRaftStore;
import io.microraft.persistence.RaftStore;
import io.microraft.statemachine.StateMachine;
import io.paxos.benchmarks.load.CounterState;
import io.paxos.benchmarks.load.Ports;
import io.paxos.log.Durability;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * MicroRaft. It has no I/O of its own, so a thread of ours, {@link MicroRaftLoop}, runs each replica and its sockets.
 */
public final class MicroRaftLibrary extends FuturePeerLibrary<Ordered<Long>> {
    private static final Object QUERY = new long[0];
    private static final int YIELDS = 50; // with one in flight; with more they only cost
    private static final int SEGMENTS = 8;

    private final List<MicroRaftLoop> loops = new ArrayList<>();
    private final List<RaftNode> nodes = new ArrayList<>();
    private final List<RaftEndpoint> endpoints = new ArrayList<>();

    /** The leader; null before one was found. */
    private RaftNode leader;

    /** Starts nothing yet. */
    public MicroRaftLibrary() {
        super(new Description(
                "microraft",
                "0.7; an event loop, codec and file store written for this comparison; batches of 1000",
                "the command was forced to the disks of a majority (a file store of ours, which cannot be read back)",
                "the command is in the memory of a majority and never reaches a file",
                List.of("-Xms2g", "-Xmx2g")));
    }

    @Override
    void startMembers(final Setup setup) throws IOException {
        final int[] ports = Ports.free(setup.members().size()).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        for (int i = 0; i < ports.length; i++) {
            endpoints.add(new MicroRaftEndpoint(i));
        }
        final DefaultRaftModelFactory models = new DefaultRaftModelFactory();
        for (int i = 0; i < ports.length; i++) {
            final int yields = setup.load().outstandingMax() == 1 ? YIELDS : 0;
            final MicroRaftLoop loop = new MicroRaftLoop(i, ports, new MicroRaftCodec(models), yields);
            loops.add(loop);
            final RaftStore store = setup.durability() == Durability.SYNC
                    ? new MicroRaftStore(setup.directory().resolve("member-" + i), SEGMENTS)
                    : new NopRaftStore();
            nodes.add(RaftNode.newBuilder()
                    .setGroupId(MicroRaftCodec.GROUP)
                    .setLocalEndpoint(endpoints.get(i))
                    .setInitialGroupMembers(endpoints)
                    .setExecutor(loop)
                    .setTransport(loop)
                    .setStateMachine(new MicroRaftCounter(newCounter()))
                    .setStore(store)
                    .setModelFactory(models)
                    .build());
            loop.receiver(nodes.get(i)::handle);
        }
        nodes.forEach(node -> node.start().join());
    }

    @Override
    boolean findLeader() {
        for (int i = 0; i < nodes.size(); i++) {
            if (endpoints.get(i).equals(nodes.get(i).getTerm().getLeaderEndpoint())) {
                leader = nodes.get(i);
                return true;
            }
        }
        return false;
    }

    @Override
    CompletableFuture<Ordered<Long>> propose(final byte[] command) {
        return leader.replicate(command);
    }

    @Override
    CompletableFuture<Ordered<Long>> query() {
        return leader.query(QUERY, QueryPolicy.LINEARIZABLE, Optional.empty(), Optional.empty());
    }

    @Override
    long count(final Ordered<Long> reply) {
        return reply.getResult();
    }

    @Override
    public void close() {
        loops.forEach(MicroRaftLoop::close);
    }

    /** The counter of one member. */
    private static final class MicroRaftCounter implements StateMachine {
        private final CounterState state;
        private final UnsafeBuffer view = new UnsafeBuffer(0, 0);

        private MicroRaftCounter(final CounterState state) {
            this.state = state;
        }

        @Override
        public Object runOperation(final long index, final Object operation) {
            if (operation instanceof byte[] command) {
                view.wrap(command);
                return state.apply(view, 0, command.length);
            }
            return operation == QUERY ? state.count() : null;
        }

        @Override
        public void takeSnapshot(final long index, final Consumer<Object> chunks) {
            final Holding holding = state.holding(0);
            chunks.accept(new long[] {holding.count(), holding.checksum()});
        }

        @Override
        public void installSnapshot(final long index, final List<Object> chunks) {
            final long[] chunk = (long[]) chunks.get(0);
            state.restore(chunk[0], chunk[1]);
        }

        @Override
        public Object getNewTermOperation() {
            return MicroRaftCodec.NEW_TERM;
        }
    }
}
