package io.paxos.log.snapshot;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/**
 * The bytes of a snapshot on their way from the thread that has them to the thread that writes them, in chunks.
 *
 * <p>Example: {@link #ROOM_CHUNKS} is 8. The caller has filled five chunks and half of a sixth. Two are written, and
 * one is being written. So three and a half are held, and there is room for four and a half.
 */
final class SnapshotChunks {
    static final int ROOM_CHUNKS = 8;

    /** Filled, and not yet taken. Guarded by this. */
    private final Deque<ByteBuffer> full = new ArrayDeque<>();

    /** Empty, at most {@link #ROOM_CHUNKS}. Guarded by this. */
    private final Deque<ByteBuffer> free = new ArrayDeque<>();

    /** The bytes in chunks that are full, or taken and not yet given back. Guarded by this. */
    private long heldBytes;

    /** Whether the last chunk is in {@code full} or was taken. Guarded by this. */
    private boolean isComplete;

    /** Whether nothing is taken any more. Guarded by this. */
    private boolean isAbandoned;

    /** Whether the writer does not rest any more. Never false again. */
    private volatile boolean isHurried;

    /** What the caller fills now. Null if it is to begin a chunk. Owned by the caller's thread. */
    private ByteBuffer filling;

    /** How many bytes should be added at most before the writer has caught up. The caller's thread. */
    long room() {
        final long room = (long) ROOM_CHUNKS * SnapshotFileFormat.CHUNK_BYTES - fillingLength();
        synchronized (this) {
            return room - heldBytes;
        }
    }

    /** Copies bytes. The caller's thread. */
    void add(final DirectBuffer buffer, final int offset, final int length) {
        buffer.boundsCheck(offset, length);
        int at = offset;
        while (at < offset + length && begin()) {
            final int part = Math.min(filling.remaining(), offset + length - at);
            buffer.getBytes(at, filling, part);
            at += part;
            if (!filling.hasRemaining()) {
                end(false);
            }
        }
    }

    /** No bytes follow. The caller's thread. */
    void complete() {
        end(true);
    }

    /** Drops everything. Any thread. */
    synchronized void abandon() {
        isAbandoned = true;
        full.clear();
        free.clear();
        notifyAll();
    }

    /** Waits for the next chunk, ready to be sealed. Null behind the last one, and after {@link #abandon}. */
    synchronized ByteBuffer take() throws InterruptedException {
        while (full.isEmpty() && !isComplete && !isAbandoned) {
            wait();
        }
        return full.poll();
    }

    /** From now on there are no rests. Any thread. */
    void hurry() {
        if (!isHurried) {
            synchronized (this) {
                isHurried = true;
                notifyAll();
            }
        }
    }

    /** Waits for so long, or until {@link #abandon} or {@link #hurry}. */
    synchronized void rest(final long durationNs) throws InterruptedException {
        final long endNs = System.nanoTime() + durationNs;
        long leftNs = durationNs;
        while (leftNs > 0 && !isAbandoned && !isHurried) {
            TimeUnit.NANOSECONDS.timedWait(this, leftNs);
            leftNs = endNs - System.nanoTime();
        }
    }

    /** Takes back a chunk that was written. */
    synchronized void giveBack(final ByteBuffer chunk) {
        heldBytes -= chunk.limit() - SnapshotFileFormat.CHUNK_HEADER_BYTES;
        if (!isAbandoned && free.size() < ROOM_CHUNKS) {
            free.add(chunk);
        }
    }

    /** Whether there is a chunk to be filled. */
    private boolean begin() {
        if (filling == null) {
            synchronized (this) {
                if (isAbandoned) {
                    return false;
                }
                filling = free.poll();
            }
            if (filling == null) {
                filling = SnapshotFileFormat.newChunk();
            }
            filling.clear().position(SnapshotFileFormat.CHUNK_HEADER_BYTES);
        }
        return true;
    }

    private synchronized void end(final boolean isLast) {
        if (filling != null && !isAbandoned) {
            heldBytes += fillingLength();
            full.add(filling.flip());
        }
        filling = null;
        isComplete |= isLast;
        notifyAll();
    }

    private int fillingLength() {
        return filling == null ? 0 : filling.position() - SnapshotFileFormat.CHUNK_HEADER_BYTES;
    }
}
