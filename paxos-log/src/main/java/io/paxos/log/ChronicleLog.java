package io.paxos.log;

import io.paxos.log.segment.LogDirectory;
import io.paxos.log.segment.LogFailure;
import io.paxos.log.segment.LogSettings;
import io.paxos.log.segment.OpeningFailure;
import io.paxos.log.segment.RecordReader;
import io.paxos.log.segment.RecordWriter;
import io.paxos.log.segment.SlotIndex;
import io.paxos.log.segment.StorageException;
import io.paxos.log.snapshot.SnapshotFiles;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.SnapshotStore;
import java.io.IOException;
import java.nio.file.Path;
import org.agrona.DirectBuffer;

/**
 * The durable memory of one acceptor, in the files of one directory.
 *
 * <p>One thread, the replica's, calls everything but {@link #close}. Another thread may have opened the log.
 * {@link #sync} writes what was appended since the last call, and has a thread of the log force it; it does not wait
 * for the force. Appending makes a file itself only if a segment is full before that thread has made the next one.
 * Positions count records. Appending allocates nothing.
 *
 * <p>Opening reads every record once and checks its CRC. A loss of power may tear records that were written but not yet
 * forced. If nothing shows that such a record was ever durable, it is dropped, with everything behind it, and a warning
 * is logged. Any other damage refuses the log: nothing is repaired or cut in silence.
 *
 * <p>After a failed force, records may be in the page cache only, and later forces leave them out. So opening copies
 * the segments with records beyond the last known force, and forces the copies: mostly one segment after a crash, and
 * none after {@link #close}.
 *
 * <p>One loss cannot be noticed: a disk acknowledges records in the last second before a crash, forgets them, and keeps
 * nothing that was written after them.
 */
public final class ChronicleLog implements AcceptorLog {
    private final Path path;
    private final LogSettings settings;
    private final Durability durability;
    private final LogDirectory directory;
    private final SlotIndex index;
    private final LogFailure failure;
    private final FailStop failStop;
    private final RecordWriter writer;
    private final RecordReader reader;
    private final SnapshotFiles snapshots;

    /** Every record below this sequence was given to the flusher; at most {@code writer.nextSequence()}. */
    private long synced;

    ChronicleLog(
            final LogSettings settings,
            final Durability durability,
            final LogDirectory directory,
            final LogFailure failure,
            final RecordWriter writer,
            final RecordReader reader,
            final SnapshotFiles snapshots) {
        this.settings = settings;
        this.durability = durability;
        this.directory = directory;
        this.failure = failure;
        this.writer = writer;
        path = settings.directory();
        failStop = new FailStop(path, settings.segmentBytes(), failure);
        index = directory.index();
        this.reader = reader;
        this.snapshots = snapshots;
        synced = writer.nextSequence();
    }

    /**
     * Opens a log whose replies wait for the disk, with the default sizes. It belongs to the replica, and to the
     * cluster, that it is first given to; no other can use it later.
     *
     * @see ChronicleLogBuilder#open for the errors
     */
    public static ChronicleLog open(final Path directory) {
        return builder(directory).open();
    }

    /** Begins to describe a log that belongs to the replica, and to the cluster, that it is first given to. */
    public static ChronicleLogBuilder builder(final Path directory) {
        return new ChronicleLogBuilder(directory, 0, 0);
    }

    /**
     * Opens a log whose replies wait for the disk, with the default sizes.
     *
     * @param clusterId the cluster that the log belongs to
     * @param replicaId the replica that the log belongs to, 1..65535
     * @see ChronicleLogBuilder#open for the errors
     */
    public static ChronicleLog open(final Path directory, final long clusterId, final int replicaId) {
        return builder(directory, clusterId, replicaId).open();
    }

    /**
     * Begins to describe the log of one replica of one cluster. Another replica or cluster cannot open it later.
     *
     * @param directory created at opening if need be
     * @param clusterId any number that no other cluster of yours has; 0: that of the replica
     * @param replicaId 1..65535; 0: that of the replica
     */
    public static ChronicleLogBuilder builder(final Path directory, final long clusterId, final int replicaId) {
        return new ChronicleLogBuilder(directory, clusterId, replicaId);
    }

