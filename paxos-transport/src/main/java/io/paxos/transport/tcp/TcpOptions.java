package io.paxos.transport.tcp;

import io.netty.channel.ServerChannel;
import io.paxos.spi.Clock;
import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.FrameLayout;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * The settings of a transport, checked in the constructor.
 *
 * @param addresses where each replica listens, the own one included
 * @param sendBufferBytes how many bytes may wait for one peer
 * @param valueLengthMax the longest value, in bytes
 * @param handshakeTimeoutNs how long a new connection may take until its handshake is complete
 * @param silenceTimeoutNs how long a peer may acknowledge nothing of what is sent to it
 * @param stallTimeoutNs how long a peer may take no byte of what is being written to it
 * @param seed of the random part of the pauses between two attempts to connect
 */
record TcpOptions(
        FrameIdentity identity,
        Map<Integer, InetSocketAddress> addresses,
        int sendBufferBytes,
        int valueLengthMax,
        SocketKind kind,
        Clock clock,
        long handshakeTimeoutNs,
        long silenceTimeoutNs,
        long stallTimeoutNs,
        long seed) {
    private static final int PORT_MAX = 65_535;

    TcpOptions {
        if (addresses == null || addresses.isEmpty()) {
            throw new IllegalArgumentException("addresses must be given: where each replica listens, by its id");
        }
        if (clock == null) {
            throw new IllegalArgumentException("clock must not be null");
        }
        checkPositive("handshakeTimeoutNs", handshakeTimeoutNs);
        checkPositive("silenceTimeoutNs", silenceTimeoutNs);
        checkPositive("stallTimeoutNs", stallTimeoutNs);
        checkPositive("valueLengthMax", valueLengthMax);
        addresses.forEach(TcpOptions::checkAddress);
        addresses = Map.copyOf(addresses);
        final int self = identity.self();
        final Map<InetSocketAddress, Integer> owners = new HashMap<>();
        for (final Map.Entry<Integer, InetSocketAddress> entry : addresses.entrySet()) {
            final int replica = entry.getKey();
            final InetSocketAddress address = entry.getValue();
            if (replica != self && address.getAddress().isAnyLocalAddress()) {
                throw new IllegalArgumentException("address of replica " + replica + " is " + text(address)
                        + ", to which nothing can connect; give an address of its machine");
            }
            final Integer other = owners.put(address, replica);
            if (other != null) {
                throw new IllegalArgumentException("replicas " + Math.min(replica, other) + " and "
                        + Math.max(replica, other) + " have the same address " + text(address));
            }
        }
        if (!addresses.containsKey(self)) {
            throw new IllegalArgumentException(
                    "replica " + self + " is not among the addresses, which are of " + addresses.keySet());
        }
        final long frameBytes = 1L + FrameLayout.frameLengthMax(0) + valueLengthMax;
        if (sendBufferBytes / 2 < frameBytes) {
            throw new IllegalArgumentException("sendBufferBytes " + sendBufferBytes
                    + " is less than twice the longest frame; with valueLengthMax " + valueLengthMax + " it takes "
                    + frameBytes * 2);
        }
    }

    private static void checkPositive(final String name, final long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " " + value + " is not positive");
        }
    }

    private static void checkAddress(final Integer replica, final InetSocketAddress address) {
        if (replica == null || address == null) {
            throw new IllegalArgumentException("replica " + replica + " has the address " + address
                    + "; neither an id nor an address may be null");
        }
        if (replica < 1 || replica > FrameIdentity.REPLICA_ID_MAX) {
            throw new IllegalArgumentException(
                    "replica id " + replica + " is not in 1.." + FrameIdentity.REPLICA_ID_MAX);
        }
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(
                    "host of replica " + replica + " is unknown: " + address.getHostString());
        }
        if (address.getPort() < 1) {
            throw new IllegalArgumentException(
                    "port " + address.getPort() + " of replica " + replica + " is not in 1.." + PORT_MAX);
        }
    }

    private InetSocketAddress ownAddress() {
        return addresses.get(identity.self());
    }

    /**
     * Listens on the own address.
     *
     * @throws BindFailedException if it is in use or not of this machine
     */
    ServerChannel bind() {
        try {
            return kind.bind(ownAddress());
        } catch (final IOException e) {
            throw BindFailedException.of(ownAddress(), e);
        }
    }

    boolean isPeer(final int replica) {
        return replica != identity.self() && addresses.containsKey(replica);
    }

    /** Without the slash that Java puts before an address. */
    static String text(final InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }
}
