package io.paxos.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.queue.ExcerptAppender;

/** A disk whose forces freeze, and whose operations fail from a chosen one on. */
public final class FaultyDisk extends Disk {
    private static final int FROZEN_MAX_S = 10;

    private final AtomicInteger operations = new AtomicInteger();
    private volatile int failFrom = Integer.MAX_VALUE;
    private volatile boolean forcesFail;
    private volatile boolean preparedForcesFail;
    private volatile boolean forcesFault;
    private volatile boolean zerosFail;
    private volatile boolean writesFail;
    private volatile boolean isFull;
    private volatile Runnable onZero = () -> {};
    private volatile CountDownLatch thawed = new CountDownLatch(0);
    private volatile CountDownLatch reached = new CountDownLatch(0);

    /** From now on a force of a segment by the flusher does not return before {@link #thaw}. */
    public void freeze() {
        thawed = new CountDownLatch(1);
        reached = new CountDownLatch(1);
    }

    public void awaitFrozenForce() throws InterruptedException {
        reached.await();
    }

    public void thaw() {
        thawed.countDown();
    }

    /** Every operation fails from this one on. Operations count from 1. */
    public void failFrom(final int operation) {
        failFrom = operation;
    }

    public void failForces() {
        forcesFail = true;
    }

    /** Only the operations of a segment without appended records fail. */
    public void failForcesOfPrepared() {
        preparedForcesFail = true;
    }

    public void faultForces() {
        forcesFault = true;
    }

    public void failZeros() {
        zerosFail = true;
    }

    /** Runs this before zeros are written, except for the first zeros of a file. */
    public void beforeZero(final Runnable newOnZero) {
        onZero = newOnZero;
    }

    public void failWrites() {
        writesFail = true;
    }

    /** From now on nothing finds space, whatever is given back. Half of each write is on disk all the same. */
    public void fillUp() {
        isFull = true;
    }

    /** The watermark is written again and again in the same place, so it needs no space. */
    private static boolean isInPlace(final FileChannel channel, final int length, final long position)
            throws IOException {
        return channel.size() < 64 << 10 && position + length <= channel.size();
    }

    /** There is space again. */
    public void freeUp() {
        isFull = false;
    }

    @Override
    public long usableBytes(final Path file) {
        return isFull ? 1 : super.usableBytes(file);
    }

    public int operations() {
        return operations.get();
    }

    @Override
    public void force(final Path file, final FileChannel channel, final boolean metaData) throws IOException {
        count();
        if (file.toString().endsWith(Layout.SEGMENT_SUFFIX)
                && Thread.currentThread().getName().equals("paxos-log-flusher")) {
            reached.countDown();
            try {
                if (!thawed.await(FROZEN_MAX_S, TimeUnit.SECONDS)) {
                    thaw(); // a failed test must not hang when it closes the log
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        if (forcesFail || (preparedForcesFail && file.toString().endsWith(Layout.PREPARED_SUFFIX))) {
            throw new IOException("Input/output error (injected)");
        }
        if (forcesFault) {
            throw new InternalError("a fault occurred (injected)");
        }
        super.force(file, channel, metaData);
    }

    @Override
    public void forceDirectory(final Path directory) throws IOException {
        count();
        super.forceDirectory(directory);
    }

    @Override
    public void write(final FileChannel channel, final ByteBuffer bytes, final long position) throws IOException {
        count();
        if (writesFail) {
            final ByteBuffer half = bytes.duplicate().limit(bytes.position() + bytes.remaining() / 2);
            super.write(channel, half, position);
            throw new IOException("Input/output error (injected)");
        }
        if (isFull && !isInPlace(channel, bytes.remaining(), position)) {
            final ByteBuffer half = bytes.duplicate().limit(bytes.position() + bytes.remaining() / 2);
            super.write(channel, half, position);
            throw new IOException("No space left on device (injected)");
        }
        super.write(channel, bytes, position);
    }

    @Override
    public void zero(final FileChannel channel, final int fromByte, final int limitByte) throws IOException {
        count();
        if (zerosFail || isFull) {
            throw new IOException("No space left on device (injected)");
        }
        if (fromByte > 0) {
            onZero.run();
        }
        new Disk().zero(channel, fromByte, limitByte); // one operation, of however many pages
    }

    @Override
    public void append(final ExcerptAppender appender, final BytesStore<?, ?> frame) {
        if (operations.incrementAndGet() >= failFrom) {
            throw new InternalError("a fault occurred in an unsafe memory access (injected)");
        }
        super.append(appender, frame);
    }

    private void count() throws IOException {
        if (operations.incrementAndGet() >= failFrom) {
            throw new IOException("Input/output error (injected)");
        }
    }
}
