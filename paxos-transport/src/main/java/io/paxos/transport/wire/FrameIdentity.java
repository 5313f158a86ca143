package io.paxos.transport.wire;

/**
 * Who speaks, and in which conversation: the part of the header that is the same in every frame of one transport.
 *
 * @param clusterId names the cluster; two clusters on one network need two ids
 * @param groupId which Paxos group of the cluster
 * @param epoch which configuration of the group
 * @param self the replica id of the speaker, 1..65535
 */
public record FrameIdentity(long clusterId, int groupId, int epoch, int self) {
    /** The largest replica id. */
    public static final int REPLICA_ID_MAX = 65_535;

    public FrameIdentity {
        if (self < 1 || self > REPLICA_ID_MAX) {
            throw new IllegalArgumentException("replica id " + self + " is not in 1.." + REPLICA_ID_MAX);
        }
    }
}
