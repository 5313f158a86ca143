/**
 * A deterministic cluster in one thread: production replicas, a simulated network, disk and clock, and rules that are
 * checked after every step. One seed gives one run, byte for byte.
 *
 * <p>Free of any test framework. May see the core, {@code io.paxos.testkit.trace} and Agrona.
 */
package io.paxos.testkit.sim;
