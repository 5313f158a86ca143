/**
 * Snapshots on their way from one replica to another that lacks what was trimmed. Not for users.
 *
 * <p>May see {@code io.paxos.spi}, the configuration in {@code io.paxos.protocol}, and Agrona.
 */
package io.paxos.transfer;
