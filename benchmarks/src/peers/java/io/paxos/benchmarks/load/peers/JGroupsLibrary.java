package io.paxos.benchmarks.load.peers;

import io.paxos.benchmarks.load.CounterState;
import io.paxos.benchmarks.load.Library;
import io.paxos.benchmarks.load.Ports;
import io.paxos.benchmarks.load.Replies;
import io.paxos.log.Durability;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jgroups.JChannel;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FD_SOCK2;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.protocols.raft.ELECTION2;
import org.jgroups.protocols.raft.NO_DUPES;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.protocols.raft.REDIRECT;
import org.jgroups.raft.RaftHandle;
import org.jgroups.raft.StateMachine;

/** jgroups-raft: TCP, its file log; the client calls the leader's handle. */
public final class JGroupsLibrary implements Library {
    private static final byte[] READ = new byte[1]; // shorter than any command
    private static final long JOIN_MS = 500;
    private static final int LOG_BYTES_MAX = 1_000_000_000; // no snapshot in between
    private static final long LEADER_WAIT_NS = TimeUnit.SECONDS.toNanos(60);

    private final List<JChannel> channels = new ArrayList<>();
    private final List<RaftHandle> handles = new ArrayList<>();
    private final List<Machine> machines = new ArrayList<>();
    private Replies replies;
    private RaftHandle leader;

    /** Starts nothing yet. */
    public JGroupsLibrary() {}

    @Override
    public String name() {
        return "jgroups-raft";
    }

    @Override
    public String settings() {
        return "1.1.4.Final; TCP, file log, no snapshot in between";
    }

    @Override
    public String durabilityMeans(final Durability durability) {
        return switch (durability) {
            case SYNC -> "the command was forced to the disks of a majority (log_use_fsync; its default is off)";
            case REPLICATED -> "the command is in the page caches of a majority";
        };
    }

    @Override
    public List<String> jvmArguments() {
        return List.of("-Xms2g", "-Xmx2g");
    }

    @Override
    public void start(final Setup setup, final Replies newReplies) throws IOException {
        replies = newReplies;
        final InetAddress loopback = InetAddress.getLoopbackAddress();
        final List<InetSocketAddress> hosts = Ports.free(setup.members().size()).stream()
                .map(port -> new InetSocketAddress(loopback, port))
                .toList();
        try {
            for (int i = 0; i < hosts.size(); i++) {
                join(i, hosts, setup);
            }
        } catch (final IOException | RuntimeException e) {
            throw e;
        } catch (final Exception e) { // what JGroups declares
            throw new IOException(e);
        }
        leader = awaitLeader();
    }

    private void join(final int id, final List<InetSocketAddress> hosts, final Setup setup) throws Exception {
        final TCP tcp = new TCP();
        tcp.setBindAddress(hosts.get(id).getAddress());
        tcp.setBindPort(hosts.get(id).getPort());
        tcp.setPortRange(0);
        final TCPPING ping = new TCPPING();
        ping.setInitialHosts(hosts);
        ping.setPortRange(0);
        final Machine machine = new Machine();
        final RAFT raft = new RAFT();
        raft.members(IntStream.range(0, hosts.size()).mapToObj(i -> "n" + i).toList())
                .raftId("n" + id)
                .logDir(Files.createDirectories(setup.directory().resolve("n" + id))
                        .toString())
                .logUseFsync(setup.durability() == Durability.SYNC)
                .maxLogSize(LOG_BYTES_MAX);
        raft.stateMachine(machine);
        final JChannel channel = new JChannel(
                tcp,
                ping,
                new MERGE3(),
                new FD_SOCK2(),
                new FD_ALL3(),
                new VERIFY_SUSPECT2(),
                new NAKACK2(),
                new UNICAST3(),
                new STABLE(),
                new NO_DUPES(),
                new GMS().setJoinTimeout(JOIN_MS).printLocalAddress(false),
                new FRAG4(),
                new ELECTION2(),
                raft,
                new REDIRECT());
        channel.name("n" + id);
        final RaftHandle handle = new RaftHandle(channel, machine);
        handle.raftId("n" + id);
        channels.add(channel);
        handles.add(handle);
        machines.add(machine);
        channel.connect("load");
    }

    private RaftHandle awaitLeader() {
        final long deadlineNs = System.nanoTime() + LEADER_WAIT_NS;
        while (System.nanoTime() - deadlineNs < 0) {
            for (int i = 0; i < handles.size(); i++) {
                if (handles.get(i).isLeader() && channels.get(i).getView().size() == channels.size()) {
                    return handles.get(i);
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
        final long sequence = command.getLong(offset, ByteOrder.LITTLE_ENDIAN);
        try {
            answer(sequence, leader.setAsync(own, 0, length));
        } catch (final RuntimeException e) {
            throw e;
        } catch (final Exception e) { // what JGroups declares
            throw new IllegalStateException("the leader takes no command", e);
        }
        return true;
    }

    @Override
    public boolean read(final long sequence) {
        try {
            answer(sequence, leader.getAsync(READ, 0, READ.length));
        } catch (final RuntimeException e) {
            throw e;
        } catch (final Exception e) { // what JGroups declares
            throw new IllegalStateException("the leader takes no read", e);
        }
        return true;
    }

    private void answer(final long sequence, final CompletableFuture<byte[]> future) {
        final CompletableFuture<byte[]> unused = future.whenComplete((reply, error) -> {
            if (error == null) {
                replies.chosen(sequence, ByteBuffer.wrap(reply).getLong());
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
        channels.forEach(JChannel::close);
    }

    /** A request of one byte is a read; it gets to the leader's machine alone. */
    private static final class Machine implements StateMachine {
        private final CounterState state = new CounterState();
        private final UnsafeBuffer view = new UnsafeBuffer(0, 0);

        @Override
        public byte[] apply(final byte[] data, final int offset, final int length, final boolean wantsReply) {
            view.wrap(data);
            final long count = length == READ.length ? state.count() : state.apply(view, offset, length);
            return wantsReply
                    ? ByteBuffer.allocate(Long.BYTES).putLong(0, count).array()
                    : null;
        }

        @Override
        public void writeContentTo(final DataOutput out) throws IOException {
            final Holding holding = state.holding(0);
            out.writeLong(holding.count());
            out.writeLong(holding.checksum());
        }

        @Override
        public void readContentFrom(final DataInput in) throws IOException {
            state.restore(in.readLong(), in.readLong());
        }
    }
}
