package io.paxos.log;

import io.paxos.log.segment.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** A disk whose operations fail or wait, but only those of the thread that writes a snapshot. */
final class SnapshotDisk extends Disk {
    private static final String THREAD = "paxos-snapshot-" + Logs.REPLICA;

    /** What the thread has done since {@link #failFrom}. Guarded by this. */
    private final List<String> steps = new ArrayList<>();

    private int failFrom = Integer.MAX_VALUE;
    private int failThrough = Integer.MAX_VALUE;
    private volatile String reason = "Input/output error (injected)";
    private volatile long usableBytes = Long.MAX_VALUE;

    /** A permit for each write. Null if writes do not wait. */
    private volatile Semaphore writes;

    /** The operations {@code first} to {@code last} from now on fail. The next one is 0. */
    synchronized void fail(final int first, final int last) {
        steps.clear();
        failFrom = first;
        failThrough = last;
    }

    void reason(final String newReason) {
        reason = newReason;
    }

    void usableBytes(final long newUsableBytes) {
        usableBytes = newUsableBytes;
    }

    /** Writes wait until {@link #thaw} has let this many of them go on. */
    void freeze() {
        writes = new Semaphore(0);
    }

    void thaw(final int count) {
        writes.release(count);
    }

    synchronized List<String> steps() {
        return List.copyOf(steps);
    }

    static boolean isWritten() {
        return Thread.currentThread().getName().equals(THREAD);
    }

    @Override
    public void write(final FileChannel channel, final ByteBuffer bytes, final long position) throws IOException {
        if (isWritten() && writes != null) {
            writes.acquireUninterruptibly();
        }
        if (isToFail("write")) {
            final ByteBuffer half = bytes.duplicate().limit(bytes.position() + bytes.remaining() / 2);
            super.write(channel, half, position);
            throw new IOException(reason);
        }
        super.write(channel, bytes, position);
    }

    @Override
    public void force(final Path file, final FileChannel channel, final boolean metaData) throws IOException {
        require("force");
        super.force(file, channel, metaData);
    }

    @Override
    public void forceDirectory(final Path directory) throws IOException {
        require("force directory");
        super.forceDirectory(directory);
    }

    @Override
    public void rename(final Path from, final Path to) throws IOException {
        require("rename");
        super.rename(from, to);
    }

    @Override
    public void delete(final Path file) throws IOException {
        require("delete");
        super.delete(file);
    }

    @Override
    public long usableBytes(final Path file) {
        return isWritten() ? Math.min(usableBytes, super.usableBytes(file)) : super.usableBytes(file);
    }

    private void require(final String step) throws IOException {
        if (isToFail(step)) {
            throw new IOException(reason);
        }
    }

    private synchronized boolean isToFail(final String step) {
        if (!isWritten()) {
            return false;
        }
        final int number = steps.size();
        steps.add(step);
        return number >= failFrom && number <= failThrough;
    }
}
