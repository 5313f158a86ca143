package io.paxos.benchmarks.load.peers;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.RaftGroupService;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.closure.ReadIndexClosure;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.StateMachineAdapter;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.Task;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import io.paxos.benchmarks.load.CounterState;
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
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** SOFAJRaft: RocksDB, Bolt over TCP; the client applies tasks at the leader's node. */
public final class JRaftLibrary extends PeerLibrary {
    private static final String HOST = "127.0.0.1";
    private static final byte[] NO_CONTEXT = new byte[0];
    private static final int BATCH = 256;

    private final List<RaftGroupService> groups = new ArrayList<>();
    private final List<JRaftCounter> machines = new ArrayList<>();

    /** The index of the leader; meaningless before a leader was found. */
    private int leader;

    /** Starts nothing yet. */
    public JRaftLibrary() {
        super(new Description(
                "jraft",
                "SOFAJRaft 1.4.1; RocksDB; apply batch 256, 256 appends in flight, no statistics; Bolt on our Netty",
                "the command was forced to the disks of a majority (sync and syncMeta)",
                "the command is in the page caches of a majority",
                List.of(
                        "-Xms2g",
                        "-Xmx2g",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", // it warns at each step of a normal close
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "--add-opens=java.base/java.util=ALL-UNNAMED",
                        "--add-opens=java.base/java.nio=ALL-UNNAMED")));
    }

    @Override
    void startMembers(final Setup setup) throws IOException {
        final List<Integer> ports = Ports.free(setup.members().size());
        final Configuration all = new Configuration();
        ports.forEach(port -> all.addPeer(new PeerId(HOST, port)));
        for (int i = 0; i < ports.size(); i++) {
            final JRaftCounter machine = new JRaftCounter(newCounter());
            machines.add(machine);
            final Path directory = Files.createDirectories(setup.directory().resolve(String.valueOf(i)));
            final NodeOptions options = options(directory, setup.durability() == Durability.SYNC);
            options.setInitialConf(all);
            options.setFsm(machine);
            groups.add(new RaftGroupService("load", new PeerId(HOST, ports.get(i)), options));
        }
        groups.forEach(RaftGroupService::start);
    }

    private static NodeOptions options(final Path directory, final boolean sync) {
        final RaftOptions raft = new RaftOptions();
        raft.setSync(sync);
        raft.setSyncMeta(sync);
        raft.setApplyBatch(BATCH);
        raft.setMaxReplicatorInflightMsgs(BATCH);
        raft.setOpenStatistics(false);
        final NodeOptions options = new NodeOptions();
        options.setRaftOptions(raft);
        options.setLogUri(directory.resolve("log").toString());
        options.setRaftMetaUri(directory.resolve("meta").toString());
        options.setSnapshotUri(directory.resolve("snapshot").toString());
        options.setSnapshotIntervalSecs(0);
        return options;
    }

    @Override
    boolean findLeader() {
        for (int i = 0; i < groups.size(); i++) {
            if (machines.get(i).leads && groups.get(i).getRaftNode().isLeader(false)) {
                leader = i;
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean submit(final DirectBuffer command, final int offset, final int length) {
        final byte[] copy = copyOf(command, offset, length);
        final long sequence = command.getLong(offset, ByteOrder.LITTLE_ENDIAN);
        groups.get(leader).getRaftNode().apply(new Task(ByteBuffer.wrap(copy), new Done(sequence, replies())));
        return true;
    }

    @Override
    public boolean read(final long sequence) {
        final CounterState state = counter(leader);
        groups.get(leader).getRaftNode().readIndex(NO_CONTEXT, new ReadIndexClosure() {
            @Override
            public void run(final Status status, final long index, final byte[] context) {
                if (status.isOk()) {
                    replies().chosen(sequence, state.count());
                } else {
                    replies().failed(sequence);
                }
            }
        });
        return true;
    }

    @Override
    public void close() throws IOException {
        groups.forEach(RaftGroupService::shutdown);
        try {
            for (final RaftGroupService group : groups) {
                group.join();
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a node was closing", e);
        }
    }

    /** The counter of one member. */
    private static final class JRaftCounter extends StateMachineAdapter {
        private final CounterState state;
        private final UnsafeBuffer view = new UnsafeBuffer(0, 0);

        /** True while this member is the leader and has applied what earlier leaders left. */
        private volatile boolean leads;

        private JRaftCounter(final CounterState state) {
            this.state = state;
        }

        @Override
        public void onApply(final Iterator entries) {
            while (entries.hasNext()) {
                final ByteBuffer data = entries.getData();
                view.wrap(data);
                final long count = state.apply(view, data.position(), data.remaining());
                if (entries.done() instanceof Done done) {
                    done.count = count;
                    done.run(Status.OK());
                }
                entries.next();
            }
        }

        @Override
        public void onLeaderStart(final long term) {
            super.onLeaderStart(term);
            leads = true;
        }

        @Override
        public void onLeaderStop(final Status status) {
            leads = false;
            super.onLeaderStop(status);
        }
    }

    /** Reports the outcome of one command. */
    private static final class Done implements Closure {
        private final long sequence;
        private final Replies replies;

        /** The reply of the counter; set before {@code run} is called with a good status. */
        private long count;

        private Done(final long sequence, final Replies replies) {
            this.sequence = sequence;
            this.replies = replies;
        }

        @Override
        public void run(final Status status) {
            if (status.isOk()) {
                replies.chosen(sequence, count);
            } else {
                replies.failed(sequence);
            }
        }
    }
}
