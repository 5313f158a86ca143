/**
 * The contract of a log: {@link io.paxos.testkit.contract.log.AcceptorLogContract}. It compares a log with {@link
 * io.paxos.testkit.memory.LogState} after every step. Imports as in {@link io.paxos.testkit.contract}.
 */
package io.paxos.testkit.contract.log;
