package io.paxos.log.segment;

import java.nio.file.Path;

/**
 * What an open log was asked for; the builder of the log documents each setting.
 *
 * @param directory absolute and normalized
 * @param clusterId 0 if not given
 * @param replicaId 1..65535, or 0 if not given
 * @param epoch the epoch of the configuration, >= 1, written into each record
 * @param segmentBytes the longest segment; at least {@link SegmentWriter#segmentBytesMin} for the longest record
 * @param forceDelayNs how long a record may wait in the page cache; 0 if replies wait for the disk
 * @param watermarkIntervalNs how long the watermark may lag behind what is durable
 */
public record LogSettings(
        Path directory,
        long clusterId,
        int replicaId,
        int epoch,
        int segmentBytes,
        int valueLengthMax,
        long forceDelayNs,
        long watermarkIntervalNs,
        Disk disk) {
    private static final int REPLICA_ID_MAX = 0xFFFF;
    private static final int SEGMENT_BYTES_MAX = 1 << 30;

    public LogSettings {
        require(replicaId >= 0 && replicaId <= REPLICA_ID_MAX, "a replica id is 1..65535: " + replicaId);
        require(epoch >= 1, "an epoch is positive: " + epoch);
        require(valueLengthMax >= 1, "valueLengthMax must be positive: " + valueLengthMax);
        require(segmentBytes <= SEGMENT_BYTES_MAX, "segmentBytes is at most 1 GiB: " + segmentBytes);
        final long least = SegmentWriter.segmentBytesMin((long) valueLengthMax + Frame.HEADER_BYTES + 3);
        require(
                segmentBytes >= least,
                "segmentBytes=" + segmentBytes + " is too small for valueLengthMax=" + valueLengthMax + ": at least "
                        + least);
    }

    private static void require(final boolean holds, final String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
