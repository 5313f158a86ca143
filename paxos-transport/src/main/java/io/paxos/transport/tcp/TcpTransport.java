package io.paxos.transport.tcp;

import io.netty.channel.Channel;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ThreadAwareExecutor;
import io.paxos.spi.Clock;
import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.FrameWriter;
import io.paxos.transport.wire.LamportClock;
import io.paxos.transport.wire.TransportCounters;
import io.paxos.transport.wire.TransportStats;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.agrona.collections.Int2ObjectHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Talks to the other replicas over TCP, on the thread that polls it and on no other.
 *
 * <p>It listens from the moment it is opened; the first thread that polls, flushes or awaits is its owner from then on.
 * It dials every peer, for ever, with a pause of 20 ms to 1 s in between. A message to a peer that is not connected is
 * dropped: nothing stale is ever delivered to one that comes back.
 *
 * <p>A flush is one write per peer; of ours nothing is allocated on the way, of Netty's one small object per write.
 *
 * <p>Await may return early for no visible reason. With the sockets of the JDK its timeout has a granularity of 1 ms.
 */
public final class TcpTransport implements Transport {
    private static final Logger LOG = LoggerFactory.getLogger(TcpTransport.class);

    private static final int SHUTDOWN_TURNS_MAX = 1_000;

    private final TcpOptions options;
    private final ServerChannel door;
    private final LamportClock lamport = new LamportClock();
    private final TransportCounters counters = new TransportCounters();
    private final WakeUp wakeUp = new WakeUp();
    private final Int2ObjectHashMap<OutboundPeer> peerById = new Int2ObjectHashMap<>();
    private final Int2ObjectHashMap<FrameWriter> writers = new Int2ObjectHashMap<>();
    private final OutboundPeer[] peers;
    private final Messages nobody;

    // Set by the owner before it ever parks; a waker that has to kick therefore sees the loop.
    private volatile IoLoop loop;
    private volatile Thread owner;
    private volatile boolean closing;
    private volatile boolean closed;

    private IoHandler ioHandler;
    private InboundListener entrance;
    private boolean delivering;

    private TcpTransport(final TcpOptions options, final ServerChannel door) {
        this.options = options;
        this.door = door;
        this.nobody = new FrameWriter(options.identity(), lamport, new DroppingSink(counters));
        final Random random = new Random(options.seed());
        for (final int id : options.addresses().keySet()) {
            if (options.isPeer(id)) {
                final OutboundPeer peer = new OutboundPeer(id, options, counters, random);
                peerById.put(id, peer);
                writers.put(id, new FrameWriter(options.identity(), lamport, peer));
            }
        }
        this.peers = peerById.values().toArray(new OutboundPeer[0]);
    }

    /**
     * Opens a transport with the defaults: see {@link Builder}.
     *
     * @param self the own replica id, one of the addresses
     * @param addresses where each replica listens, the own one included
     * @throws BindFailedException if the own address is in use or not of this machine
     * @throws IllegalArgumentException if the addresses cannot be right
     */
    public static TcpTransport listen(final int self, final Map<Integer, InetSocketAddress> addresses) {
        return builder(self).addresses(addresses).open();
    }

    /** Starts to build the transport of replica {@code self}. */
    public static Builder builder(final int self) {
        return new Builder(self);
    }

    @Override
    public Messages to(final int replica) {
        final FrameWriter writer = writers.get(replica);
        return writer == null ? nobody : writer;
    }

    @Override
    public int poll(final Messages receiver, final int limit) {
        if (!isRunning()) {
            return 0;
        }
        loop.runNow();
        runTimers(options.clock().nanoTime());
        delivering = true;
        try {
            return entrance.deliver(receiver, limit);
        } finally {
            delivering = false;
            if (closing) {
                close(); // asked for by the receiver, who still held a view of our memory
            }
        }
    }

    @Override
    public int flush() {
        if (!isRunning()) {
            return 0;
        }
        int work = 0;
        for (final OutboundPeer peer : peers) {
            work += peer.flush();
        }
        return work;
    }

    @Override
    public void await(final long timeoutNs) {
        if (!isRunning()) {
            return;
        }
        final long nowNs = options.clock().nanoTime();
        runTimers(nowNs);
        final long untilNs = Math.min(Math.min(timeoutNs, loop.untilTimerNs(nowNs)), untilDueNs(nowNs));
        final long waitNs = untilNs <= 0 ? 0 : Math.max(untilNs, options.kind().waitNsMin());
        if (!wakeUp.park()) {
            return;
        }
        try {
            if (waitNs > 0 && !entrance.hasWork()) {
                loop.run(waitNs);
            }
        } finally {
            wakeUp.unpark();
        }
    }

