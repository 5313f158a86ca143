package io.paxos.transport.tcp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketChannel;
import io.paxos.spi.Messages;
import io.paxos.transport.wire.FrameReader;
import io.paxos.transport.wire.Handshaker;
import io.paxos.transport.wire.LamportClock;
import io.paxos.transport.wire.TransportCounters;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts connections, judges the hello of each, and keeps the newest connection of each member. */
final class InboundListener extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(InboundListener.class);

    private static final int UNIDENTIFIED_MAX = 64;
    private static final int LOGGED_REFUSALS_MAX = 16;
    private static final long ACCEPT_PAUSE_NS = 1_000_000_000L;

    private final ServerChannel serverChannel;
    private final TcpOptions options;
    private final Handshaker handshaker;
    private final LamportClock lamport;
    private final TransportCounters counters;
    private final IoLoop loop;
    private final IntConsumer onMember;
    private final List<InboundConnection> unidentified = new ArrayList<>(); // at most UNIDENTIFIED_MAX; no hello yet
    private final List<InboundConnection> members =
            new ArrayList<>(); // a closed one stays until all of it is delivered
    private final Map<Integer, LoggedRefusals> logged = new HashMap<>(); // by peer, since it was last confirmed
    private final LoggedRefusals loggedOfStrangers = new LoggedRefusals(UNIDENTIFIED_MAX); // never cleared

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
            final Handshaker handshaker,
            final LamportClock lamport,
            final TransportCounters counters,
            final IoLoop loop,
            final IntConsumer onMember) {
        this.serverChannel = serverChannel;
        this.options = options;
        this.handshaker = handshaker;
        this.lamport = lamport;
        this.counters = counters;
        this.loop = loop;
        this.onMember = onMember;
        serverChannel.pipeline().addLast(this);
        Netty.register(loop, serverChannel);
    }

    @Override
    public void channelRead(final ChannelHandlerContext context, final Object message) {
        final SocketChannel accepted = (SocketChannel) message;
        if (unidentified.size() >= UNIDENTIFIED_MAX) {
            counters.handshakeRefused();
            accepted.unsafe().closeForcibly();
            return;
        }
        accepted.config().setOption(ChannelOption.TCP_NODELAY, true);
        accepted.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        final long deadlineNs = options.clock().nanoTime() + options.handshakeTimeoutNs();
        unidentified.add(new InboundConnection(this, accepted, options, handshaker, counters, deadlineNs));
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

    /** Whether the sender of this hello is admitted, and why not. */
    HelloVerdict judge(final Hello hello) {
        final HelloVerdict verdict =
                hello.judge(options.identity(), options.addresses().keySet());
        if (!verdict.isWelcome()) {
            return verdict;
        }
        final String refusal = handshaker.admit(hello.sender().self(), hello.card());
        return refusal == null ? verdict : new HelloVerdict(Admission.REFUSED, refusal);
    }

    /**
     * Whether another process is connected under the id of the sender, and sends. A process that has ended is not: its
     * connection is closed, or silent.
     */
    HelloVerdict contest(final Hello hello, final long nowNs) {
        final int sender = hello.sender().self();
        for (final InboundConnection member : members) {
            if (member.peer() == sender && member.isAnotherAlive(hello.card(), nowNs)) {
                final long silentMs = (nowNs - member.deliveredNs()) / 1_000_000;
                return new HelloVerdict(
                        Admission.ALREADY_CONNECTED,
                        "replica " + sender + " is connected from " + hostOf(member.channel())
                                + ", which sent something " + silentMs + " ms ago, as another process; stop the one"
                                + " that should not run");
            }
        }
        return HelloVerdict.WELCOME;
    }

    /**
     * Whether the present connection of the sender has delivered nothing since then. It may be that of the same process
     * with an older card. Not longer than a second: then it is silent.
     */
    boolean isUndecided(final Hello hello, final long sinceNs, final long nowNs) {
        final int sender = hello.sender().self();
        for (final InboundConnection member : members) {
            if (member.peer() == sender
                    && member.isAnotherAlive(hello.card(), nowNs)
                    && member.deliveredNs() - sinceNs <= 0) {
                return true;
            }
        }
        return false;
    }

    /** When a frame of this peer was last delivered; {@link Liveness#NEVER_NS} if no connection of it has one. */
    long heardNs(final int peer) {
        long heardNs = Liveness.NEVER_NS;
        for (final InboundConnection member : members) {
            if (member.peer() == peer && member.isConfirmed()) {
                heardNs = heardNs == Liveness.NEVER_NS || member.deliveredNs() - heardNs > 0
                        ? member.deliveredNs()
                        : heardNs;
            }
        }
        return heardNs;
    }

    /** The network to this peer is cut: ends its connections that have delivered nothing since then. */
    void hangUpSilent(final int peer, final long sinceNs) {
        for (final InboundConnection member : members) {
            if (member.peer() == peer && member.isConfirmed() && member.deliveredNs() - sinceNs < 0) {
                member.hangUp();
            }
        }
    }

    /** {@link #onTimer} is to be called at that time. */
    void arm(final long timeNs) {
        loop.arm(timeNs);
    }

    /** A stranger has another port each time. */
    private static String hostWithoutPort(final Channel channel) {
        final InetSocketAddress address = (InetSocketAddress) channel.remoteAddress();
        return address == null ? "" : address.getHostString();
    }

    private static String hostOf(final Channel channel) {
        final InetSocketAddress address = (InetSocketAddress) channel.remoteAddress();
        return address == null ? "an address that is gone" : TcpOptions.text(address);
    }

    /**
     * Logs a refusal, once for each peer until a message of it is delivered, and once for each host of strangers.
     *
     * @param sender the replica id that the other side has sent; 0 if none
     * @param key what tells one refusal from another
     */
    void log(final Channel channel, final int sender, final String key, final String why) {
        final boolean isNew;
        if (options.isPeer(sender)) {
            isNew = logged.computeIfAbsent(sender, id -> new LoggedRefusals(LOGGED_REFUSALS_MAX))
                    .isNew(key);
        } else {
            isNew = loggedOfStrangers.isNew(hostWithoutPort(channel) + key);
        }
        if (isNew) {
            LOG.warn("replica {} refused {}: {}", options.identity().self(), hostOf(channel), why);
        } else {
            LOG.debug("refused {}: {}", hostOf(channel), why);
        }
    }

    /** A message of this peer is about to be delivered: a later refusal of it is news. */
    void confirmed(final int peer) {
        if (logged.containsKey(peer)) {
            logged.get(peer).clear();
        }
    }

    /** The connection has sent a valid hello: it replaces an older one of the same peer. */
    FrameReader admitted(final InboundConnection connection) {
        final int peer = connection.peer();
        unidentified.remove(connection);
        members.add(connection); // first: to abandon another one may admit a third
        for (final InboundConnection member : List.copyOf(members)) {
            if (member.peer() == peer && member != connection) {
                member.abandon();
            }
        }
        onMember.accept(peer);
        return new FrameReader(options.identity(), options.valueLengthMax(), lamport, sender -> sender == peer);
    }

    void onClosed(final InboundConnection connection) {
        if (unidentified.remove(connection)) {
            connection.release();
            return;
        }
        for (final InboundConnection waiting : List.copyOf(unidentified)) {
            if (waiting.isContesting(connection.peer())) {
                waiting.settle(options.clock().nanoTime());
            }
        }
    }

    /** Delivers about {@code limit} frames to the receiver; returns how many. */
    int deliver(final Messages receiver, final int limit, final long nowNs) {
        final int count = members.size();
        if (count == 0) {
            return 0;
        }
        firstToDeliver = (firstToDeliver + 1) % count;
        int delivered = 0;
        for (int i = 0; i < count && delivered < limit; i++) {
            delivered += members.get((firstToDeliver + i) % count).deliver(receiver, limit - delivered, nowNs);
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
                connection.onDeadline(nowNs);
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

    /** Ends the connections of all members, which then connect anew. */
    void abandonAll() {
        members.forEach(InboundConnection::abandon);
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
