package io.paxos.log.snapshot;

import io.paxos.log.segment.Disk;
import io.paxos.log.segment.LogDirectory;
import io.paxos.log.segment.OpeningFailure;
import io.paxos.spi.SnapshotStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one snapshot, on a thread of its own that ends with it.
 *
 * <p>The snapshot exists from the rename on, and is durable after the force of the directory. The older ones are
 * deleted after that. Their blocks are given back when the snapshot counts already. Whatever fails before that force
 * deletes everything of the snapshot. A snapshot that is received and given up keeps its {@code .part} file instead.
 *
 * <p>What was written is forced every MiB. One force of it all at the end could hold up those of the log. For the same
 * reason the thread rests behind each of these forces, see {@link SnapshotPace}, and gives blocks back in slices. It
 * does not rest while it writes a snapshot that is received: the receiver asks for no more than it may.
 */
final class SnapshotFileWriter implements SnapshotStore.Output {
    private static final long DELETED_BYTES = 4 << 20; // at a time
    private static final Logger LOGGER = LoggerFactory.getLogger(SnapshotFileWriter.class);

    private final SnapshotFiles files;
    private final LogDirectory directory;
    private final Disk disk;
    private final long slot;
    private final Path file;
    private final UnfinishedSnapshot unfinished;
    private final Runnable wakeup;
    private final Thread thread;
    private final SnapshotChunks chunks = new SnapshotChunks();
    private final SnapshotPace pace;

    /** The writer before this one, which may still delete its file. Null once its thread has ended. */
    private SnapshotFileWriter before;

    /** Never goes back. Written under the lock of this. */
    private volatile State state;

    /** How many chunks were there before. Set before the state WRITING, and never else. */
    private volatile long resumedChunks;

    /** The bytes that were written. Owned by the caller's thread. */
    private long writtenBytes;

    /** Whether there may be a file of this snapshot to delete. Owned by the thread. */
    private boolean hasUnfinished;

    /** Whether it ended because the caller has given it up, and for no other reason. Owned by the thread. */
    private boolean isGivenUp;

    /** Whether it may have its name. Owned by the thread. */
    private boolean hasName;

    /** Set before the state FAILED, and never else. */
    private volatile String failure;

    /** Whether the caller has given the snapshot up. Never true together with {@code isDurable}. Guarded by this. */
    private boolean isAbandoned;

    /** Whether the snapshot is durable under its name, and can no longer be given up. Guarded by this. */
    private boolean isDurable;

    SnapshotFileWriter(
            final SnapshotFiles files,
            final LogDirectory directory,
            final Disk disk,
            final long slot,
            final UnfinishedSnapshot unfinished,
            final String threadName,
            final SnapshotFileWriter before,
            final Runnable wakeup) {
        this.files = files;
        this.directory = directory;
        this.disk = disk;
        this.slot = slot;
        this.before = before;
        this.wakeup = wakeup;
        file = files.file(slot);
        this.unfinished = unfinished;
        pace = files.newPace();
        state = unfinished.isResumable() ? State.RESUMING : State.WRITING;
        thread = new Thread(this::run, threadName);
        thread.setDaemon(true);
    }

    void start() {
        try {
            thread.start();
        } catch (OutOfMemoryError e) { // no more threads
            fail(e);
        }
    }

    @Override
    public long room() {
        return state == State.RESUMING ? 0 : chunks.room();
    }

    @Override
    public long length() {
        return state == State.RESUMING ? -1 : resumedChunks * SnapshotFileFormat.CHUNK_BYTES + writtenBytes;
    }

    @Override
    public void write(final DirectBuffer buffer, final int offset, final int length) {
        requireWriting();
        chunks.add(buffer, offset, length);
        writtenBytes += length;
    }

    @Override
    public void finish() {
        requireWriting();
        synchronized (this) {
            if (state == State.WRITING) {
                state = State.FINISHING;
            }
        }
        chunks.complete();
    }

    @Override
    public void hurry() {
        chunks.hurry();
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public String failure() {
        return failure;
    }

    @Override
    public void abandon() {
        synchronized (this) {
            if (isDurable || state == State.FAILED) {
                return;
            }
            isAbandoned = true;
        }
        chunks.abandon();
    }

    /** Whether the caller can begin another one. */
    synchronized boolean isOver() {
        return isAbandoned || isDurable || state == State.FAILED;
    }

    /** Waits until nothing is done any more. An interrupt is kept for the caller. */
    void join() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        if (before != null) {
            before.join();
            before = null;
        }
        try {
            directory.create(files.directory(), disk);
            files.sweep(unfinished);
            write();
            publish();
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            fail(e);
            return;
        }
        final List<FileChannel> unnamed = deleteSuperfluous();
        become(State.DURABLE);
        giveBack(unnamed);
    }

    private void write() throws IOException, InterruptedException {
        hasUnfinished = true;
        try (UnfinishedSnapshot open = unfinished) {
            open.open();
            if (open.isResumable()) {
                resume();
            }
            long length = resumedChunks * SnapshotFileFormat.CHUNK_BYTES;
            long number = resumedChunks;
            for (ByteBuffer chunk = chunks.take(); chunk != null; chunk = chunks.take()) {
                length += chunk.limit() - SnapshotFileFormat.CHUNK_HEADER_BYTES;
                requireSpace(chunk.limit());
                final boolean isForced = write(open, chunk, number);
                number++;
                chunks.giveBack(chunk);
                wakeup.run();
                if (isForced && !open.isResumable()) {
                    chunks.rest(pace.restNs());
                }
            }
            requireWanted();
            open.finish(length);
        }
    }

