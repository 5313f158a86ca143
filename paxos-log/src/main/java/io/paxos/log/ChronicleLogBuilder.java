package io.paxos.log;

import io.paxos.log.segment.DirectMemory;
import io.paxos.log.segment.Disk;
import io.paxos.log.segment.JvmAccess;
import io.paxos.log.segment.LogDirectory;
import io.paxos.log.segment.LogFailure;
import io.paxos.log.segment.LogSettings;
import io.paxos.log.segment.OpeningFailure;
import io.paxos.log.segment.RecordReader;
import io.paxos.log.segment.RecordWriter;
import io.paxos.log.segment.Reserve;
import io.paxos.log.snapshot.SnapshotFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;

/** What a log is opened with. Everything but what {@link ChronicleLog#builder} takes has a default. */
public final class ChronicleLogBuilder {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final Path directory;
    private final long clusterId;
    private final int replicaId;
    private int epoch = 1;
    private Durability durability = Durability.SYNC;
    private int segmentBytes = 64 << 20;
    private int valueLengthMax = (1 << 20) + (64 << 10);
    private long forceIntervalNs = SECOND_NS;
    private long watermarkIntervalNs = SECOND_NS;
    private Disk disk = new Disk();

    ChronicleLogBuilder(final Path directory, final long clusterId, final int replicaId) {
        this.directory = directory.toAbsolutePath().normalize();
        this.clusterId = clusterId;
        this.replicaId = replicaId;
    }

    /** What the log means by durable; {@link Durability#SYNC} unless given. */
    public ChronicleLogBuilder durability(final Durability value) {
        durability = value;
        return this;
    }

    /**
     * With {@link Durability#REPLICATED}, how long a record may wait before it is forced: 1 s unless given. A loss of
     * power on all machines at once can cost what was written in that time. {@link Durability#SYNC} ignores it.
     */
    public ChronicleLogBuilder forceIntervalNs(final long value) {
        if (value < 1) {
            throw new IllegalArgumentException("forceIntervalNs must be positive: " + value);
        }
        forceIntervalNs = value;
        return this;
    }

    /**
     * The longest file, in bytes: 64 MiB unless given, at most 1 GiB, at least about four values. The first file of an
     * opening has 16 MiB if that is less, and each following one is twice as long. Disk space is taken as it is needed.
     */
    public ChronicleLogBuilder segmentBytes(final int value) {
        segmentBytes = value;
        return this;
    }

    /** The longest value, in bytes: 1 MiB and 64 KiB unless given. Longer values written before can still be read. */
    public ChronicleLogBuilder valueLengthMax(final int value) {
        valueLengthMax = value;
        return this;
    }

    /** The epoch of the configuration, written into each record: 1 unless given, never less than 1. */
    public ChronicleLogBuilder epoch(final int value) {
        epoch = value;
        return this;
    }

    /** For tests: a disk that fails. */
    ChronicleLogBuilder disk(final Disk value) {
        disk = value;
        return this;
    }

    /** For tests: how long the watermark may lag. */
    ChronicleLogBuilder watermarkIntervalNs(final long value) {
        watermarkIntervalNs = value;
        return this;
    }

    /**
     * Opens the log: locks the directory, reads and checks every record, and makes a first record of this opening
     * durable. Takes about a second for each GB of records.
     *
     * @throws LogException if the JVM lacks a flag, or the directory is in use, belongs to another cluster or replica,
     *     has a format that this build does not read, cannot be read or written, or has lost or altered records that
     *     were durable. The message says what to do.
     * @throws IllegalArgumentException if the settings do not fit together
     */
    public ChronicleLog open() {
        final LogSettings settings = settings();
        final boolean isInterrupted = Thread.interrupted(); // an interrupt closes file channels
        try {
            JvmAccess.require();
            return openWithReserve(settings);
        } catch (IOException | InternalError e) { // an InternalError is a page that the disk cannot read or write
            throw new LogException(OpeningFailure.explained(settings.directory(), e));
        } catch (OutOfMemoryError e) {
            throw new LogException(DirectMemory.exhausted("cannot open the log in " + settings.directory(), e));
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A full file system is no obstacle to opening if an earlier opening has set space aside. */
    private ChronicleLog openWithReserve(final LogSettings settings) throws IOException {
        try {
            return openRecords(settings);
        } catch (IOException e) {
            if (!disk.isFull(directory, e) || !Reserve.giveBack(settings.directory())) {
                throw e;
            }
            return openRecords(settings);
        }
    }

    private ChronicleLog openRecords(final LogSettings settings) throws IOException {
        final LogDirectory opened = LogDirectory.open(settings);
        RecordReader reader = null;
        try {
            reader = new RecordReader(opened);
            final LogFailure failure = new LogFailure();
            final int replica = replicaId != 0 ? replicaId : opened.identity().replicaId();
            final SnapshotFiles snapshots =
                    SnapshotFiles.open(opened, settings.disk(), replica, settings.segmentBytes());
            final RecordWriter writer = new RecordWriter(settings, opened, failure);
            snapshots.paceBy(writer.flusher()::requestedBytes);
            return new ChronicleLog(settings, durability, opened, failure, writer, reader, snapshots);
        } catch (IOException | RuntimeException | Error e) {
            CloseHelper.quietCloseAll(reader, opened);
            throw e;
        }
    }

    private LogSettings settings() {
        return new LogSettings(
                directory,
                clusterId,
                replicaId,
                epoch,
                segmentBytes,
                valueLengthMax,
                durability == Durability.SYNC ? 0 : forceIntervalNs,
                watermarkIntervalNs,
                disk);
    }
}
