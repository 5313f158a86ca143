package io.paxos.transport.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;

/** Calls whose futures are not needed: the close future of the channel reports every failure. */
@SuppressWarnings("FutureReturnValueIgnored")
final class Netty {
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
}
