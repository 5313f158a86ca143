package io.paxos.testkit.sim;

import java.util.ArrayList;
import java.util.List;

/** Packets that are not on their way. */
final class PacketPool {
    private final List<Packet> free = new ArrayList<>();

    Packet take() {
        return free.isEmpty() ? new Packet() : free.remove(free.size() - 1);
    }

    void give(final Packet packet) {
        free.add(packet);
    }
}
