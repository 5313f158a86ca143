/**
 * The rules that every run is held to: what disks hold, what replicas send, what is executed and answered.
 *
 * <p>Inside of the simulator, not for users: it may change with any version. Users
 * catch {@link io.paxos.testkit.sim.rules.InvariantViolation}. May see the core, {@code sim.disk}, {@code sim.net}, {@code
 * sim.schedule}, {@code sim.value} and Agrona.
 */
package io.paxos.testkit.sim.rules;
