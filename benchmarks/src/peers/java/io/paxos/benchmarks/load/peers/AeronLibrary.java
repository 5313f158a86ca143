package io.paxos.benchmarks.load.peers;

import io.aeron.Aeron;
import io.aeron.Publication;
import io.aeron.cluster.client.AeronCluster;
import io.aeron.cluster.client.EgressListener;
import io.aeron.cluster.codecs.EventCode;
import io.aeron.cluster.service.Cluster;
import io.aeron.logbuffer.Header;
import io.paxos.benchmarks.load.LoadSpec;
import io.paxos.benchmarks.load.Ports;
import io.paxos.log.Durability;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** Aeron Cluster. The client is a session over shared memory with the leader's media driver; its thread drives it. */
public final class AeronLibrary extends PeerLibrary implements EgressListener {
    private static final int CONDUCTOR_EVERY = 256; // polls; its duties are slow ones

    private final List<AeronMember> members = new ArrayList<>();

    /** The leader; null before one was found. */
    private AeronMember leader;

    /** Drives the client's connection; null before the client is connected. */
    private AgentInvoker conductor;

    /** The session; null before the client is connected. */
    private AeronCluster client;

    private int polls;

    /** Starts nothing yet. */
    public AeronLibrary() {
        super(new Description(
                "aeron-cluster",
                "1.51.0; driver, archive, consensus and service on a thread each; back-off idling by load; MTU 8192;"
                        + " client over IPC; bounds checks off",
                "the command was forced to the disks of a majority (file sync level 2; its default is 0)",
                "the command is in the page caches of a majority",
                List.of(
                        "-Xms2g",
                        "-Xmx2g",
                        "--add-opens=java.base/java.util.zip=ALL-UNNAMED",
                        "-Dagrona.disable.bounds.checks=true",
                        "-Daeron.disable.bounds.checks=true")));
    }

    @Override
    void startMembers(final Setup setup) {
        final List<Integer> ports = Ports.free(setup.members().size() * AeronMember.PORTS);
        final Path memory = AeronMember.sharedMemory(setup.directory());
        for (int i = 0; i < setup.members().size(); i++) {
            members.add(new AeronMember(i, ports, setup, memory, () -> idle(setup), newCounter()));
        }
        members.forEach(AeronMember::start);
    }

    /** The best of those that were tried, for this durability and this many commands in flight. */
    private static IdleStrategy idle(final Setup setup) {
        final LoadSpec load = setup.load();
        if (setup.durability() == Durability.REPLICATED && load.inFlight() >= 1024) {
            return new BackoffIdleStrategy(10, 20, micros(1), micros(1000));
        }
        final boolean busy = setup.durability() == Durability.REPLICATED && load.inFlight() > 1;
        return new BackoffIdleStrategy(0, busy ? 1000 : 200, micros(1), micros(50));
    }

    private static long micros(final long micros) {
        return TimeUnit.MICROSECONDS.toNanos(micros);
    }

    @Override
    boolean findLeader() {
        for (final AeronMember member : members) {
            if (member.role() == Cluster.Role.LEADER) {
                leader = member;
                return true;
            }
        }
        return false;
    }

    @Override
    void connect(final Setup setup) {
        final Aeron aeron = Aeron.connect(
                new Aeron.Context().aeronDirectoryName(leader.aeronDirectory()).useConductorAgentInvoker(true));
        conductor = aeron.conductorAgentInvoker();
        client = AeronCluster.connect(new AeronCluster.Context()
                .aeron(aeron)
                .ownsAeronClient(true)
                .ingressChannel("aeron:ipc?term-length=16m")
                .egressChannel("aeron:ipc?term-length=16m")
                .isIngressExclusive(true)
                .idleStrategy(idle(setup))
                .egressListener(this));
    }

    @Override
    public void onMessage(
            final long sessionId,
            final long timestamp,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Header header) {
        replies().chosen(
                buffer.getLong(offset + Long.BYTES, ByteOrder.LITTLE_ENDIAN),
                buffer.getLong(offset, ByteOrder.LITTLE_ENDIAN));
    }

    @Override
    public void onSessionEvent(
            final long correlationId,
            final long sessionId,
            final long term,
            final int leaderId,
            final EventCode code,
            final String detail) {
        if (code != EventCode.OK) {
            throw new IllegalStateException("session event " + code + " " + detail);
        }
    }

    @Override
    public boolean submit(final DirectBuffer command, final int offset, final int length) {
        final long position = client.offer(command, offset, length);
        if (position == Publication.CLOSED || position == Publication.MAX_POSITION_EXCEEDED) {
            throw new IllegalStateException("the session takes no command: " + Publication.errorString(position));
        }
        return position > 0;
    }

    @Override
    public boolean read(final long sequence) {
        throw new UnsupportedOperationException("Aeron Cluster has no reads beside its log; use --read-share 0");
    }

    @Override
    public int poll() {
        final int work = client.pollEgress();
        polls++;
        if (work == 0 || polls % CONDUCTOR_EVERY == 0) {
            conductor.invoke();
        }
        return work;
    }

    @Override
    public void close() {
        CloseHelper.close(client);
        CloseHelper.closeAll(members);
    }
}