    private long untilDueNs(final long nowNs) {
        long untilDueNs = Long.MAX_VALUE;
        for (final OutboundPeer peer : peers) {
            untilDueNs = Math.min(untilDueNs, peer.untilDueNs(nowNs));
        }
        return untilDueNs;
    }

    @Override
    public void linger(final int replica, final long timeNs) {
        final OutboundPeer peer = peerById.get(replica);
        if (peer != null) {
            peer.linger(timeNs);
        }
    }

    @Override
    public void wakeup() {
        if (wakeUp.request()) {
            loop.wakeup();
        }
    }

    /** Netty makes new objects for each write of other threads, and uses those of its own kind again. */
    @Override
    public Thread newThread(final Runnable work, final String name) {
        return new FastThreadLocalThread(work, name);
    }

    /** Whether there is a connection to this replica, over which what is said to it would go. */
    @Override
    public boolean isReachable(final int replica) {
        final OutboundPeer peer = peerById.get(replica);
        return peer != null && peer.isConnected();
    }

    @Override
    public int valueLengthMax() {
        return options.valueLengthMax();
    }

    /** What was sent, heard, dropped and refused so far. Any thread. */
    public TransportStats stats() {
        return counters.snapshot();
    }

    /**
     * Closes every connection and the listening socket, and frees the buffers. May be called again.
     *
     * <p>From another thread than the one that polls: while that one lives, it closes at its next call of this
     * transport; when it has ended, the caller closes.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closing = true;
        if (closeUnused()) {
            return;
        }
        final Thread polls = owner;
        if (polls == Thread.currentThread()) {
            if (!delivering) {
                closeOwned();
            }
        } else if (polls.isAlive()) {
            wakeup();
        } else {
            closeOrphaned();
        }
    }

    private boolean isRunning() {
        if (closing) {
            close();
            return false;
        }
        if (owner == null && !start()) {
            return false;
        }
        assert owner == Thread.currentThread() : "polled by " + Thread.currentThread() + ", owned by " + owner;
        return true;
    }

    /** Makes the caller the owner. Locked against a close by another thread: one of the two gets the door. */
    private synchronized boolean start() {
        if (closing) {
            return false;
        }
        final long nowNs = options.clock().nanoTime();
        final IoHandlerFactory factory = options.kind().io();
        final IoHandlerFactory remembering = new IoHandlerFactory() {
            @Override
            public IoHandler newHandler(final ThreadAwareExecutor executor) {
                ioHandler = factory.newHandler(executor);
                return ioHandler;
            }
        };
        final IoLoop started = new IoLoop(Thread.currentThread(), remembering, wakeUp, nowNs);
        loop = started;
        owner = Thread.currentThread();
        entrance = new InboundListener(door, options, lamport, counters, started, this::onPeerHeard);
        for (final OutboundPeer peer : peers) {
            peer.start(started);
        }
        return true;
    }

    private void onPeerHeard(final int peer) {
        peerById.get(peer).onPeerHeard(options.clock().nanoTime());
    }

    private void runTimers(final long nowNs) {
        if (loop.untilTimerNs(nowNs) > 0) {
            return;
        }
        loop.disarm(nowNs);
        for (final OutboundPeer peer : peers) {
            peer.onTimer(nowNs);
        }
        entrance.onTimer(nowNs);
    }

    private synchronized boolean closeUnused() {
        if (owner != null) {
            return false;
        }
        if (!closed) {
            closed = true;
            abandon(door);
        }
        return true;
    }

    private void closeOwned() {
        closed = true;
        entrance.close();
        for (final OutboundPeer peer : peers) {
            peer.close();
        }
        final Future<?> unused = loop.shutdownGracefully(0, 0, TimeUnit.NANOSECONDS);
        for (int i = 0; i < SHUTDOWN_TURNS_MAX && !loop.isTerminated(); i++) {
            loop.runNow();
        }
    }