    /** A random number that this directory got when it was first opened. A different number means a different disk. */
    @Override
    public long storageId() {
        return directory.identity().storageId();
    }

    @Override
    public long openingId(final int openedAs) {
        return directory.openingId(openedAs);
    }

    @Override
    public byte[] notes() {
        failStop.check();
        try {
            return directory.notes();
        } catch (IOException e) {
            throw new LogException(OpeningFailure.explained(path, e));
        }
    }

    @Override
    public void putNotes(final byte[] notes) {
        if (notes.length > NOTES_LENGTH_MAX) {
            throw new IllegalArgumentException("notes of " + notes.length + " bytes exceed " + NOTES_LENGTH_MAX);
        }
        failStop.check();
        try {
            writer.putNotes(notes);
        } catch (IOException | RuntimeException | Error e) {
            throw failStop.failed(e);
        }
    }

    /** Files beside the records, written and forced by a thread of their own. */
    @Override
    public SnapshotStore snapshots() {
        return snapshots;
    }

    /** How often records were forced to disk since the opening. Any thread. */
    public long forces() {
        return writer.flusher().forces();
    }

    @Override
    public int replica() {
        return settings.replicaId() != 0
                ? settings.replicaId()
                : directory.identity().replicaId();
    }

    @Override
    public long clusterId() {
        return settings.clusterId() != 0
                ? settings.clusterId()
                : directory.identity().clusterId();
    }

    @Override
    public int incarnation() {
        return directory.incarnation();
    }

    @Override
    public long promised() {
        return index.promised();
    }

    @Override
    public long promised(final long slot) {
        return index.promised(slot);
    }

    @Override
    public long firstSlot() {
        return index.firstSlot();
    }

    @Override
    public long lastSlot() {
        return index.lastSlot();
    }

    @Override
    public long chosenThrough() {
        return index.chosenThrough();
    }

    @Override
    public long acceptedBallot(final long slot) {
        return index.acceptedBallot(slot);
    }

    /**
     * Reads the value last accepted in a slot, durable or not.
     *
     * <p>The reader gets a view of the log's memory, which is empty once the call returns. It copies what it needs, and
     * meanwhile reads no other slot and appends nothing. The CRC is checked each time that the file is read. A value
     * that was accepted lately is in memory, whether it is written or not.
     *
     * @throws LogException if the record is damaged or the disk cannot read it. The log goes on, and other slots can be
     *     read.
     */
    @Override
    public ReadResult read(final long slot, final ValueReader valueReader) {
        failStop.check();
        final long place = index.place(slot);
        if (place == 0) {
            return slot < index.firstSlot() ? ReadResult.TRIMMED : ReadResult.ABSENT;
        }
        if (writer.isInMemory(place)) {
            reader.readMemory(slot, writer.memory(), writer.memoryAt(place), valueReader);
            return ReadResult.FOUND;
        }
        try {
            reader.read(slot, place, writer.written(place), valueReader);
        } catch (StorageException e) {
            throw new LogException(e);
        }
        return ReadResult.FOUND;
    }

    /**
     * Gives up segments that hold no higher slot. A thread of the log deletes them, once their end is durable.
     *
     * @throws IllegalArgumentException if {@code throughSlot} is the highest number there is
     */
    @Override
    public void trim(final long throughSlot) {
        if (throughSlot == Long.MAX_VALUE) {
            throw new IllegalArgumentException("throughSlot=" + throughSlot);
        }
        failStop.check();
        writer.trim(throughSlot);
    }

    /** The highest slot of the segments that could be given up. All higher slots keep their records. */
    @Override
    public long trimPoint(final long throughSlot, final long keepBytes) {
        return Math.max(index.firstSlot() - 1, writer.trimPoint(throughSlot, keepBytes));
    }

    /** The longest segment. */
    @Override
    public long pieceBytes() {
        return settings.segmentBytes();
    }

    /** What the segments take. The one that is made ahead does not count, nor do those that were given up. */
    @Override
    public long bytes() {
        return writer.bytes();
    }

    /** Space that was set aside is left then, a few MiB. Once the file system has space again, it is not full. */
    @Override
    public boolean isFull() {
        return writer.isFull();
    }

