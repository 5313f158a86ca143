package io.paxos.transport.tcp;

import io.netty.channel.ServerChannel;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.paxos.spi.Handshake;
import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import io.paxos.transport.wire.Handshaker;
import io.paxos.transport.wire.LamportClock;
import io.paxos.transport.wire.TransportCounters;
import io.paxos.transport.wire.TransportStats;
import java.net.InetSocketAddress;
import java.util.Map;

/**
 * Sends and receives over TCP, on the thread that polls and on no other.
 *
 * <p>It listens from the moment it is opened. The first thread that polls, flushes or awaits is its owner from then on.
 * It connects to every peer and tries again for ever, with a pause of 20 ms to 1 s; while nothing comes back, it tries
 * again each 0.2 s beside the attempts that wait. A message to a peer that is not
 * connected is dropped, so a peer that comes back receives nothing old.
 *
 * <p>Proposals, values and snapshots arrive in the order in which they were sent. While the network takes less than is
 * sent, shorter messages (heartbeats, votes, rejections, questions) pass them.
 *
 * <p>A flush is one write per peer, and one for each 64 KiB that are more. Nothing of ours is allocated for it; Netty
 * allocates one small object per write.
 *
 * <p>Await may return early for no visible reason. With the sockets of the JDK its timeout has a granularity of 1 ms.
 */
public final class TcpTransport implements Transport {
    private final TcpOptions options;
    private final ServerChannel serverChannel; // listens from the start; on no event loop before start()
    private final LamportClock lamport = new LamportClock(); // of all frames, sent and received
    private final TransportCounters counters = new TransportCounters();
    private final WakeUp wakeUp = new WakeUp();
    private final Handshaker handshaker = new Handshaker();
    private final OutboundPeers peers;

    // Null until start(), then never changed. Set by the owner before it first parks, so a waker that has to wake it
    // sees it.
    private volatile IoLoop loop;
    private volatile Thread owner; // set after loop: whoever sees an owner sees its loop
    private volatile boolean closing; // never false again
    private volatile boolean closed; // implies closing; everything is released

    private InboundListener listener; // null until start(); owner only
    private boolean delivering; // true inside poll while the receiver may hold a view of our memory; owner only

    TcpTransport(final TcpOptions options, final ServerChannel serverChannel) {
        this.options = options;
        this.serverChannel = serverChannel;
        this.peers = new OutboundPeers(options, handshaker, lamport, counters, this::heardNs, this::onSilent);
    }

    /**
     * Opens a transport with the defaults: see {@link TcpTransportBuilder}.
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
    public static TcpTransportBuilder builder(final int self) {
        return new TcpTransportBuilder(self);
    }

    @Override
    public int self() {
        return options.identity().self();
    }

    @Override
    public boolean knows(final int replica) {
        return replica == self() || peers.get(replica) != null;
    }

    @Override
    public Messages to(final int replica) {
        return peers.sender(replica);
    }

    @Override
    public int poll(final Messages receiver, final int limit) {
        if (!isRunning()) {
            return 0;
        }
        loop.runNow();
        final long nowNs = options.clock().nanoTime();
        runTimers(nowNs);
        delivering = true;
        try {
            return listener.deliver(receiver, limit, nowNs);
        } finally {
            delivering = false;
            if (closing) {
                close(); // requested by the receiver, which then still held a view of our memory
            }
        }
    }

    @Override
    public int flush() {
        return isRunning() ? peers.flush() : 0;
    }

    @Override
    public void await(final long timeoutNs) {
        if (!isRunning()) {
            return;
        }
        final long nowNs = options.clock().nanoTime();
        runTimers(nowNs);
        final long untilNs = Math.min(Math.min(timeoutNs, loop.untilTimerNs(nowNs)), peers.untilDueNs(nowNs));
        final long waitNs = untilNs <= 0 ? 0 : Math.max(untilNs, options.kind().waitNsMin());
        if (!wakeUp.park()) {
            return;
        }
        try {
            if (waitNs > 0 && !listener.hasWork()) {
                loop.run(waitNs);
            }
        } finally {
            wakeUp.unpark();
        }
    }

    @Override
    public void linger(final int replica, final long timeNs) {
        final OutboundPeer peer = peers.get(replica);
        if (peer != null) {
            peer.linger(timeNs);
        }
    }

    @Override
    public long queued(final int replica) {
        final OutboundPeer peer = peers.get(replica);
        return peer == null ? 0 : peer.queuedBytes();
    }

    /** What the kernel has taken counts as written. It takes little more than is under way: see {@link SocketKind}. */
    @Override
    public long written(final int replica) {
        final OutboundPeer peer = peers.get(replica);
        return peer == null ? 0 : peer.writtenBytes();
    }

