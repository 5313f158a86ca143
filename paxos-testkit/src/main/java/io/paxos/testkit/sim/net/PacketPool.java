package io.paxos.testkit.sim.net;

import java.util.ArrayList;
import java.util.List;

/** Packets that are not under way. */
public final class PacketPool {
    private final List<Packet> free = new ArrayList<>();

    public Packet take() {
        return free.isEmpty() ? new Packet() : free.remove(free.size() - 1);
    }

    public void give(final Packet packet) {
        free.add(packet);
    }
}
