package io.paxos.transport.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.paxos.transport.wire.FrameLayout;
import io.paxos.transport.wire.FrameSink;
import io.paxos.transport.wire.Handshaker;
import io.paxos.transport.wire.TransportCounters;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Random;
import org.agrona.MutableDirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connection to one peer: opens it, again and again, and writes frames to it while it is open. */
final class OutboundPeer extends ChannelInboundHandlerAdapter implements FrameSink {
    private static final Logger LOG = LoggerFactory.getLogger(OutboundPeer.class);

    private static final long BACKOFF_NS_MIN = 40_000_000L; // the pause is half of it and a random half on top
    private static final long BACKOFF_NS_MAX = 1_000_000_000L;
    private static final int HELD_BACK_BYTES_MAX = 64 << 10;
    private static final int LOGGED_REFUSALS_MAX = 16;

    private enum State {
        /** No connection. The next attempt begins at {@link #deadlineNs}. */
        WAITING,
        /** Connecting, or without a reply to our hello. Gives up at {@link #deadlineNs}. */
        HANDSHAKING,
        /** The peer has welcomed us: frames are written. */
        CONNECTED
    }

    private final int peer;
    private final InetSocketAddress address;
    private final TcpOptions options;
    private final TransportCounters counters;
    private final Random random;
    private final SendBuffer buffer;
    private final Handshaker handshaker;
    private final HandshakeReplyReader replies;
    private final LoggedRefusals logged = new LoggedRefusals(LOGGED_REFUSALS_MAX); // since a connection that lasted

    private IoLoop loop; // null until started
    private State state = State.WAITING;
    private Channel channel; // of the present attempt or connection; null if there is none
    private int frameLengthMax; // the longest frame that both sides take; meaningful while CONNECTED
    private long deadlineNs; // of the state; meaningful while CONNECTED only if stalledAt >= 0
    private long backoffNs = BACKOFF_NS_MIN; // the next pause, BACKOFF_NS_MIN..BACKOFF_NS_MAX
    private long connectedNs; // when the present or last connection was welcomed
    private long lingerNs; // how long a proposal may wait for others; 0: not at all
    private boolean mayWait; // true: the buffer holds proposals only, which may wait until dueNs
    private long dueNs; // meaningful while mayWait
    private int stalledAt = -1; // progress when a write was last found incomplete; -1 if none is under way
    private boolean closed; // never false again; nothing is connected or armed any more

    OutboundPeer(
            final int peer,
            final TcpOptions options,
            final Handshaker handshaker,
            final TransportCounters counters,
            final Random random) {
        this.peer = peer;
        this.handshaker = handshaker;
        this.replies = new HandshakeReplyReader(peer);
        this.address = options.addresses().get(peer);
        this.options = options;
        this.counters = counters;
        this.random = random;
        this.buffer = new SendBuffer(options.sendBufferBytes());
    }

    /** Connects at the next timer, on this loop and its thread. */
    void start(final IoLoop loop) {
        this.loop = loop;
        actAt(options.clock().nanoTime());
    }

    @Override
    public MutableDirectBuffer reserve(final int length) {
        if (state != State.CONNECTED) {
            counters.droppedDisconnected(1);
            return null;
        }
        if (length > frameLengthMax) {
            counters.droppedOversized();
            return null;
        }
        MutableDirectBuffer room = buffer.reserve(length);
        if (room == null && mayWait) {
            mayWait = false;
            flush(); // no message is dropped because others were held back
            room = state == State.CONNECTED ? buffer.reserve(length) : null;
        }
        if (room == null) {
            counters.droppedFull();
        }
        return room;
    }

    @Override
    public int offset() {
        return buffer.offset();
    }

    @Override
    public void commit() {
        buffer.commit();
        mayWait = false;
    }

    @Override
    public void commitProposal() {
        if (lingerNs > 0 && buffer.isEmpty()) {
            mayWait = true;
            dueNs = options.clock().nanoTime() + lingerNs;
        }
        buffer.commit();
    }

    /** How long a proposal may wait for others; see {@link io.paxos.spi.Transport#linger}. */
    void linger(final long timeNs) {
        lingerNs = timeNs;
        mayWait &= timeNs > 0;
    }