    @Override
    public void wakeup() {
        if (wakeUp.request()) {
            loop.wakeup();
        }
    }

    /** Netty allocates objects for each write of any other kind of thread, and reuses them on a thread of this kind. */
    @Override
    public Thread newThread(final Runnable work, final String name) {
        return new FastThreadLocalThread(work, name);
    }

    /** Whether there is a connection to this replica over which a message would go now. */
    @Override
    public boolean isReachable(final int replica) {
        final OutboundPeer peer = peers.get(replica);
        return peer != null && peer.isConnected();
    }

    /** Always true. While this was not called, cards are empty and each peer is admitted. */
    @Override
    public boolean handshake(final Handshake handshake) {
        final boolean isFirst = handshaker.use(handshake);
        if (owner != null && isRunning()) {
            peers.redial(options.clock().nanoTime());
            if (isFirst) {
                listener.abandonAll(); // nobody has judged these peers
            }
        }
        return true;
    }

    @Override
    public long clusterId() {
        return options.identity().clusterId();
    }

    @Override
    public int valueLengthMax() {
        return options.valueLengthMax();
    }

    /** What was sent, received, dropped and refused so far. Any thread. */
    public TransportStats stats() {
        return counters.snapshot();
    }

    /**
     * Closes every connection and the listening socket, and frees the buffers. May be called again.
     *
     * <p>Another thread than the owner may call this. While the owner lives, it closes at its next call of this
     * transport; after the owner has ended, the caller closes.
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

    /**
     * Makes the caller the owner. Synchronized with a close by another thread: one of the two gets the server channel.
     */
    private synchronized boolean start() {
        if (closing) {
            return false;
        }
        final IoLoop started = IoLoop.of(options, wakeUp);
        loop = started;
        owner = Thread.currentThread();
        listener = new InboundListener(
                serverChannel, options, handshaker, lamport, counters, started, this::onPeerConnected);
        peers.start(started);
        return true;
    }

    private void onPeerConnected(final int peer) {
        peers.get(peer).onPeerConnected(options.clock().nanoTime());
    }

    private long heardNs(final int peer) {
        return listener.heardNs(peer);
    }

    private void onSilent(final int peer) {
        listener.hangUpSilent(peer, options.clock().nanoTime() - options.silenceTimeoutNs());
    }

    private void runTimers(final long nowNs) {
        if (loop.untilTimerNs(nowNs) > 0) {
            return;
        }
        loop.disarm(nowNs);
        peers.onTimer(nowNs);
        listener.onTimer(nowNs);
    }

    private synchronized boolean closeUnused() {
        if (owner != null) {
            return false;
        }
        if (!closed) {
            closed = true;
            options.kind().abandon(serverChannel);
        }
        return true;
    }

    private void closeOwned() {
        closed = true;
        listener.close();
        peers.close();
        loop.close();
    }

    /** Netty accepts no other thread than the owner, so the sockets are closed under its channels. */
    private synchronized void closeOrphaned() {
        if (closed) {
            return;
        }
        closed = true;
        listener.forEachChannel(options.kind()::abandon);
        peers.release(options.kind()::abandon);
        listener.release();
        loop.destroyHandler();
    }
}
