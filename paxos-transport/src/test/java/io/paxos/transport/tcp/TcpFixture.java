package io.paxos.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ResourceLeakDetector;
import io.paxos.spi.Messages;
import io.paxos.transport.wire.ReceivedMessages;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** Some transports on loopback, all driven by the thread of the test. */
final class TcpFixture implements AutoCloseable {
    static final long PATIENCE_NS = 20_000_000_000L;

    static {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    final Map<Integer, InetSocketAddress> addresses = new HashMap<>();
    final Map<Integer, TcpTransport> transports = new HashMap<>();
    final Map<Integer, ReceivedMessages> received = new HashMap<>();

    private final SocketKind kind;

    TcpFixture(final SocketKind kind, final int replicas) {
        this.kind = kind;
        for (int id = 1; id <= replicas; id++) {
            addresses.put(id, anotherAddress());
        }
    }

    /** What is free now may be given out twice. */
    private InetSocketAddress anotherAddress() {
        InetSocketAddress address = freeAddress();
        while (addresses.containsValue(address)) {
            address = freeAddress();
        }
        return address;
    }

    /** Of buffers that are allocated from now on. */
    static void detectLeaks(final ResourceLeakDetector.Level level) {
        ResourceLeakDetector.setLevel(level);
    }

    static InetSocketAddress freeAddress() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
    }

    TcpTransport open(final int self) {
        return open(self, UnaryOperator.identity());
    }

    TcpTransport open(final int self, final UnaryOperator<TcpTransportBuilder> change) {
        final TcpTransportBuilder builder =
                TcpTransport.builder(self).addresses(addresses).seed(self);
        if (kind == SocketKind.NIO) {
            builder.withoutEpoll();
        }
        final TcpTransport transport = change.apply(builder).open();
        transports.put(self, transport);
        received.put(self, new ReceivedMessages());
        return transport;
    }

    /** Opens all, and drives them until each is connected to each. */
    TcpFixture connected() {
        addresses.keySet().forEach(this::open);
        until(() -> transports.values().stream()
                .allMatch(transport -> transport.stats().connectedPeers() == addresses.size() - 1));
        return this;
    }

    Messages sender(final int from, final int to) {
        return transports.get(from).to(to);
    }

    int received(final int replica) {
        return received.get(replica).count();
    }

    /** One turn of everybody's cycle; waits a little if nothing happened. */
    void turn() {
        int work = 0;
        for (final Map.Entry<Integer, TcpTransport> entry : transports.entrySet()) {
            work += entry.getValue().poll(received.get(entry.getKey()), 100);
            work += entry.getValue().flush();
        }
        if (work == 0) {
            transports.values().iterator().next().await(1_000_000);
        }
    }

    /** Turns until the condition holds. */
    void until(final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("came true in time").isLessThan(deadlineNs);
            turn();
        }
    }

    /** A plain socket to a replica, connected. */
    Socket rawSocket(final int replica) throws IOException {
        final InetSocketAddress address = addresses.get(replica);
        final Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** A plain channel to a replica, connected and not blocking. */
    SocketChannel rawChannel(final int replica) throws IOException {
        final SocketChannel channel = SocketChannel.open(addresses.get(replica));
        channel.configureBlocking(false);
        return channel;
    }

    void close(final int replica) {
        transports.remove(replica).close();
    }

    @Override
    public void close() {
        transports.values().forEach(TcpTransport::close);
    }
}
