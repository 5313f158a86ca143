package io.paxos.examples.udp;

import io.paxos.spi.Transport;
import io.paxos.testkit.contract.transport.TransportCapabilities;
import io.paxos.testkit.contract.transport.TransportContract;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

class UdpTransportTest extends TransportContract {
    private final Map<Integer, InetSocketAddress> addresses = new ConcurrentHashMap<>();

    @Override
    protected Transport open(final int self, final Set<Integer> members) {
        members.forEach(member -> addresses.computeIfAbsent(member, id -> freeAddress()));
        return new UdpTransport(self, addresses);
    }

    @Override
    protected TransportCapabilities capabilities() {
        return TransportCapabilities.datagrams(UdpTransport.VALUE_LENGTH_MAX).pollOvershoot(0);
    }

    private static InetSocketAddress freeAddress() {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        } catch (final SocketException e) {
            throw new AssertionError(e);
        }
    }
}
