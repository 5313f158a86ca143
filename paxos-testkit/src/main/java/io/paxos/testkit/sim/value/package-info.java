/**
 * The commands of the simulator, and small numbers that stand for whole values.
 *
 * <p>Inside of the simulator, not for users: it may change with any version. May see Agrona.
 */
package io.paxos.testkit.sim.value;
