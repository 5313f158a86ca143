package io.paxos.transport.tcp;

import io.paxos.spi.Clock;
import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.FrameLayout;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * What a transport is built from; wrong ones do not get past the constructor.
 *
 * @param addresses of every replica, the own included: where it listens
 * @param sendBufferBytes how much may wait for one peer
 * @param valueLengthMax the longest value, in bytes
 * @param handshakeTimeoutNs how long a connection may take, from dialling or accepting, until both sides know each other
 * @param stallTimeoutNs how long a peer may take nothing of what is being written to it
 * @param seed of the jitter with which peers are redialled
 */
record TcpOptions(
        FrameIdentity identity,
        Map<Integer, InetSocketAddress> addresses,
        int sendBufferBytes,
        int valueLengthMax,
        SocketKind kind,
        Clock clock,
        long handshakeTimeoutNs,
        long stallTimeoutNs,
        long seed) {
    private static final int PORT_MAX = 65_535;

    TcpOptions {
        addresses = Map.copyOf(addresses);
        final int self = identity.self();
        final Map<InetSocketAddress, Integer> owners = new HashMap<>();
        for (final Map.Entry<Integer, InetSocketAddress> entry : addresses.entrySet()) {
            final int replica = entry.getKey();
            final InetSocketAddress address = entry.getValue();
            checkAddress(replica, address);
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
        if (valueLengthMax < 1) {
            throw new IllegalArgumentException("valueLengthMax " + valueLengthMax + " is not positive");
        }
        final long frameBytes = 1L + FrameLayout.frameLengthMax(0) + valueLengthMax;
        if (sendBufferBytes / 2 < frameBytes) {
            throw new IllegalArgumentException("sendBufferBytes " + sendBufferBytes
                    + " is less than twice the longest frame; with valueLengthMax " + valueLengthMax + " it takes "
                    + frameBytes * 2);
        }
    }

    private static void checkAddress(final int replica, final InetSocketAddress address) {
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

    InetSocketAddress ownAddress() {
        return addresses.get(identity.self());
    }

    boolean isPeer(final int replica) {
        return replica != identity.self() && addresses.containsKey(replica);
    }

    /** Without the slash that Java puts before an address. */
    static String text(final InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }
}