    /** Not while the file system is full, and what was set aside is used up. {@link #sync} tries again. */
    @Override
    public boolean hasRoomFor(final int valueLength) {
        failStop.check();
        try {
            return writer.hasRoomFor(valueLength);
        } catch (IOException | RuntimeException | Error e) {
            throw failStop.failed(e);
        }
    }

    @Override
    public void promise(final long ballot) {
        if (ballot <= 0 || ballot < index.promised()) {
            throw new IllegalArgumentException(
                    "a promise never falls: promised=" + index.promised() + " ballot=" + ballot);
        }
        requireAppendable();
        try {
            writer.promise(ballot);
        } catch (IOException | RuntimeException | Error e) {
            throw failStop.failed(e);
        }
    }

    @Override
    public void promise(final long ballot, final long slot) {
        requireSlot(slot);
        if (ballot <= 0 || ballot < index.promised(slot)) {
            throw new IllegalArgumentException(
                    "a promise never falls: promised=" + index.promised(slot) + " ballot=" + ballot + " slot=" + slot);
        }
        requireAppendable();
        try {
            writer.promise(ballot, slot);
        } catch (IOException | RuntimeException | Error e) {
            throw failStop.failed(e);
        }
    }

    @Override
    public void accept(
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        requireSlot(slot);
        if (ballot <= 0) {
            throw new IllegalArgumentException("ballot=" + ballot);
        }
        if (length > settings.valueLengthMax()) {
            throw new IllegalArgumentException(
                    "a value of " + length + " bytes exceeds valueLengthMax=" + settings.valueLengthMax());
        }
        value.boundsCheck(offset, length);
        requireAppendable();
        try {
            writer.accept(ballot, slot, chosenThrough, value, offset, length);
        } catch (IOException | RuntimeException | Error e) {
            throw failStop.failed(e);
        }
    }

    /** The sequence of the next record. */
    @Override
    public long appendedPosition() {
        return writer.nextSequence();
    }

    /**
     * With {@link Durability#SYNC} what was forced, with {@link Durability#REPLICATED} what {@link #sync} has written.
     */
    @Override
    public long durablePosition() {
        failStop.check();
        return durability == Durability.SYNC ? writer.flusher().forced() : synced;
    }

    @Override
    public int sync() {
        failStop.check();
        final long appended = writer.nextSequence();
        assert synced <= appended : "synced=" + synced + " appended=" + appended;
        if (synced == appended) {
            return 0;
        }
        if (!flush()) {
            return 0;
        }
        synced = appended;
        writer.requestForce();
        return 1;
    }

    @Override
    public void onDurable(final Runnable wakeup) {
        writer.flusher().onForced(wakeup);
    }

    @Override
    public int valueLengthMax() {
        return settings.valueLengthMax();
    }

    @Override
    public String durability() {
        return durability.word();
    }

    /** @throws LogException if the log has failed and no call has reported it yet; everything is released anyway */
    @Override
    public void close() {
        if (!failStop.close()) {
            return;
        }
        release(snapshots);
        final boolean wasReported = failure.isReported();
        if (!failure.hasHappened()) {
            try {
                writer.flush(); // or it finds no space: then nobody was told of what is lost
            } catch (IOException | RuntimeException | Error e) {
                final LogException unused = failStop.failed(e); // thrown below, when everything is released
            }
        }
        release(writer);
        release(reader);
        release(directory);
        if (!wasReported && failure.hasHappened()) {
            throw failStop.stopped();
        }
    }

    private void release(final AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception | Error e) {
            failure.record("closing " + path + " failed (" + e.getMessage() + "): check the disk", e);
        }
    }

    private void requireAppendable() {
        failStop.check();
        reader.requireNoReader();
    }

    private boolean flush() {
        try {
            return writer.flush();
        } catch (IOException | RuntimeException | Error e) {
            throw failStop.failed(e);
        }
    }

    private void requireSlot(final long slot) {
        if (slot < index.firstSlot()) {
            throw new IllegalArgumentException("slot=" + slot + " is below the first slot, " + index.firstSlot());
        }
    }
}
