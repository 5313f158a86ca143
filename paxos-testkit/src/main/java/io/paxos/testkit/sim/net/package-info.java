/**
 * The network of the simulator: packets, the faults of links, and the transport of one life of a member.
 *
 * <p>Internal to the simulator, not for users: it can change in any version. Users reach {@link
 * io.paxos.testkit.sim.net.SimNetwork} and its packets through a cluster. May see the spi, ballots, the wire format,
 * {@code sim.schedule}, {@code sim.value} and Agrona.
 */
package io.paxos.testkit.sim.net;
