package io.paxos.log;

/** Whose log this is; the storage id is a random number minted when the directory was first opened. */
record Identity(long clusterId, int replicaId, long storageId) {}
