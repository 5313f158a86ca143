/**
 * The runtime of a replica, not for users. They use {@code io.paxos.Replica} and {@code io.paxos.SynodReplica}.
 *
 * <p>May change in any release. The Javadoc leaves it out.
 */
package io.paxos.replica;
