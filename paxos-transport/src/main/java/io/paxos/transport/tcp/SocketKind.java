package io.paxos.transport.tcp;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
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
