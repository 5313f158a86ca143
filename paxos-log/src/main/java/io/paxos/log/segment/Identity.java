package io.paxos.log.segment;

/**
 * The owner of a log.
 *
 * @param storageId a random number that was drawn when the directory was first opened
 */
public record Identity(long clusterId, int replicaId, long storageId) {}
