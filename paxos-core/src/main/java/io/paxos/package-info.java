/**
 * All that a user imports to run a replica: {@link io.paxos.Replica}, {@link io.paxos.SynodReplica}, and the values
 * that they take and give.
 *
 * <p>What a user implements is in {@code io.paxos.statemachine}; what a log or a transport implements is in {@code
 * io.paxos.spi}.
 */
package io.paxos;
