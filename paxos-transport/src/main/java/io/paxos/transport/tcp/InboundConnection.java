package io.paxos.transport.tcp;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.paxos.spi.Messages;
import io.paxos.transport.wire.FrameReader;
import io.paxos.transport.wire.FrameVerdict;
import io.paxos.transport.wire.TransportCounters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that a peer has dialled: first its hello, then frames until it goes.
 *
 * <p>Netty's callbacks only fill the buffer. Frames are heard outside of them, in {@link #deliver}: so what the receiver throw
 * reaches the replica instead of Netty, and nothing is heard while the replica waits or flushes.
 */
final class InboundConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(InboundConnection.class);

    private static final int RECEIVE_BYTES = 256 << 10;

    private final InboundListener entrance;
    private final Channel channel;
    private final TcpOptions options;
    private final TransportCounters counters;
    private final long deadlineNs;
    private final ReceiveBuffer buffer = new ReceiveBuffer(Hello.LENGTH);

    private int peer; // 0 until its hello was accepted
    private FrameReader reader; // null until then
    private boolean refused;
    private boolean closed;
    private boolean abandoned;

    InboundConnection(
            final InboundListener entrance,
            final Channel channel,
            final TcpOptions options,
            final TransportCounters counters,
            final long deadlineNs) {
        this.entrance = entrance;
        this.channel = channel;
        this.options = options;
        this.counters = counters;
        this.deadlineNs = deadlineNs;
        channel.config().setRecvByteBufAllocator(buffer);
        channel.pipeline().addLast(this);
        channel.closeFuture().addListener(future -> onClosed());
    }

    /** When its hello must have been accepted. */
    long deadlineNs() {
        return deadlineNs;
    }

    /** Who speaks; 0 if not known yet. */
    int peer() {
        return peer;
    }

    Channel channel() {
        return channel;
    }

    @Override
    public void channelRead(final ChannelHandlerContext context, final Object message) {
        ReferenceCountUtil.release(message); // the bytes stay: it is our buffer
        if (peer == 0 && !refused && buffer.length() >= Hello.LENGTH) {
            greet();
        }
    }

    @Override
    public void channelReadComplete(final ChannelHandlerContext context) {
        if (buffer.isFull() && channel.config().isAutoRead()) {
            channel.config().setAutoRead(false); // until the receiver have made room; TCP tells the peer
        }
    }

    private void greet() {
        final Hello hello = Hello.read(buffer.view(), buffer.offset());
        if (hello == null) {
            refuse("what it says is no handshake");
            return;
        }
        final int sender = hello.sender().self();
        final Admission admission = hello.admit(options.identity(), options.isPeer(sender));
        final HandshakeReply answer =
                HandshakeReply.of(admission, options.identity().self(), options.valueLengthMax());
        if (admission != Admission.WELCOME) {
            refused = true;
            counters.handshakeRefused();
            LOG.debug("refused {}, replica {}: {}", channel.remoteAddress(), sender, admission);
            Netty.sendAndClose(channel, Unpooled.wrappedBuffer(answer.bytes()));
            return;
        }
        buffer.consume(Hello.LENGTH);
        buffer.ensureCapacity(RECEIVE_BYTES);
        peer = sender;
        reader = entrance.admitted(this);
        Netty.send(channel, Unpooled.wrappedBuffer(answer.bytes()));
    }

    /** Closes a connection that never became a member's. */
    void refuse(final String why) {
        if (refused) {
            Netty.close(channel); // was told, and did not go
            return;
        }
        refused = true;
        counters.handshakeRefused();
        LOG.debug("closed {}: {}", channel.remoteAddress(), why);
        Netty.close(channel);
    }

    /** Whether {@link #deliver} would do anything. */
    boolean hasWork() {
        if (reader == null || abandoned || buffer.length() < Integer.BYTES) {
            return false;
        }
        final int length = FrameReader.declaredLength(buffer.view(), buffer.offset());
        return length <= buffer.length() || reader.checkLength(length) != FrameVerdict.DELIVERED;
    }

    /** Lets the receiver hear up to {@code limit} frames, and returns how many. Only ever from within a poll. */
    int deliver(final Messages receiver, final int limit) {
        final long before = buffer.length();
        int delivered = 0;
        try {
            while (delivered < limit && hasWork() && hear(receiver)) {
                delivered++;
            }
        } finally {
            if (delivered > 0) {
                counters.received(delivered, before - buffer.length());
            }
        }
        makeRoom();
        return delivered;
    }

    private boolean hear(final Messages receiver) {
        final int offset = buffer.offset();
        final int length = FrameReader.declaredLength(buffer.view(), offset);
        FrameVerdict verdict = reader.checkLength(length);
        if (verdict == FrameVerdict.DELIVERED) {
            buffer.consume(length); // first, so that receiver that throw do not hear it again
            verdict = reader.read(buffer.view(), offset, length, receiver);
        }
        if (verdict == FrameVerdict.DELIVERED) {
            return true;
        }
        counters.rejected(verdict);
        LOG.warn("closed the connection from replica {}: a frame of it is {}", peer, verdict);
        abandon();
        return false;
    }

    /** Nothing more of this connection is to be heard. */
    void abandon() {
        abandoned = true;
        Netty.close(channel);
    }

    private void makeRoom() {
        if (abandoned || closed) {
            return;
        }
        if (buffer.length() >= Integer.BYTES) {
            final int length = FrameReader.declaredLength(buffer.view(), buffer.offset());
            if (reader.checkLength(length) == FrameVerdict.DELIVERED) {
                buffer.ensureCapacity(length);
            }
        }
        if (!buffer.isFull() && !channel.config().isAutoRead()) {
            channel.config().setAutoRead(true);
        }
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext context, final Throwable cause) {
        LOG.debug("connection from replica {}: {}", peer, cause.toString());
        Netty.close(channel);
    }

    private void onClosed() {
        closed = true;
        entrance.onClosed(this);
    }

    /** Whether it is closed and everything it has said is heard. */
    boolean isOver() {
        return closed && !hasWork();
    }

    void release() {
        abandoned = true;
        buffer.release();
    }
}
