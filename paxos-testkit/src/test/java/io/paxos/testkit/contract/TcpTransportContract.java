package io.paxos.testkit.contract;

import io.paxos.spi.Transport;
import io.paxos.transport.tcp.TcpTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** TCP between three ports of this machine: everything, as long as the connection stands. */
abstract class TcpTransportContract extends TransportContract {
    private static final int SEND_BUFFER_BYTES = 1 << 20;
    private static final int VALUE_LENGTH_MAX = 64 << 10;

    private final Map<Integer, InetSocketAddress> addresses = new HashMap<>();
    private final UnaryOperator<TcpTransport.Builder> kind;

    TcpTransportContract(final UnaryOperator<TcpTransport.Builder> kind) {
        this.kind = kind;
    }

    @Override
    protected synchronized Transport open(final int self, final Set<Integer> members) {
        for (final int member : members) {
            InetSocketAddress address = freeAddress();
            while (addresses.containsValue(address)) { // what is free now may be given out twice
                address = freeAddress();
            }
            addresses.putIfAbsent(member, address);
        }
        return kind.apply(TcpTransport.builder(self))
                .addresses(addresses)
                .sendBufferBytes(SEND_BUFFER_BYTES)
                .valueLengthMax(VALUE_LENGTH_MAX)
                .open();
    }

    @Override
    protected TransportCapabilities capabilities() {
        return TransportCapabilities.datagrams(VALUE_LENGTH_MAX)
                .inOrder()
                .withoutLoss(SEND_BUFFER_BYTES / 2)
                .withoutDuplicates()
                .pollOvershoot(0);
    }

    private static InetSocketAddress freeAddress() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(socket.getInetAddress(), socket.getLocalPort());
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
