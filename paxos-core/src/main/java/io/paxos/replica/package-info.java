/**
 * The runtime of a replica, not for users: {@code io.paxos.Replica} and {@code io.paxos.SynodReplica} stand before it.
 *
 * <p>May change in any release. The Javadoc leaves it out.
 */
package io.paxos.replica;