    /** Whether the buffer may wait for more. A large one may not, because waiting would save little. */
    private boolean isHeldBack() {
        return mayWait
                && !buffer.isEmpty()
                && buffer.offset() < HELD_BACK_BYTES_MAX
                && dueNs - options.clock().nanoTime() > 0;
    }

    /** How long until the proposals that are held back must be flushed, in ns; {@code Long.MAX_VALUE} if none are. */
    long untilDueNs(final long nowNs) {
        return mayWait && !buffer.isEmpty() && buffer.isSettled() ? dueNs - nowNs : Long.MAX_VALUE;
    }

    boolean isConnected() {
        return state == State.CONNECTED;
    }

    /** One write of all that was committed, unless the last write is still incomplete. Returns the number of writes. */
    int flush() {
        if (state != State.CONNECTED || buffer.isEmpty() || !buffer.isSettled() || isHeldBack()) {
            return 0;
        }
        final ByteBuf bytes = buffer.take();
        counters.sent(buffer.takenFrames(), bytes.readableBytes());
        stalledAt = -1;
        Netty.send(channel, bytes);
        if (!buffer.isSettled()) {
            watch(options.clock().nanoTime());
        }
        return 1;
    }

    private void watch(final long nowNs) {
        stalledAt = buffer.progress();
        deadlineNs = nowNs + options.stallTimeoutNs();
        loop.arm(deadlineNs);
    }

    /** Acts if the deadline of the state has passed, and arms the next one. */
    void onTimer(final long nowNs) {
        if (closed || (state == State.CONNECTED && stalledAt < 0)) {
            return;
        }
        if (deadlineNs - nowNs > 0) {
            loop.arm(deadlineNs);
            return;
        }
        switch (state) {
            case WAITING -> connect(nowNs);
            case HANDSHAKING -> disconnect();
            case CONNECTED -> checkProgress(nowNs);
        }
    }

    private void checkProgress(final long nowNs) {
        if (buffer.isSettled()) {
            stalledAt = -1;
        } else if (buffer.progress() != stalledAt) {
            watch(nowNs);
        } else {
            LOG.warn(
                    "replica {} at {} has taken nothing for {} ms: reconnecting",
                    peer,
                    TcpOptions.text(address),
                    options.stallTimeoutNs() / 1_000_000);
            disconnect();
        }
    }

    /** The peer has just connected to us, so it is running: connects at once. */
    void onPeerConnected(final long nowNs) {
        if (state == State.WAITING && !closed) {
            backoffNs = BACKOFF_NS_MIN;
            actAt(nowNs);
        }
    }

    /** What this replica says of itself has changed: says it over a new connection, before the next frame. */
    void redial(final long nowNs) {
        if (closed) {
            return;
        }
        mayWait = false;
        flush(); // what was sent before the change
        if (channel != null) {
            disconnect();
        }
        backoffNs = BACKOFF_NS_MIN;
        actAt(nowNs);
    }

    private void actAt(final long timeNs) {
        deadlineNs = timeNs;
        loop.arm(timeNs);
    }

    private void connect(final long nowNs) {
        final SocketChannel socket;
        try {
            socket = options.kind().newSocket();
        } catch (final IOException e) { // most likely out of file descriptors, which may pass
            LOG.warn("no socket to connect to replica {}, trying again: {}", peer, e.toString());
            backOff(nowNs);
            return;
        }
        state = State.HANDSHAKING;
        channel = socket;
        replies.reset();
        actAt(nowNs + options.handshakeTimeoutNs());
        socket.config().setOption(ChannelOption.TCP_NODELAY, true);
        socket.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        socket.config().setConnectTimeoutMillis(0); // our own timer covers the handshake as well
        // Netty's signals of a slow peer are not used here and would cost time.
        socket.config().setWriteBufferWaterMark(new WriteBufferWaterMark(Integer.MAX_VALUE, Integer.MAX_VALUE));
        socket.pipeline().addLast(this);
        socket.closeFuture().addListener(future -> onClosed(socket));
        Netty.register(loop, socket);
        socket.connect(address).addListener(future -> {
            if (!future.isSuccess()) {
                LOG.debug("replica {} at {}: {}", peer, address, future.cause().toString());
                Netty.close(socket);
            }
        });
    }

