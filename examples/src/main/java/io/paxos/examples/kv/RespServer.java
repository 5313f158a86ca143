package io.paxos.examples.kv;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.redis.RedisEncoder;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;

/** Listens for clients, on one event loop: what it does per request is little beside what the engine does. */
@SuppressWarnings("FutureReturnValueIgnored") // of closing, and of telling a client why
final class RespServer implements AutoCloseable {
    /** How long {@link #drain} waits for the answers to requests that were already sent. */
    private static final long GRACE_MS = 1000;

    private static final long SWEEP_MS = 100;

    // A client whose machine has vanished is gone after 60 s + 4 x 15 s.
    private static final int KEEP_ALIVE_IDLE_S = 60;
    private static final int KEEP_ALIVE_INTERVAL_S = 15;
    private static final int KEEP_ALIVE_COUNT = 4;

    private static final int RECEIVE_BYTES_MIN = 512;
    private static final int RECEIVE_BYTES_FIRST = 2 * 1024;
    private static final int RECEIVE_BYTES_MAX = 32 * 1024;

    /** What waits for the socket of a client: the rest of a reply is kept back beyond the second. */
    private static final WriteBufferWaterMark SEND_BYTES = new WriteBufferWaterMark(16 * 1024, 32 * 1024);

    private final MultiThreadIoEventLoopGroup loop;
    private final ChannelGroup channels;
    private final Engine engine;
    private final RedisCommands commands;
    private final Clients clients;
    private final Consumer<Throwable> onFailure;
    private Channel listener; // from open() on
    private long lastSession; // owned by the loop

    /** The loop may end. */
    private volatile boolean isClosing;

    private RespServer(
            final Engine engine,
            final String memberIds,
            final ClientLimits limits,
            final Consumer<Throwable> onFailure) {
        this.engine = engine;
        this.onFailure = onFailure;
        loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        clients = new Clients(limits, onFailure);
        commands = new RedisCommands(new Info(engine::status, memberIds, clients::count, clients.memory()::used));
    }

    /**
     * Serves this engine until closed.
     *
     * @param onFailure is told, on any thread, what no client is to blame for; an {@code Error} means that the port
     *     serves nobody any longer
     * @throws IOException if the address cannot be listened on; the message names it and the cause
     */
    static RespServer open(
            final InetSocketAddress address,
            final Engine engine,
            final String memberIds,
            final ClientLimits limits,
            final Consumer<Throwable> onFailure)
            throws IOException {
        final RespServer server = new RespServer(engine, memberIds, limits, onFailure);
        server.listen(address);
        return server;
    }

    private void listen(final InetSocketAddress address) throws IOException {
        final var bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 512)
                .handler(new Failures())
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, SEND_BYTES)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(RECEIVE_BYTES_MIN, RECEIVE_BYTES_FIRST, RECEIVE_BYTES_MAX))
                .childHandler(new Welcome())
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(GRACE_MS);
            throw new IOException("cannot listen for clients on " + text(address) + ": "
                    + bound.cause().getMessage());
        }
        listener = bound.channel();
        final var unused = listener.eventLoop()
                .scheduleWithFixedDelay(
                        () -> clients.guard(() -> clients.sweep(System.nanoTime())),
                        SWEEP_MS,
                        SWEEP_MS,
                        TimeUnit.MILLISECONDS);
        loop.terminationFuture().addListener(f -> {
            if (!isClosing) {
                onFailure.accept(new AssertionError("the loop that serves clients has ended"));
            }
        });
    }

    /** Prepares the connection of a client, or refuses it. */
    private final class Welcome extends ChannelInitializer<SocketChannel> {
        @Override
        protected void initChannel(final SocketChannel channel) {
            // Answers false where the platform has none of these; then its own times are in use.
            channel.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), KEEP_ALIVE_IDLE_S);
            channel.config()
                    .setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), KEEP_ALIVE_INTERVAL_S);
            channel.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), KEEP_ALIVE_COUNT);
            final RespConnection connection = new RespConnection(engine, commands, new Session(++lastSession), clients);
            channel.pipeline().addLast(new RedisEncoder());
            if (clients.admit(connection)) {
                channel.pipeline().addLast(connection);
                channels.add(channel);
            } else {
                channel.writeAndFlush(Answers.error("ERR max number of clients reached"))
                        .addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause) {
            onFailure.accept(cause);
            ctx.close();
        }
    }

    /** Passes on what goes wrong when a connection is accepted. */
    private final class Failures extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause) {
            onFailure.accept(cause);
            ctx.fireExceptionCaught(cause); // the listener pauses for a second
        }
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
        isClosing = true;
        listener.close().awaitUninterruptibly(GRACE_MS);
        for (final Channel channel : channels) {
            final RespConnection connection = channel.pipeline().get(RespConnection.class);
            if (connection != null) {
                channel.eventLoop().execute(connection::stop);
            }
        }
        channels.newCloseFuture().awaitUninterruptibly(GRACE_MS);
    }

    /** Drains, waits a little for clients to take what has been answered since, and ends. */
    @Override
    public void close() {
        drain();
        channels.close().awaitUninterruptibly(GRACE_MS);
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(GRACE_MS);
    }
}
