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
 * A connection that a peer has opened: first its hello, then frames until it is closed.
 *
 * <p>Netty's callbacks only fill the buffer. Frames are delivered outside of them, in {@link #deliver}. So an exception
 * of the receiver reaches the replica instead of Netty, and nothing is delivered while the replica waits or flushes.
 */
final class InboundConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(InboundConnection.class);

    private static final int RECEIVE_BYTES = 256 << 10;

    private final InboundListener listener;
    private final Channel channel;
    private final TcpOptions options;
    private final TransportCounters counters;
    private final long deadlineNs;
    private final ReceiveBuffer buffer = new ReceiveBuffer(Hello.LENGTH);

    private int peer; // 0 until its hello is accepted
    private FrameReader reader; // null if and only if peer is 0
    private boolean refused; // the peer never becomes a member here
    private boolean closed; // the channel is closed; what has arrived may still be delivered
    private boolean abandoned; // nothing more is delivered

    InboundConnection(
            final InboundListener listener,
            final Channel channel,
            final TcpOptions options,
            final TransportCounters counters,
            final long deadlineNs) {
        this.listener = listener;
        this.channel = channel;
        this.options = options;
        this.counters = counters;
        this.deadlineNs = deadlineNs;
        channel.config().setRecvByteBufAllocator(buffer);
        channel.pipeline().addLast(this);
        channel.closeFuture().addListener(future -> onClosed());
    }

    /** By when its hello must be accepted. */
    long deadlineNs() {
        return deadlineNs;
    }

    /** The replica id of the sender; 0 if not known yet. */
    int peer() {
        return peer;
    }

    Channel channel() {
        return channel;
    }

    @Override
    public void channelRead(final ChannelHandlerContext context, final Object message) {
        ReferenceCountUtil.release(message); // the bytes stay: the buffer is ours
        if (peer == 0 && !refused && buffer.length() >= Hello.LENGTH) {
            onHello();
        }
    }

    @Override
    public void channelReadComplete(final ChannelHandlerContext context) {
        if (buffer.isFull() && channel.config().isAutoRead()) {
            channel.config().setAutoRead(false); // until frames are delivered; TCP slows the peer down
        }
    }

    private void onHello() {
        final Hello hello = Hello.read(buffer.view(), buffer.offset());
        if (hello == null) {
            refuse("it does not begin with a hello");
            return;
        }
        final int sender = hello.sender().self();
        final Admission admission = hello.admit(options.identity(), options.isPeer(sender));
        final HandshakeReply reply =
                HandshakeReply.of(admission, options.identity().self(), options.valueLengthMax());
        if (admission != Admission.WELCOME) {
            refused = true;
            counters.handshakeRefused();
            LOG.debug("refused {}, replica {}: {}", channel.remoteAddress(), sender, admission);
            Netty.sendAndClose(channel, Unpooled.wrappedBuffer(reply.bytes()));
            return;
        }
        buffer.consume(Hello.LENGTH);
        buffer.ensureCapacity(RECEIVE_BYTES);
        peer = sender;
        reader = listener.admitted(this);
        Netty.send(channel, Unpooled.wrappedBuffer(reply.bytes()));
    }

    /** Closes a connection that never became a member's. */
    void refuse(final String why) {
        if (refused) {
            Netty.close(channel); // has got its reply and has not closed
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

    /** Delivers up to {@code limit} frames to the receiver, and returns how many. Only within a poll. */
    int deliver(final Messages receiver, final int limit) {
        final long before = buffer.length();
        int delivered = 0;
        try {
            while (delivered < limit && hasWork() && deliverNext(receiver)) {
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

    private boolean deliverNext(final Messages receiver) {
        final int offset = buffer.offset();
        final int length = FrameReader.declaredLength(buffer.view(), offset);
        FrameVerdict verdict = reader.checkLength(length);
        if (verdict == FrameVerdict.DELIVERED) {
            buffer.consume(length); // before the read, so that a receiver that throws does not get it again
            verdict = reader.read(buffer.view(), offset, length, receiver);
        }
        if (verdict == FrameVerdict.DELIVERED) {
            return true;
        }
        counters.rejected(verdict);
        LOG.warn("closed the connection of replica {}: it sent a frame that is {}", peer, verdict);
        abandon();
        return false;
    }

    /** Closes the connection and delivers nothing more of it. */
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
        listener.onClosed(this);
    }

    /** Whether it is closed and every frame that has arrived is delivered. */
    boolean isOver() {
        return closed && !hasWork();
    }

    void release() {
        abandoned = true;
        buffer.release();
    }
}
