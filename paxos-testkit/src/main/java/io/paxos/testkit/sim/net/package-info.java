/**
 * The network of the simulator: packets, the faults of links, and the transport of one life of a member.
 *
 * <p>Inside of the simulator, not for users: it may change with any version. Users reach
 * {@link io.paxos.testkit.sim.net.SimNetwork} and its packets through a cluster. May see the spi, ballots, the wire format,
 * {@code sim.schedule}, {@code sim.value} and Agrona.
 */
package io.paxos.testkit.sim.net;
