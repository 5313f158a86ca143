package io.paxos.transport.tcp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.paxos.spi.Messages;
import io.paxos.transport.wire.FrameReader;
import io.paxos.transport.wire.LamportClock;
import io.paxos.transport.wire.TransportCounters;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts connections, waits for the hello of each, and keeps the newest connection of each member. */
final class InboundListener extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(InboundListener.class);

    private static final int UNIDENTIFIED_MAX = 64;
    private static final long ACCEPT_PAUSE_NS = 1_000_000_000L;

    private final ServerChannel serverChannel;
    private final TcpOptions options;
    private final LamportClock lamport;
    private final TransportCounters counters;
    private final IoLoop loop;
    private final IntConsumer onMember;
    private final List<InboundConnection> unidentified = new ArrayList<>(); // at most UNIDENTIFIED_MAX; no hello yet
    private final List<InboundConnection> members =
            new ArrayList<>(); // a closed one stays until all of it is delivered

    private int firstToDeliver; // index into members; moves on with each poll, so that no peer holds up the others
    private long acceptAgainNs; // when to accept again; meaningful while the server channel does not read

    /**
     * Accepts the connections at {@code serverChannel} from now on.
     *
     * @param onMember gets the replica id of each member that has connected
     */
    InboundListener(
            final ServerChannel serverChannel,
            final TcpOptions options,
            final LamportClock lamport,
            final TransportCounters counters,
            final IoLoop loop,
            final IntConsumer onMember) {
        this.serverChannel = serverChannel;
        this.options = options;
        this.lamport = lamport;
        this.counters = counters;
        this.loop = loop;
        this.onMember = onMember;
        serverChannel.pipeline().addLast(this);
        Netty.register(loop, serverChannel);
    }

    @Override
    public void channelRead(final ChannelHandlerContext context, final Object message) {
        final Channel accepted = (Channel) message;
        if (unidentified.size() >= UNIDENTIFIED_MAX) {
            counters.handshakeRefused();
            accepted.unsafe().closeForcibly();
            return;
        }
        accepted.config().setOption(ChannelOption.TCP_NODELAY, true);
        accepted.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        final long deadlineNs = options.clock().nanoTime() + options.handshakeTimeoutNs();
        unidentified.add(new InboundConnection(this, accepted, options, counters, deadlineNs));
        loop.arm(deadlineNs);
        Netty.register(loop, accepted);
    }

    /** Most likely out of file descriptors. The connection is still pending, so trying again at once would not end. */
    @Override
    public void exceptionCaught(final ChannelHandlerContext context, final Throwable cause) {
        LOG.warn("cannot accept a connection, trying again in a second: {}", cause.toString());
        serverChannel.config().setAutoRead(false);
        acceptAgainNs = options.clock().nanoTime() + ACCEPT_PAUSE_NS;
        loop.arm(acceptAgainNs);
    }

    /** The connection has sent a valid hello: it replaces an older one of the same peer. */
    FrameReader admitted(final InboundConnection connection) {
        final int peer = connection.peer();
        unidentified.remove(connection);
        for (int i = 0; i < members.size(); i++) {
            if (members.get(i).peer() == peer) {
                members.get(i).abandon();
            }
        }
        members.add(connection);
        onMember.accept(peer);
        return new FrameReader(options.identity(), options.valueLengthMax(), lamport, sender -> sender == peer);
    }

    void onClosed(final InboundConnection connection) {
        if (unidentified.remove(connection)) {
            connection.release();
        }
    }

    /** Delivers about {@code limit} frames to the receiver; returns how many. */
    int deliver(final Messages receiver, final int limit) {
        final int count = members.size();
        if (count == 0) {
            return 0;
        }
        firstToDeliver = (firstToDeliver + 1) % count;
        int delivered = 0;
        for (int i = 0; i < count && delivered < limit; i++) {
            delivered += members.get((firstToDeliver + i) % count).deliver(receiver, limit - delivered);
        }
        sweep();
        return delivered;
    }

    /** Whether there are frames that the next poll would deliver. */
    boolean hasWork() {
        for (int i = 0; i < members.size(); i++) {
            if (members.get(i).hasWork()) {
                return true;
            }
        }
        return false;
    }

    private void sweep() {
        for (int i = members.size() - 1; i >= 0; i--) {
            final InboundConnection connection = members.get(i);
            if (connection.isOver()) {
                members.remove(i);
                connection.release();
            }
        }
    }

    void onTimer(final long nowNs) {
        for (int i = unidentified.size() - 1; i >= 0; i--) {
            final InboundConnection connection = unidentified.get(i);
            if (connection.deadlineNs() - nowNs > 0) {
                loop.arm(connection.deadlineNs());
            } else {
                connection.refuse("no handshake in time");
            }
        }
        if (!serverChannel.config().isAutoRead()) {
            if (acceptAgainNs - nowNs > 0) {
                loop.arm(acceptAgainNs);
            } else {
                serverChannel.config().setAutoRead(true);
            }
        }
    }

    void close() {
        Netty.close(serverChannel);
        for (final InboundConnection connection : List.copyOf(unidentified)) {
            Netty.close(connection.channel());
        }
        for (final InboundConnection connection : members) {
            connection.abandon();
        }
        release();
    }

    /** Frees the memory, whatever became of the channels. */
    void release() {
        unidentified.forEach(InboundConnection::release);
        members.forEach(InboundConnection::release);
        unidentified.clear();
        members.clear();
    }

    void forEachChannel(final Consumer<Channel> action) {
        action.accept(serverChannel);
        unidentified.forEach(connection -> action.accept(connection.channel()));
        members.forEach(connection -> action.accept(connection.channel()));
    }
}
