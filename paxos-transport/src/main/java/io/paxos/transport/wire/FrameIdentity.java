package io.paxos.transport.wire;

/**
 * The sender, and the cluster, group and epoch it belongs to: what is the same in every frame of one transport.
 *
 * @param clusterId which cluster; two clusters on one network need two ids
 * @param groupId which Paxos group of the cluster
 * @param epoch which configuration of the group
 * @param self the replica id of the sender, 1..65535
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