    private boolean write(final UnfinishedSnapshot open, final ByteBuffer chunk, final long number) throws IOException {
        final long beginNs = System.nanoTime();
        final boolean isForced = open.write(chunk, number);
        pace.worked(System.nanoTime() - beginNs);
        return isForced;
    }

    private void resume() throws IOException {
        final ByteBuffer chunk = SnapshotFileFormat.newChunk();
        long sound = 0;
        while (unfinished.hasChunk(sound, chunk)) {
            requireWanted();
            sound++;
        }
        unfinished.resume(sound);
        resumedChunks = sound;
        become(State.WRITING);
    }

    private void publish() throws IOException {
        requireWanted();
        directory.requireOwned();
        disk.rename(unfinished.path(), file);
        hasName = true;
        disk.forceDirectory(files.directory());
        synchronized (this) {
            requireWanted();
            isDurable = true;
        }
        files.kept().add(slot);
        files.ended(unfinished);
    }

    /** Space is for records first: a snapshot fails before it takes the last of it. */
    private void requireSpace(final int bytes) throws IOException {
        final long usable = disk.usableBytes(unfinished.path());
        if (usable > 0 && usable < files.reservedBytes() + bytes) {
            throw new SnapshotFileException("the file system has " + usable + " bytes left, and the log keeps "
                    + files.reservedBytes() + " of them for its records: free disk space");
        }
    }

    private synchronized void requireWanted() throws IOException {
        if (isAbandoned) {
            isGivenUp = true;
            throw new SnapshotFileException("it was given up");
        }
    }

    /**
     * Deletes the names of all that need not be kept. Returns the files that still have their blocks, because they are
     * open here. After a crash the file system gives these blocks back by itself.
     */
    private List<FileChannel> deleteSuperfluous() {
        files.deleteUselessPart();
        final List<FileChannel> unnamed = new ArrayList<>();
        for (final long superfluous : files.kept().superfluous()) {
            if (!files.kept().retire(superfluous)) {
                continue; // is being read since a moment ago
            }
            final Path old = files.file(superfluous);
            FileChannel channel = null;
            try {
                channel = FileChannel.open(old, StandardOpenOption.WRITE);
                disk.delete(old);
                unnamed.add(channel);
            } catch (IOException | RuntimeException e) {
                CloseHelper.quietClose(channel);
                files.kept().add(superfluous);
                LOGGER.warn(
                        "{} is not needed any more and cannot be deleted ({}); the next snapshot deletes it",
                        old,
                        e.getMessage());
            } finally {
                files.kept().gone(superfluous);
            }
        }
        return unnamed;
    }

    /** Gives blocks back, a slice at a time, because the file system holds up forces meanwhile. */
    private void giveBack(final List<FileChannel> unnamed) {
        try {
            for (final FileChannel channel : unnamed) {
                for (long left = channel.size() - DELETED_BYTES; left > 0; left -= DELETED_BYTES) {
                    final long beginNs = System.nanoTime();
                    channel.truncate(left);
                    pace.worked(System.nanoTime() - beginNs);
                    chunks.rest(pace.restNs());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the thread ends; closing gives back the rest
        } catch (IOException e) {
            LOGGER.warn(
                    "blocks of an old snapshot in {} cannot be given back ({}): check the disk",
                    files.directory(),
                    e.getMessage());
        } finally {
            CloseHelper.quietCloseAll(unnamed);
        }
    }

    private void fail(final Throwable cause) {
        chunks.abandon();
        final String what = "the snapshot of slot " + slot + " cannot be written to " + files.directory();
        final String why = cause instanceof SnapshotFileException
                ? what + ": " + cause.getMessage()
                : OpeningFailure.explained(what, files.directory(), cause).getMessage();
        failure = why + ". The log goes on, and older snapshots stay" + deleteAll();
        become(State.FAILED);
    }

    /** Deletes what must not stay of this snapshot. Returns what cannot be deleted, as the end of a message. */
    private String deleteAll() {
        final boolean isKept = isGivenUp && unfinished.isResumable();
        if (!isKept) {
            files.ended(unfinished);
        }
        try {
            if (hasUnfinished && !isKept) {
                directory.requireOwned();
                disk.delete(unfinished.path());
            }
            if (hasName) {
                disk.delete(file);
                files.kept().remove(slot); // a damaged one that was replaced
            }
            return "";
        } catch (IOException | RuntimeException e) {
            return "; what was written cannot be deleted either (" + e.getMessage() + ")";
        }
    }

    private void become(final State next) {
        synchronized (this) {
            state = next;
        }
        wakeup.run();
    }

    private void requireWriting() {
        if (state == State.FINISHING || state == State.DURABLE) {
            throw new IllegalStateException("the snapshot of slot " + slot + " is finished");
        }
        if (state == State.RESUMING) {
            throw new IllegalStateException("the snapshot of slot " + slot + " does not take bytes yet: it is resumed");
        }
    }
}
