package io.paxos.transport.tcp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which sockets are used. */
enum SocketKind {
    /** Linux epoll through Netty's native library. */
    EPOLL {
        @Override
        IoHandlerFactory io() {
            return EpollIoHandler.newFactory();
        }

        @Override
        SocketChannel newSocket() {
            return new EpollSocketChannel();
        }

        @Override
        ServerChannel bind(final InetSocketAddress address) throws IOException {
            final Socket socket = Socket.newSocketStream();
            try {
                socket.setReuseAddress(true);
                socket.bind(address);
                socket.listen(BACKLOG);
                return new EpollServerSocketChannel(socket.intValue());
            } catch (final IOException e) {
                socket.close();
                throw e;
            }
        }

        @Override
        void closeSocket(final Channel channel) throws IOException {
            ((UnixChannel) channel).fd().close();
        }

        @Override
        void prepare(final SocketChannel channel, final TcpOptions options) {
            super.prepare(channel, options);
            set(channel, EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
            set(channel, EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_BYTES_MAX);
            set(channel, THIN_LINEAR_TIMEOUTS, 1);
            set(channel, RTO_MAX_MS, REPEAT_MS_MAX);
        }

        @Override
        void observe(final Channel channel, final LinkState link) {
            final EpollTcpInfo info;
            try {
                info = ((EpollSocketChannel) channel).tcpInfo();
            } catch (final ChannelException e) { // closed a moment ago
                LOG.debug("asking for the state of {}: {}", channel, e.toString());
                link.unknown();
                return;
            }
            link.known(info.unacked() > 0, info.retransmits() > 0, info.lastAckRecv() * 1_000_000, info.rtt() * 1_000);
        }
    },
    /** The selector of the JDK. */
    NIO {
        @Override
        IoHandlerFactory io() {
            return NioIoHandler.newFactory();
        }

        /** Netty waits for whole milliseconds here, and does not wait at all for less than half of one. */
        @Override
        long waitNsMin() {
            return 1_000_000;
        }

        @Override
        SocketChannel newSocket() throws IOException {
            return new NioConnection(null, java.nio.channels.SocketChannel.open());
        }

        @Override
        ServerChannel bind(final InetSocketAddress address) throws IOException {
            final ServerSocketChannel socket = ServerSocketChannel.open();
            try {
                socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                socket.bind(address, BACKLOG);
                return new NioListener(socket);
            } catch (final IOException e) {
                socket.close();
                throw e;
            }
        }

        @Override
        void closeSocket(final Channel channel) throws IOException {
            if (channel instanceof NioConnection connection) {
                connection.abandon();
            } else if (channel instanceof NioListener listener) {
                listener.abandon();
            }
        }
    };

    private static final Logger LOG = LoggerFactory.getLogger(SocketKind.class);
    private static final int BACKLOG = 128;

    // A backstop, longer than any pause of a live peer: it also ends the connection to one that does not read.
    private static final int USER_TIMEOUT_MS = 120_000;

    // The kernel takes no more than the link does and this. The rest waits here, where urgent frames pass it. The
    // kernel would otherwise take up to 4 MiB, which are 0.3 s of a link of 100 Mbit.
    private static final long UNSENT_BYTES_MAX = 128 << 10;

    // A stream of few packets repeats what is lost after equal pauses, not after pauses that double.
    private static final ChannelOption<Integer> THIN_LINEAR_TIMEOUTS =
            new IntegerUnixChannelOption("TCP_THIN_LINEAR_TIMEOUTS", 6, 16);

    // The longest pause before what is lost is repeated; since Linux 6.15, which takes no less than a second.
    private static final ChannelOption<Integer> RTO_MAX_MS = new IntegerUnixChannelOption("TCP_RTO_MAX_MS", 6, 44);
    private static final int REPEAT_MS_MAX = 1_000;

    static SocketKind best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    abstract IoHandlerFactory io();

    /** The shortest time that the event loop can wait, in ns. */
    long waitNsMin() {
        return 1;
    }

    /** A new socket, not connected. */
    abstract SocketChannel newSocket() throws IOException;

    /** A socket that listens already, on no event loop yet: the kernel accepts connections until the loop is there. */
    abstract ServerChannel bind(InetSocketAddress address) throws IOException;

    abstract void closeSocket(Channel channel) throws IOException;

    /** Sets the options of a socket that will be connected to a peer. */
    void prepare(final SocketChannel channel, final TcpOptions options) {
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        channel.config().setConnectTimeoutMillis(0); // our own timer covers the handshake as well
        // Netty's signals of a slow peer are not used here and would cost time.
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(Integer.MAX_VALUE, Integer.MAX_VALUE));
    }

    /** Reads what the kernel knows of a connection, if it tells. */
    void observe(final Channel channel, final LinkState link) {
        link.unknown();
    }

    /** Sets an option that the kernel may not have: it helps, and nothing depends on it. */
    static <T> void set(final Channel channel, final ChannelOption<T> option, final T value) {
        try {
            channel.config().setOption(option, value);
        } catch (final ChannelException e) {
            LOG.debug("{} is not set: {}", option, e.toString());
        }
    }

    /** Closes the socket under a channel whose event loop does not run any more. */
    void abandon(final Channel channel) {
        try {
            closeSocket(channel);
        } catch (final IOException e) {
            LOG.debug("closing {}: {}", channel, e.toString());
        }
    }

    private static final class NioListener extends NioServerSocketChannel {
        NioListener(final ServerSocketChannel socket) {
            super(socket);
        }

        @Override
        protected int doReadMessages(final List<Object> accepted) throws Exception {
            final java.nio.channels.SocketChannel socket = javaChannel().accept();
            if (socket == null) {
                return 0;
            }
            accepted.add(new NioConnection(this, socket));
            return 1;
        }

        void abandon() throws IOException {
            javaChannel().close();
        }
    }

    private static final class NioConnection extends NioSocketChannel {
        NioConnection(final Channel parent, final java.nio.channels.SocketChannel socket) {
            super(parent, socket);
        }

        void abandon() throws IOException {
            javaChannel().close();
        }
    }
}
