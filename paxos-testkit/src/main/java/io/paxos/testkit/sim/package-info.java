/**
 * A deterministic cluster in one thread: production replicas, a simulated network, disk and clock, and rules that are
 * checked after every step. One seed gives one run, byte for byte.
 *
 * <p>Users call this package: {@link io.paxos.testkit.sim.Setup}, {@link io.paxos.testkit.sim.SimCluster}, {@link
 * io.paxos.testkit.sim.Schedule}, {@link io.paxos.testkit.sim.Simulation} and {@link io.paxos.testkit.sim.Diagrams}.
 * Its sub-packages are internal to the simulator.
 *
 * <p>Free of any test framework. May see the core, {@code io.paxos.testkit.trace} and Agrona.
 */
package io.paxos.testkit.sim;
