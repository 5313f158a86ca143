package io.paxos.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.agrona.CloseHelper;

/** Finds free ports of the loopback address. Another process may take one before the library does, which then fails. */
public final class Ports {
    private Ports() {}

    /** So many different ports. */
    public static List<Integer> free(final int count) {
        final List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } catch (final IOException e) {
            throw new UncheckedIOException("no free port on the loopback address", e);
        } finally {
            CloseHelper.closeAll(held);
        }
    }
}
