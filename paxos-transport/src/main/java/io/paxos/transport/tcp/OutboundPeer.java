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
import io.paxos.transport.wire.TransportCounters;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import org.agrona.MutableDirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way to one peer: dials it, for ever, and writes frames to it while it is there. */
final class OutboundPeer extends ChannelInboundHandlerAdapter implements FrameSink {
    private static final Logger LOG = LoggerFactory.getLogger(OutboundPeer.class);

    private static final long BACKOFF_NS_MIN = 40_000_000L; // the pause is half of it and a random half on top
    private static final long BACKOFF_NS_MAX = 1_000_000_000L;
    private static final int HELD_BACK_BYTES_MAX = 64 << 10;

    private enum State {
        /** No connection; dials at {@link #deadlineNs}. */
        WAITING,
        /** Dialled, not yet welcome; gives up at {@link #deadlineNs}. */
        GREETING,
        /** Frames may be written. */
        CONNECTED
    }

    private final int peer;
    private final InetSocketAddress address;
    private final TcpOptions options;
    private final TransportCounters counters;
    private final Random random;
    private final SendBuffer buffer;
    private final Set<Admission> warned = EnumSet.noneOf(Admission.class);
    private final byte[] answer = new byte[HandshakeReply.LENGTH];

    private IoLoop loop; // null until started
    private State state = State.WAITING;
    private Channel channel; // of the present attempt or connection; null while waiting
    private int answerLength;
    private int frameLengthMax;
    private long deadlineNs;
    private long backoffNs = BACKOFF_NS_MIN;
    private long connectedNs; // when the present or last connection came to stand
    private long holdBackNs;
    private boolean mayWait; // what is in the buffer, until dueNs
    private long dueNs;
    private int stalledAt = -1; // progress when a write was last found incomplete; -1 if none is under way
    private boolean closed;

    OutboundPeer(final int peer, final TcpOptions options, final TransportCounters counters, final Random random) {
        this.peer = peer;
        this.address = options.addresses().get(peer);
        this.options = options;
        this.counters = counters;
        this.random = random;
        this.buffer = new SendBuffer(options.sendBufferBytes());
    }

    /** Dials at the next timer, on this loop and its thread. */
    void start(final IoLoop loop) {
        this.loop = loop;
        dialAt(options.clock().nanoTime());
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
            flush(); // nothing is dropped for what was held back
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
        if (holdBackNs > 0 && buffer.isEmpty()) {
            mayWait = true;
            dueNs = options.clock().nanoTime() + holdBackNs;
        }
        buffer.commit();
    }

    /** Proposals may wait so long for others; see {@link io.paxos.spi.Transport#linger}. */
    void linger(final long timeNs) {
        holdBackNs = timeNs;
        mayWait &= timeNs > 0;
    }

    /** Whether what is there may wait for more; no longer when that would hardly save anything. */
    private boolean isHeldBack() {
        return mayWait
                && !buffer.isEmpty()
                && buffer.offset() < HELD_BACK_BYTES_MAX
                && dueNs - options.clock().nanoTime() > 0;
    }

    /** How long until what is held back has to be flushed; {@code Long.MAX_VALUE} if nothing is. */
    long untilDueNs(final long nowNs) {
        return mayWait && !buffer.isEmpty() && buffer.isSettled() ? dueNs - nowNs : Long.MAX_VALUE;
    }

    boolean isConnected() {
        return state == State.CONNECTED;
    }

    /** One write of all that was committed, unless the socket still owes us the last one. */
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

    /** Acts if the deadline of the present state is over, and arms the next. */
    void onTimer(final long nowNs) {
        if (closed || (state == State.CONNECTED && stalledAt < 0)) {
            return;
        }
        if (deadlineNs - nowNs > 0) {
            loop.arm(deadlineNs);
            return;
        }
        switch (state) {
            case WAITING -> dial(nowNs);
            case GREETING -> hangUp();
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
            hangUp();
        }
    }

    /** The peer has just dialled us, so it is there: no reason to wait any longer. */
    void onPeerHeard(final long nowNs) {
        if (state == State.WAITING && !closed) {
            backoffNs = BACKOFF_NS_MIN;
            dialAt(nowNs);
        }
    }

    private void dialAt(final long timeNs) {
        deadlineNs = timeNs;
        loop.arm(timeNs);
    }

    private void dial(final long nowNs) {
        final SocketChannel socket;
        try {
            socket = options.kind().dialled();
        } catch (final IOException e) { // out of file descriptors: that may pass
            LOG.warn("no socket to dial replica {}: {}", peer, e.toString());
            backOff(nowNs);
            return;
        }
        state = State.GREETING;
        channel = socket;
        answerLength = 0;
        dialAt(nowNs + options.handshakeTimeoutNs());
        socket.config().setOption(ChannelOption.TCP_NODELAY, true);
        socket.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        socket.config().setConnectTimeoutMillis(0); // our own timer covers the handshake as well
        // Nobody listens to Netty's signals of a slow peer; they would only cost.
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
        return true; // one after the other, in the pipeline of each attempt
    }

    @Override
    public void channelActive(final ChannelHandlerContext context) {
        Netty.send(
                context.channel(),
                Unpooled.wrappedBuffer(Hello.to(peer, options.identity()).bytes()));
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
        if (state == State.CONNECTED) {
            hangUp(); // after its answer a peer has nothing to say here
            return;
        }
        final int length = Math.min(bytes.readableBytes(), HandshakeReply.LENGTH - answerLength);
        bytes.readBytes(answer, answerLength, length);
        answerLength += length;
        if (answerLength == HandshakeReply.LENGTH) {
            onAnswer(HandshakeReply.read(answer, peer));
        }
    }

    private void onAnswer(final HandshakeReply sent) {
        if (sent.admission() != Admission.WELCOME) {
            if (warned.add(sent.admission())) {
                LOG.warn(
                        "replica {} cannot speak to replica {} at {}: {}",
                        options.identity().self(),
                        peer,
                        TcpOptions.text(address),
                        sent.admission().advice());
            }
            hangUp();
            return;
        }
        state = State.CONNECTED;
        connectedNs = options.clock().nanoTime();
        stalledAt = -1;
        warned.clear(); // if it goes wrong again, that is news
        frameLengthMax = FrameLayout.frameLengthMax(Math.min(sent.valueLengthMax(), options.valueLengthMax()));
        counters.connected();
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext context, final Throwable cause) {
        LOG.debug("replica {} at {}: {}", peer, address, cause.toString());
        Netty.close(context.channel());
    }

    private void hangUp() {
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
                backoffNs = BACKOFF_NS_MIN; // not for a peer that welcomes us and hangs up at once, again and again
            }
        }
        backOff(nowNs);
    }

    private void backOff(final long nowNs) {
        state = State.WAITING;
        if (!closed) {
            dialAt(nowNs + backoffNs / 2 + (long) (random.nextDouble() * backoffNs / 2));
            backoffNs = Math.min(backoffNs * 2, BACKOFF_NS_MAX);
        }
    }

    /** The channel of the present attempt or connection, or null. */
    Channel channel() {
        return channel;
    }

    void close() {
        closed = true;
        if (channel != null) {
            hangUp();
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
