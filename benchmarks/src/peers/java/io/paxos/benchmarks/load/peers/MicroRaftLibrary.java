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
import io.paxos.benchmarks.load.Library;
import io.paxos.benchmarks.load.Ports;
import io.paxos.benchmarks.load.Replies;
import io.paxos.log.Durability;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** MicroRaft, which brings no I/O of its own: one thread, {@link MicroRaftLoop}, runs each replica and its sockets. */
public final class MicroRaftLibrary implements Library {
    private static final Object QUERY = new long[0];
    private static final int YIELDS = 50; // with one in flight; with more they only cost
    private static final int SEGMENTS = 8;
    private static final long LEADER_WAIT_NS = TimeUnit.SECONDS.toNanos(60);

    private final List<MicroRaftLoop> loops = new ArrayList<>();
    private final List<RaftNode> nodes = new ArrayList<>();
    private final List<Machine> machines = new ArrayList<>();
    private Replies replies;
    private RaftNode leader;

    /** Starts nothing yet. */
    public MicroRaftLibrary() {}

    @Override
    public String name() {
        return "microraft";
    }

    @Override
    public String settings() {
        return "0.7; an event loop, codec and file store written for this comparison; batches of 1000";
    }

    @Override
    public String durabilityMeans(final Durability durability) {
        return switch (durability) {
            case SYNC -> "the command was forced to the disks of a majority (a file store of ours, which cannot be read back)";
            case REPLICATED -> "the command is in the memory of a majority and never reaches a file";
        };
    }

    @Override
    public List<String> jvmArguments() {
        return List.of("-Xms2g", "-Xmx2g");
    }

    @Override
    public void start(final Setup setup, final Replies newReplies) throws IOException {
        replies = newReplies;
        final int[] ports = Ports.free(setup.members().size()).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        final List<RaftEndpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < ports.length; i++) {
            endpoints.add(new MicroRaftEndpoint(i));
        }
        final DefaultRaftModelFactory models = new DefaultRaftModelFactory();
        for (int i = 0; i < ports.length; i++) {
            final int yields = setup.load().outstandingMax() == 1 ? YIELDS : 0;
            final MicroRaftLoop loop = new MicroRaftLoop(i, ports, new MicroRaftCodec(models), yields);
            loops.add(loop);
            machines.add(new Machine());
            final RaftStore store = setup.durability() == Durability.SYNC
                    ? new MicroRaftStore(setup.directory().resolve("member-" + i), SEGMENTS)
                    : new NopRaftStore();
            nodes.add(RaftNode.newBuilder()
                    .setGroupId(MicroRaftCodec.GROUP)
                    .setLocalEndpoint(endpoints.get(i))
                    .setInitialGroupMembers(endpoints)
                    .setExecutor(loop)
                    .setTransport(loop)
                    .setStateMachine(machines.get(i))
                    .setStore(store)
                    .setModelFactory(models)
                    .build());
            loop.receiver(nodes.get(i)::handle);
        }
        nodes.forEach(node -> node.start().join());
        leader = awaitLeader(endpoints);
    }

    private RaftNode awaitLeader(final List<RaftEndpoint> endpoints) {
        final long deadlineNs = System.nanoTime() + LEADER_WAIT_NS;
        while (System.nanoTime() - deadlineNs < 0) {
            for (int i = 0; i < nodes.size(); i++) {
                if (endpoints.get(i).equals(nodes.get(i).getTerm().getLeaderEndpoint())) {
                    return nodes.get(i);
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
        answer(command.getLong(offset, ByteOrder.LITTLE_ENDIAN), leader.replicate(own));
        return true;
    }

    @Override
    public boolean read(final long sequence) {
        answer(sequence, leader.query(QUERY, QueryPolicy.LINEARIZABLE, Optional.empty(), Optional.empty()));
        return true;
    }

    private void answer(final long sequence, final CompletableFuture<Ordered<Long>> future) {
        final CompletableFuture<Ordered<Long>> unused = future.whenComplete((reply, error) -> {
            if (error == null) {
                replies.chosen(sequence, reply.getResult());
            } else {
                replies.failed(sequence);
            }
        });
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
    public void close() {
        loops.forEach(MicroRaftLoop::close);
    }

    private static final class Machine implements StateMachine {
        private final CounterState state = new CounterState();
        private final UnsafeBuffer view = new UnsafeBuffer(0, 0);

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
