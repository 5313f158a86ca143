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

/** Where peers dial in: takes calls, waits for each to say who it is, and keeps the newest connection of each member. */
final class InboundListener extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(InboundListener.class);

    private static final int STRANGERS_MAX = 64;
    private static final long RELIEF_NS = 1_000_000_000L;

    private final ServerChannel door;
    private final TcpOptions options;
    private final LamportClock lamport;
    private final TransportCounters counters;
    private final IoLoop loop;
    private final IntConsumer onMember;
    private final List<InboundConnection> strangers = new ArrayList<>(); // not yet admitted
    private final List<InboundConnection> members = new ArrayList<>(); // closed ones stay until they are heard out

    private int firstToHear; // in turns, so that a loud peer does not drown the others
    private long reliefNs; // when to accept again; meaningful while the door does not read

    /**
     * Takes the calls at {@code door} from now on.
     *
     * @param onMember is told whenever a member has dialled in
     */
    InboundListener(
            final ServerChannel door,
            final TcpOptions options,
            final LamportClock lamport,
            final TransportCounters counters,
            final IoLoop loop,
            final IntConsumer onMember) {
        this.door = door;
        this.options = options;
        this.lamport = lamport;
        this.counters = counters;
        this.loop = loop;
        this.onMember = onMember;
        door.pipeline().addLast(this);
        Netty.register(loop, door);
    }

    @Override
    public void channelRead(final ChannelHandlerContext context, final Object message) {
        final Channel caller = (Channel) message;
        if (strangers.size() >= STRANGERS_MAX) {
            counters.handshakeRefused();
            caller.unsafe().closeForcibly();
            return;
        }
        caller.config().setOption(ChannelOption.TCP_NODELAY, true);
        caller.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        final long deadlineNs = options.clock().nanoTime() + options.handshakeTimeoutNs();
        strangers.add(new InboundConnection(this, caller, options, counters, deadlineNs));
        loop.arm(deadlineNs);
        Netty.register(loop, caller);
    }

    /** Out of file descriptors, most likely: with the call still waiting, trying again at once would never end. */
    @Override
    public void exceptionCaught(final ChannelHandlerContext context, final Throwable cause) {
        LOG.warn("cannot accept a connection, trying again in a second: {}", cause.toString());
        door.config().setAutoRead(false);
        reliefNs = options.clock().nanoTime() + RELIEF_NS;
        loop.arm(reliefNs);
    }

    /** The connection has said a hello that holds: it replaces an older one of the same peer. */
    FrameReader admitted(final InboundConnection connection) {
        final int peer = connection.peer();
        strangers.remove(connection);
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
        if (strangers.remove(connection)) {
            connection.release();
        }
    }

    /** Lets the receiver hear about {@code limit} frames; returns how many. */
    int deliver(final Messages receiver, final int limit) {
        final int count = members.size();
        if (count == 0) {
            return 0;
        }
        firstToHear = (firstToHear + 1) % count;
        int delivered = 0;
        for (int i = 0; i < count && delivered < limit; i++) {
            delivered += members.get((firstToHear + i) % count).deliver(receiver, limit - delivered);
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
        for (int i = strangers.size() - 1; i >= 0; i--) {
            final InboundConnection stranger = strangers.get(i);
            if (stranger.deadlineNs() - nowNs > 0) {
                loop.arm(stranger.deadlineNs());
            } else {
                stranger.refuse("no handshake in time");
            }
        }
        if (!door.config().isAutoRead()) {
            if (reliefNs - nowNs > 0) {
                loop.arm(reliefNs);
            } else {
                door.config().setAutoRead(true);
            }
        }
    }

    void close() {
        Netty.close(door);
        for (final InboundConnection connection : List.copyOf(strangers)) {
            Netty.close(connection.channel());
        }
        for (final InboundConnection connection : members) {
            connection.abandon();
        }
        release();
    }

    /** Frees the memory whatever became of the channels. */
    void release() {
        strangers.forEach(InboundConnection::release);
        members.forEach(InboundConnection::release);
        strangers.clear();
        members.clear();
    }

    void forEachChannel(final Consumer<Channel> action) {
        action.accept(door);
        strangers.forEach(connection -> action.accept(connection.channel()));
        members.forEach(connection -> action.accept(connection.channel()));
    }
}
