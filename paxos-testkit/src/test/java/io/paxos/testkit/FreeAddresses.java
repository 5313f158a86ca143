package io.paxos.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;

/** Loopback addresses that are free. */
public final class FreeAddresses {
    private FreeAddresses() {}

    /** One for each replica, no two alike: what is free now may be given out twice. */
    public static Map<Integer, InetSocketAddress> of(final int... replicas) {
        final Map<Integer, InetSocketAddress> addresses = new HashMap<>();
        for (final int replica : replicas) {
            InetSocketAddress address = one();
            while (addresses.containsValue(address)) {
                address = one();
            }
            addresses.put(replica, address);
        }
        return addresses;
    }

    private static InetSocketAddress one() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(socket.getInetAddress(), socket.getLocalPort());
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
