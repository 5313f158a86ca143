/**
 * The rules of every run: for records on disks, for messages, and for executed commands and their replies.
 *
 * <p>Internal to the simulator, not for users: it can change in any version. Users catch {@link
 * io.paxos.testkit.sim.rules.InvariantViolation}. May see the core, {@code sim.disk}, {@code sim.net}, {@code
 * sim.schedule}, {@code sim.value} and Agrona.
 */
package io.paxos.testkit.sim.rules;
