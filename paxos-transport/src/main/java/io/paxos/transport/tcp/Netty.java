package io.paxos.transport.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls whose futures are not needed: the close future of the channel reports every failure. */
@SuppressWarnings("FutureReturnValueIgnored")
final class Netty {
    private static final Logger LOG = LoggerFactory.getLogger(Netty.class);

    private Netty() {}

    static void register(final EventLoop loop, final Channel channel) {
        channel.unsafe().register(loop, channel.newPromise());
    }

    static void send(final Channel channel, final ByteBuf bytes) {
        channel.writeAndFlush(bytes, channel.voidPromise());
    }

    static void sendAndClose(final Channel channel, final ByteBuf bytes) {
        channel.writeAndFlush(bytes).addListener(ChannelFutureListener.CLOSE);
    }

    static void close(final Channel channel) {
        channel.close();
    }

    /** Closes without sending what is left: the other side, if it can be reached, gets a reset. */
    static void reset(final SocketChannel channel) {
        try {
            channel.config().setSoLinger(0);
        } catch (final ChannelException e) { // closed a moment ago
            LOG.debug("resetting {}: {}", channel, e.toString());
        }
        channel.close();
    }
}
