/**
 * The commands of the simulator, and small numbers that stand for whole values.
 *
 * <p>Internal to the simulator, not for users: it can change in any version. May see Agrona.
 */
package io.paxos.testkit.sim.value;
