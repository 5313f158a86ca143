package io.paxos;

/**
 * The state of one {@link SynodReplica}, at one moment of the recent past.
 *
 * @param id of this member
 * @param clusterId the cluster that it belongs to; 0 while it has none
 * @param waiting why it does not take part yet, in one line: its first start waits for others; null once it does
 * @param members how many vote
 * @param durability what the log calls durable: {@code sync} or {@code replicated}
 * @param pendingDecrees how many proposals wait for their decree here
 * @param knownDecrees how many decided decrees this member knows and has not forgotten
 * @param isStopped whether it was closed, or a fault has stopped it
 * @param fault why it has stopped; null if it runs or was closed
 */
public record SynodStatus(
        int id,
        long clusterId,
        String waiting,
        int members,
        String durability,
        int pendingDecrees,
        int knownDecrees,
        boolean isStopped,
        Throwable fault) {}
