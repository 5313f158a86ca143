package io.paxos.benchmarks.load.peers;

import io.paxos.benchmarks.load.CounterState;
import io.paxos.benchmarks.load.Ports;
import io.paxos.log.Durability;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
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
public final class JGroupsLibrary extends FuturePeerLibrary<byte[]> {
    private static final byte[] READ = new byte[1]; // shorter than any command
    private static final long JOIN_MS = 500;
    private static final int LOG_BYTES_MAX = 1_000_000_000; // no snapshot in between

    private final List<JChannel> channels = new ArrayList<>();
    private final List<RaftHandle> handles = new ArrayList<>();

    /** The handle of the leader; null before a leader was found. */
    private RaftHandle leader;

    /** Starts nothing yet. */
    public JGroupsLibrary() {
        super(new Description(
                "jgroups-raft",
                "1.1.4.Final; TCP, file log, no snapshot in between",
                "the command was forced to the disks of a majority (log_use_fsync; its default is off)",
                "the command is in the page caches of a majority",
                List.of("-Xms2g", "-Xmx2g")));
    }

    @Override
    void startMembers(final Setup setup) throws Exception {
        final InetAddress loopback = InetAddress.getLoopbackAddress();
        final List<InetSocketAddress> hosts = Ports.free(setup.members().size()).stream()
                .map(port -> new InetSocketAddress(loopback, port))
                .toList();
        for (int i = 0; i < hosts.size(); i++) {
            join(i, hosts, setup);
        }
    }

    private void join(final int id, final List<InetSocketAddress> hosts, final Setup setup) throws Exception {
        final TCP tcp = new TCP();
        tcp.setBindAddress(hosts.get(id).getAddress());
        tcp.setBindPort(hosts.get(id).getPort());
        tcp.setPortRange(0);
        final TCPPING ping = new TCPPING();
        ping.setInitialHosts(hosts);
        ping.setPortRange(0);
        final JGroupsCounter machine = new JGroupsCounter(newCounter());
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
        channel.connect("load");
    }

    @Override
    boolean findLeader() {
        for (int i = 0; i < handles.size(); i++) {
            if (handles.get(i).isLeader() && channels.get(i).getView().size() == channels.size()) {
                leader = handles.get(i);
                return true;
            }
        }
        return false;
    }

    @Override
    CompletableFuture<byte[]> propose(final byte[] command) throws Exception {
        return leader.setAsync(command, 0, command.length);
    }

    @Override
    CompletableFuture<byte[]> query() throws Exception {
        return leader.getAsync(READ, 0, READ.length);
    }

    @Override
    long count(final byte[] reply) {
        return ByteBuffer.wrap(reply).getLong();
    }

    @Override
    public void close() {
        channels.forEach(JChannel::close);
    }

    /** The counter of one member. A request of one byte is a read; only the leader's counter receives it. */
    private static final class JGroupsCounter implements StateMachine {
        private final CounterState state;
        private final UnsafeBuffer view = new UnsafeBuffer(0, 0);

        private JGroupsCounter(final CounterState state) {
            this.state = state;
        }

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
