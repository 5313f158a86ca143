package io.paxos.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;

/** Collects what a {@link ChronicleLog} needs to know, and opens it. */
public final class ChronicleLogBuilder {
    private static final int SEGMENT_BYTES = 64 << 20;
    private static final int SEGMENT_BYTES_MAX = 1 << 30;
    private static final int VALUE_LENGTH_MAX = (1 << 20) + (64 << 10);
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final Layout layout;
    private long clusterId;
    private int replicaId;
    private Durability durability = Durability.SYNC;
    private int segmentBytes = SEGMENT_BYTES;
    private int valueLengthMax = VALUE_LENGTH_MAX;
    private Disk disk = new Disk();
    private long forceIntervalNs = SECOND_NS;
    private long watermarkIntervalNs = SECOND_NS;

    ChronicleLogBuilder(final Path directory) {
        layout = new Layout(directory.toAbsolutePath().normalize());
    }

    /** The cluster whose log this is; a log of another cluster is refused. 0 unless set. */
    public ChronicleLogBuilder clusterId(final long newClusterId) {
        clusterId = newClusterId;
        return this;
    }

    /** The replica whose log this is, 1..65535; a log of another replica is refused. Must be set. */
    public ChronicleLogBuilder replicaId(final int newReplicaId) {
        if (newReplicaId < 1 || newReplicaId > 0xFFFF) {
            throw new IllegalArgumentException("a replica id is 1..65535: " + newReplicaId);
        }
        replicaId = newReplicaId;
        return this;
    }

    /** {@link Durability#SYNC} unless set. */
    public ChronicleLogBuilder durability(final Durability newDurability) {
        durability = newDurability;
        return this;
    }

    /**
     * With {@link Durability#REPLICATED}, how long what was written may wait before it is forced, which is what a loss of power
     * on all machines at once can cost: 1 s unless set. Linux alone writes it after some 30 s. Means nothing with {@link
     * Durability#SYNC}.
     */
    public ChronicleLogBuilder forceIntervalNs(final long newForceIntervalNs) {
        if (newForceIntervalNs < 1) {
            throw new IllegalArgumentException("forceIntervalNs must be positive: " + newForceIntervalNs);
        }
        forceIntervalNs = newForceIntervalNs;
        return this;
    }

    /**
     * How long a file becomes: 64 MiB unless set, at most 1 GiB, at least some four values. The first of an opening has 16 MiB
     * if that is less, each following one twice as much. Room on the disk is taken as it is needed.
     */
    public ChronicleLogBuilder segmentBytes(final int newSegmentBytes) {
        segmentBytes = newSegmentBytes;
        return this;
    }

    /** The longest value in bytes: 1 MiB and 64 KiB unless set. Longer values written before can still be read. */
    public ChronicleLogBuilder valueLengthMax(final int newValueLengthMax) {
        valueLengthMax = newValueLengthMax;
        return this;
    }

    /**
     * Opens the log: locks the directory, reads and checks every record, and makes a first record of this opening durable.
     * Takes about a second for each GB of records.
     *
     * @throws LogException if the JVM lacks a flag, the directory is in use, belongs to another cluster or replica, cannot be
     *     read or written, or has lost or altered records that were durable; the message says what to do
     * @throws IllegalArgumentException if the settings do not fit together
     */
    public ChronicleLog open() {
        JvmAccess.require();
        requireConsistent();
        final boolean interrupted = Thread.interrupted(); // an interrupt closes file channels
        try {
            Layout.create(layout.directory(), disk);
            return openLocked(DirectoryLock.acquire(layout.directory()));
        } catch (IOException | InternalError e) { // an InternalError is a page that the disk cannot read or write
            throw new LogException(
                    "cannot open the log in " + layout.directory() + " (" + e
                            + "): check the disk, its space and the permissions of the directory",
                    e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** For tests: a disk that fails. */
    ChronicleLogBuilder disk(final Disk newDisk) {
        disk = newDisk;
        return this;
    }

    /** For tests: how long the watermark may lag. */
    ChronicleLogBuilder watermarkIntervalNs(final long newIntervalNs) {
        watermarkIntervalNs = newIntervalNs;
        return this;
    }

    Layout layout() {
        return layout;
    }

    Durability durability() {
        return durability;
    }

    int segmentBytes() {
        return segmentBytes;
    }

    int valueLengthMax() {
        return valueLengthMax;
    }

    Disk disk() {
        return disk;
    }

    long watermarkIntervalNs() {
        return watermarkIntervalNs;
    }

    /** How long a record may wait in the page cache where nobody waits for the disk. */
    long forceDelayNs() {
        return durability == Durability.SYNC ? 0 : forceIntervalNs;
    }

    private void requireConsistent() {
        if (replicaId == 0) {
            throw new IllegalArgumentException("replicaId is not set");
        }
        if (valueLengthMax < 1 || segmentBytes > SEGMENT_BYTES_MAX) {
            throw new IllegalArgumentException("valueLengthMax=" + valueLengthMax + " segmentBytes=" + segmentBytes);
        }
        final long least = SegmentWriter.segmentBytesMin((long) valueLengthMax + Frame.HEADER_BYTES + 3);
        if (segmentBytes < least) {
            throw new IllegalArgumentException("segmentBytes=" + segmentBytes + " is too small for valueLengthMax="
                    + valueLengthMax + ": at least " + least);
        }
    }

    private ChronicleLog openLocked(final DirectoryLock lock) throws IOException {
        Watermark watermark = null;
        final SlotIndex index = new SlotIndex();
        final Segments segments = new Segments();
        try {
            watermark = openWatermark();
            final LogOpening recovery = new LogOpening(layout, watermark, index, disk);
            recovery.run();
            for (final Layout.Found found : recovery.segments()) {
                segments.add(found.number(), found.file());
            }
            final int incarnation = recovery.incarnation() + 1;
            layout.sweep();
            return new ChronicleLog(this, lock, watermark, index, segments, incarnation, recovery.nextSequence());
        } catch (IOException | RuntimeException | Error e) {
            CloseHelper.quietCloseAll(segments, index, watermark, lock);
            throw e;
        }
    }

    private Watermark openWatermark() throws IOException {
        final Path file = layout.directory().resolve(Watermark.FILE);
        if (!Files.exists(file)) {
            if (layout.lastIncarnation() > 0) {
                throw new LogException(
                        file + " is missing although the log was opened before, so nobody can tell whether records "
                                + "are missing too; restore the file, or let this replica rejoin as a new member");
            }
            final long storageId = new SecureRandom().nextLong();
            Watermark.create(layout.directory(), new Identity(clusterId, replicaId, storageId), disk);
        }
        final Watermark watermark = Watermark.open(layout.directory(), disk);
        final Identity found = watermark.identity();
        if (found.clusterId() != clusterId || found.replicaId() != replicaId) {
            watermark.close();
            throw new LogException("directory " + layout.directory() + " holds the log of replica " + found.replicaId()
                    + " of cluster " + found.clusterId() + ", not of replica " + replicaId + " of cluster " + clusterId
                    + "; choose the right directory");
        }
        return watermark;
    }
}
