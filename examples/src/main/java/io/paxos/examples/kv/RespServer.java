package io.paxos.examples.kv;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.redis.RedisDecoder;
import io.netty.handler.codec.redis.RedisEncoder;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Listens for clients, on one event loop: what it does per request is little beside what the engine does. */
final class RespServer implements AutoCloseable {
    /** How long {@link #drain} waits for the answers to requests that were already sent. */
    private static final long GRACE_MS = 1000;

    private final MultiThreadIoEventLoopGroup loop;
    private final Channel listener;
    private final ChannelGroup clients;

    private RespServer(final MultiThreadIoEventLoopGroup loop, final Channel listener, final ChannelGroup clients) {
        this.loop = loop;
        this.listener = listener;
        this.clients = clients;
    }

    /**
     * Serves this engine until closed.
     *
     * @throws IOException if the address cannot be listened on; the message names it and the cause
     */
    static RespServer open(final InetSocketAddress address, final Engine engine, final String memberIds)
            throws IOException {
        final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        final ChannelGroup clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        final RedisCommands commands = new RedisCommands(new Info(engine::status, memberIds, clients::size));
        final AtomicLong ids = new AtomicLong();
        final var bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 512)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(final SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new RedisEncoder())
                                .addLast(new RedisDecoder(true))
                                .addLast(new RequestDecoder())
                                .addLast(new RespConnection(engine, commands, new Session(ids.incrementAndGet())));
                        if (clients.size() >= KvLimits.CONNECTIONS_MAX) {
                            RespConnection.refuse(channel.pipeline().lastContext());
                        } else {
                            clients.add(channel);
                        }
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(GRACE_MS);
            throw new IOException("cannot listen for clients on " + text(address) + ": "
                    + bound.cause().getMessage());
        }
        return new RespServer(loop, bound.channel(), clients);
    }

    static String text(final InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }

    /** Where it listens, with the port that it got if it was opened with port 0. */
    InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /** Takes no new clients or requests, and gives those that wait some time to be answered. */
    void drain() {
        listener.close().awaitUninterruptibly(GRACE_MS);
        for (final Channel client : clients) {
            final ChannelHandlerContext ctx = client.pipeline().context(RespConnection.class);
            if (ctx != null) {
                client.eventLoop().execute(() -> ((RespConnection) ctx.handler()).stop(ctx));
            }
        }
        clients.newCloseFuture().awaitUninterruptibly(GRACE_MS);
    }

    /** Drains, waits a little for clients to take what has been answered since, and ends. */
    @Override
    public void close() {
        drain();
        clients.close().awaitUninterruptibly(GRACE_MS);
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(GRACE_MS);
    }
}
