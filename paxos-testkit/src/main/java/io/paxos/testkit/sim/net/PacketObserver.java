package io.paxos.testkit.sim.net;

/** Observes packets and links. Each method ignores its event by default. */
public interface PacketObserver {
    /** Ignores every event. */
    PacketObserver NONE = new PacketObserver() {};

    /** A packet has left its sender. */
    default void sent(final Packet packet) {}

    /** The network carries a packet twice. */
    default void repeated(final Packet packet, final Packet copy) {}

    /** The receiver is about to get a packet. */
    default void received(final Packet packet) {}

    /** A packet is lost. Packets that were never sent are reported too; ignore them. */
    default void lost(final Packet packet, final String why) {}

    /** One direction of a link was cut, or mended. */
    default void link(final int from, final int to, final boolean isCut) {}
}
