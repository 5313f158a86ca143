package io.paxos.log.segment;

/**
 * The cluster and replica that a log belongs to, and the number of its directory.
 *
 * @param clusterId 0 if none was given when the directory was first opened
 * @param replicaId 0 if none was given when the directory was first opened
 * @param storageId a random number that was drawn when the directory was first opened
 */
public record Identity(long clusterId, int replicaId, long storageId) {}