    /** Netty lets no other thread in, so the sockets are closed beneath it. */
    private synchronized void closeOrphaned() {
        if (closed) {
            return;
        }
        closed = true;
        entrance.forEachChannel(this::abandon);
        for (final OutboundPeer peer : peers) {
            if (peer.channel() != null) {
                abandon(peer.channel());
            }
            peer.release();
        }
        entrance.release();
        ioHandler.destroy();
    }

    private void abandon(final Channel channel) {
        try {
            options.kind().abandon(channel);
        } catch (final IOException e) {
            LOG.debug("closing {}: {}", channel, e.toString());
        }
    }

    /** What a transport is built from. Only the addresses have no default. */
    public static final class Builder {
        private final int self;
        private Map<Integer, InetSocketAddress> addresses = Map.of();
        private long clusterId;
        private int groupId;
        private int epoch;
        private int sendBufferBytes = 8 << 20;
        private int valueLengthMax = (1 << 20) + (64 << 10);
        private SocketKind kind = SocketKind.best();
        private Clock clock = Clock.SYSTEM;
        private long handshakeTimeoutNs = 2_000_000_000L;
        private long stallTimeoutNs = 5_000_000_000L;
        private long seed;

        private Builder(final int self) {
            this.self = self;
            this.seed = System.nanoTime() ^ (long) self << 48;
        }

        /** Where each replica listens, the own one included. */
        public Builder addresses(final Map<Integer, InetSocketAddress> addresses) {
            this.addresses = addresses;
            return this;
        }

        /** Which cluster this is, so that two on one network do not talk to each other; 0 if not set. */
        public Builder clusterId(final long clusterId) {
            this.clusterId = clusterId;
            return this;
        }

        /** Which Paxos group of the cluster this is; 0 if not set. */
        public Builder groupId(final int groupId) {
            this.groupId = groupId;
            return this;
        }

        /** Which configuration of the group this is; 0 if not set. */
        public Builder epoch(final int epoch) {
            this.epoch = epoch;
            return this;
        }

        /** How much may wait for one peer; 8 MiB if not set. At least twice the longest frame. */
        public Builder sendBufferBytes(final int sendBufferBytes) {
            this.sendBufferBytes = sendBufferBytes;
            return this;
        }

        /** The longest value in bytes; 1 MiB and 64 KiB if not set, so that a command of 1 MiB fits. */
        public Builder valueLengthMax(final int valueLengthMax) {
            this.valueLengthMax = valueLengthMax;
            return this;
        }

        /** Uses the sockets of the JDK also where epoll is available. */
        public Builder withoutEpoll() {
            kind = SocketKind.NIO;
            return this;
        }

        /** The source of time; that of the machine if not set. */
        public Builder clock(final Clock clock) {
            this.clock = clock;
            return this;
        }

        /** How long a connection may take from dialling or accepting until both sides know each other; 2 s if not set. */
        public Builder handshakeTimeoutNs(final long handshakeTimeoutNs) {
            this.handshakeTimeoutNs = handshakeTimeoutNs;
            return this;
        }

        /** After how long a peer that takes nothing of what is written to it is dialled anew; 5 s if not set. */
        public Builder stallTimeoutNs(final long stallTimeoutNs) {
            this.stallTimeoutNs = stallTimeoutNs;
            return this;
        }

        /** Of the jitter with which peers are redialled; another one each time if not set. */
        public Builder seed(final long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Listens.
         *
         * @throws BindFailedException if the own address is in use or not of this machine
         * @throws IllegalArgumentException if the addresses cannot be right, or the buffer is too small for the values
         */
        public TcpTransport open() {
            final TcpOptions options = new TcpOptions(
                    new FrameIdentity(clusterId, groupId, epoch, self),
                    addresses,
                    sendBufferBytes,
                    valueLengthMax,
                    kind,
                    clock,
                    handshakeTimeoutNs,
                    stallTimeoutNs,
                    seed);
            return new TcpTransport(options, bind(options));
        }

        private static ServerChannel bind(final TcpOptions options) {
            final InetSocketAddress address = options.ownAddress();
            try {
                return options.kind().bind(address);
            } catch (final IOException e) {
                final String text = TcpOptions.text(address);
                final String cause = String.valueOf(e.getMessage());
                throw new BindFailedException(
                        cause.contains("in use")
                                ? "address already in use: " + text + ", stop the other process or choose another port"
                                : "cannot listen on " + text + ": " + cause
                                        + "; the address must be one of this machine",
                        e);
            }
        }
    }
}
