package io.paxos.transport.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.paxos.transport.wire.Handshaker;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt to connect to a peer, and the connection that it becomes: sends the hello and reads the replies. */
final class Dial extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Dial.class);

    /** Gets what happens to an attempt, on the thread of the loop. */
    interface Listener {
        /** TCP has connected. True if the hello is to be sent; else the listener has closed the attempt. */
        boolean onActive(Dial dial);

        /** The peer has replied, once or again. */
        void onReply(Dial dial, HandshakeReply reply);

        /** It is over. Called once. */
        void onClosed(Dial dial);
    }

    private final int peer;
    private final SocketChannel channel;
    private final TcpOptions options;
    private final Handshaker handshaker;
    private final Listener listener;
    private final HandshakeReplyReader replies;
    private final long deadlineNs;

    private boolean discarded; // closed by this replica: neither the peer nor the network has failed it
    private boolean closed; // never false again

    /**
     * An attempt that has not begun.
     *
     * @throws IOException or any other exception if there is no socket, most likely out of file descriptors
     */
    Dial(
            final int peer,
            final TcpOptions options,
            final Handshaker handshaker,
            final Listener listener,
            final long nowNs)
            throws IOException {
        this.peer = peer;
        this.options = options;
        this.handshaker = handshaker;
        this.listener = listener;
        this.replies = new HandshakeReplyReader(peer);
        this.deadlineNs = nowNs + options.handshakeTimeoutNs();
        this.channel = options.kind().newSocket();
        try {
            options.kind().prepare(channel, options);
        } catch (final RuntimeException e) {
            options.kind().abandon(channel);
            throw e;
        }
    }

    void begin(final IoLoop loop, final InetSocketAddress address) {
        channel.pipeline().addLast(this);
        channel.closeFuture().addListener(future -> onClosed());
        Netty.register(loop, channel);
        channel.connect(address).addListener(future -> {
            if (!future.isSuccess()) {
                LOG.debug("replica {} at {}: {}", peer, address, future.cause().toString());
                Netty.close(channel);
            }
        });
    }

    SocketChannel channel() {
        return channel;
    }

    /** By when the handshake must be complete. */
    long deadlineNs() {
        return deadlineNs;
    }

    boolean isDiscarded() {
        return discarded;
    }

    @Override
    public void channelActive(final ChannelHandlerContext context) {
        if (listener.onActive(this)) {
            final Hello hello = Hello.to(peer, options.identity(), handshaker.card(peer));
            Netty.send(channel, Unpooled.wrappedBuffer(hello.bytes()));
        }
    }

    @Override
    public void channelRead(final ChannelHandlerContext context, final Object message) {
        final ByteBuf bytes = (ByteBuf) message;
        try {
            while (!closed && bytes.isReadable()) {
                final HandshakeReply reply = replies.append(bytes);
                if (reply != null) {
                    listener.onReply(this, reply);
                }
            }
        } finally {
            bytes.release();
        }
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext context, final Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("replica {}: {}", peer, cause.toString());
        } else {
            LOG.warn("the handshake with replica {} failed", peer, cause);
        }
        Netty.close(channel);
    }

    private void onClosed() {
        if (!closed) {
            closed = true;
            listener.onClosed(this);
        }
    }

    /** Closes it because of what the peer has replied. */
    void fail() {
        Netty.close(channel);
    }

    /** Closes it. What was written before is still sent. */
    void close() {
        discarded = true;
        Netty.close(channel);
    }

    /** Closes it, and the kernel forgets what the peer has not acknowledged: nothing old arrives later. */
    void hangUp() {
        discarded = true;
        Netty.reset(channel);
    }
}