    @Override
    public boolean isSharable() {
        return true; // in the pipeline of each attempt, one after the other
    }

    @Override
    public void channelActive(final ChannelHandlerContext context) {
        Netty.send(
                context.channel(),
                Unpooled.wrappedBuffer(Hello.to(peer, options.identity(), handshaker.card(peer))
                        .bytes()));
    }

    @Override
    public void channelRead(final ChannelHandlerContext context, final Object message) {
        final ByteBuf bytes = (ByteBuf) message;
        try {
            if (context.channel() == channel) {
                onBytes(bytes);
            }
        } finally {
            bytes.release();
        }
    }

    private void onBytes(final ByteBuf bytes) {
        while (channel != null && bytes.isReadable()) {
            final HandshakeReply reply = replies.append(bytes);
            if (reply != null) {
                onReply(reply);
            }
        }
    }

    private void onReply(final HandshakeReply reply) {
        if (reply.admission() != Admission.WELCOME) {
            log(reply);
            if (reply.card().capacity() > 0) {
                handshaker.admit(peer, reply.card()); // this replica may learn that it must stop
            }
            disconnect();
        } else if (state == State.CONNECTED) {
            disconnect(); // a second welcome says nothing
        } else {
            onWelcome(reply);
        }
    }

    private void log(final HandshakeReply refusal) {
        final Admission admission = refusal.admission();
        final String text = refusal.text().isEmpty() ? admission.advice() : refusal.text();
        logOnce("cannot send to", HelloVerdict.key(admission, text), text);
    }

    private void logOnce(final String what, final String key, final String why) {
        if (logged.isNew(key)) {
            final int self = options.identity().self();
            LOG.warn("replica {} {} replica {} at {}: {}", self, what, peer, TcpOptions.text(address), why);
        }
    }

    private void onWelcome(final HandshakeReply reply) {
        final String refusal = handshaker.admit(peer, reply.card());
        if (refusal != null) {
            counters.handshakeRefused();
            logOnce("does not send to", refusal, refusal);
            disconnect();
            return;
        }
        state = State.CONNECTED;
        connectedNs = options.clock().nanoTime();
        stalledAt = -1;
        frameLengthMax = FrameLayout.frameLengthMax(Math.min(reply.valueLengthMax(), options.valueLengthMax()));
        counters.connected();
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext context, final Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("replica {} at {}: {}", peer, address, cause.toString());
        } else {
            LOG.warn("the handshake with replica {} at {} failed", peer, TcpOptions.text(address), cause);
        }
        Netty.close(context.channel());
    }

    private void disconnect() {
        Netty.close(channel);
    }

    private void onClosed(final Channel gone) {
        if (gone != channel) {
            return;
        }
        channel = null;
        final long nowNs = options.clock().nanoTime();
        if (state == State.CONNECTED) {
            counters.disconnected();
            counters.droppedDisconnected(buffer.release());
            if (nowNs - connectedNs >= BACKOFF_NS_MAX) {
                backoffNs = BACKOFF_NS_MIN; // not for a peer that welcomes us and closes at once, again and again
                logged.clear();
            }
        }
        backOff(nowNs);
    }

    private void backOff(final long nowNs) {
        state = State.WAITING;
        if (!closed) {
            actAt(nowNs + backoffNs / 2 + (long) (random.nextDouble() * backoffNs / 2));
            backoffNs = Math.min(backoffNs * 2, BACKOFF_NS_MAX);
        }
    }

    /** The channel of the present attempt or connection; null if there is none. */
    Channel channel() {
        return channel;
    }

    void close() {
        closed = true;
        if (channel != null) {
            disconnect();
        }
        release();
    }

    /** Frees the memory whatever became of the channel. */
    void release() {
        closed = true;
        if (state == State.CONNECTED) {
            state = State.WAITING;
            counters.disconnected();
        }
        counters.droppedDisconnected(buffer.release());
    }
}
