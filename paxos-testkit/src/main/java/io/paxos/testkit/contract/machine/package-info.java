/**
 * The contract of a state machine: {@link io.paxos.testkit.contract.machine.StateMachineContract}. It runs the machine
 * in this JVM and in others. Imports as in {@link io.paxos.testkit.contract}.
 */
package io.paxos.testkit.contract.machine;
