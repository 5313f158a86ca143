package io.paxos.transport.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.paxos.transport.wire.FrameReader;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The frames that wait to be written to one peer, in two lanes: urgent frames pass data while the socket is behind.
 *
 * <p>A lane is two halves off the heap, one is filled while the other is sent. Two halves instead of a ring: each write
 * is one piece of memory, and begins where the last one began, in the cache. A half grows as needed and never shrinks.
 * The halves of the data lane together hold at most the bound. They are given to the socket in chunks of whole frames,
 * and before each chunk come all urgent frames. So an urgent frame waits for one chunk at most, whatever is queued.
 *
 * <p>While the socket takes everything at once, all frames are in the data lane, in order, and cost one write.
 */
final class SendBuffer {
    private static final int HALF_BYTES_INITIAL = 64 << 10;
    private static final int CHUNK_BYTES = 64 << 10; // longer by less than one frame
    private static final int URGENT_BYTES_MAX = 64 << 10; // of one half: a thousand frames; more of them are data

    private final int halfBytesMax;

    private Half filling = new Half(0); // committed frames, in order
    private Half sending = new Half(0); // its reference count is 2 while Netty holds it, else 1
    private int taken; // bytes of sending that were taken, 0..sending.length
    private int framesTaken; // frames of sending that were taken
    private Half urgentFilling = new Half(0); // as filling, of the urgent lane
    private Half urgentSending = new Half(0); // was taken whole
    private Half reservedIn = filling; // filling or urgentFilling: that of the last frame
    private Half last = sending; // sending or urgentSending: what was taken last
    private int lastFrames; // of what was taken last
    private long queuedBytes; // of all frames that were committed to the data lane; never falls

    SendBuffer(final int bytesMax) {
        halfBytesMax = bytesMax / 2;
    }

    /** Room for {@code length} bytes at {@link #offset}; null if full. */
    UnsafeBuffer reserve(final int length) {
        filling = withRoom(filling, length, halfBytesMax);
        return reserved(filling, length, halfBytesMax);
    }

    /** The same for a frame that may pass the others. */
    UnsafeBuffer reserveUrgent(final int length) {
        if (isSettled() && length() + sending.length - taken <= CHUNK_BYTES) {
            return reserve(length);
        }
        if (urgentFilling.length + length > URGENT_BYTES_MAX) {
            return reserve(length);
        }
        urgentFilling = withRoom(urgentFilling, length, URGENT_BYTES_MAX);
        return reserved(urgentFilling, length, URGENT_BYTES_MAX);
    }

    private static Half withRoom(final Half half, final int length, final int bytesMax) {
        final long needed = (long) half.length + length;
        return needed > half.capacity() && needed <= bytesMax
                ? half.grown((int) Math.min(bytesMax, Math.max(needed * 2, HALF_BYTES_INITIAL)))
                : half;
    }

    private UnsafeBuffer reserved(final Half half, final int length, final int bytesMax) {
        reservedIn = half;
        half.reserved = length;
        return (long) half.length + length > bytesMax ? null : half.view;
    }

    int offset() {
        return reservedIn.length;
    }

    void commit() {
        reservedIn.length += reservedIn.reserved;
        reservedIn.frames++;
        if (reservedIn == filling) {
            queuedBytes += reservedIn.reserved;
        }
    }

    /** The bytes of data that were committed behind those that are being sent. */
    int length() {
        return filling.length;
    }

    /** How many bytes were committed to the data lane so far. */
    long queuedBytes() {
        return queuedBytes;
    }

    /** How many of {@link #queuedBytes} the socket has not taken yet. */
    int waitingBytes() {
        return filling.length + sending.length - taken + (sending.isFree() ? 0 : sending.bytes.readableBytes());
    }

    boolean isEmpty() {
        return filling.length == 0 && urgentFilling.length == 0 && taken == sending.length;
    }

    /** Whether the socket has taken everything that was taken here. */
    boolean isSettled() {
        return sending.isFree() && urgentSending.isFree();
    }

    /**
     * The next frames to be written: the urgent ones, or a chunk of data. The caller writes and releases them. Only
     * when settled and not empty.
     */
    ByteBuf take() {
        if (urgentFilling.length > 0) {
            final Half full = urgentFilling;
            urgentFilling = urgentSending.emptied();
            urgentSending = full;
            reservedIn = filling;
            last = full;
            lastFrames = full.frames;
            return full.slice(0, full.length);
        }
        if (taken == sending.length) {
            final Half full = filling;
            filling = sending.emptied();
            sending = full;
            taken = 0;
            framesTaken = 0;
            reservedIn = filling;
        }
        last = sending;
        return takeChunk();
    }

    private ByteBuf takeChunk() {
        final int begin = taken;
        final int before = framesTaken;
        if (sending.length - begin <= CHUNK_BYTES) {
            taken = sending.length;
            framesTaken = sending.frames;
        } else {
            while (taken - begin < CHUNK_BYTES && taken < sending.length) {
                taken += FrameReader.declaredLength(sending.view, taken);
                framesTaken++;
            }
        }
        lastFrames = framesTaken - before;
        return sending.slice(begin, taken);
    }

    /** How many frames were taken last. */
    int takenFrames() {
        return lastFrames;
    }

    /** How far the socket is in what was taken last, in bytes. Changes if and only if the peer takes something. */
    int progress() {
        return isSettled() ? last.length : last.bytes.readerIndex();
    }

    /** Drops everything and frees the memory. Returns how many frames the socket has not taken completely. */
    int release() {
        final int lost =
                filling.frames + urgentFilling.frames + sending.frames - framesTaken + (isSettled() ? 0 : lastFrames);
        filling.release();
        sending.release();
        urgentFilling.release();
        urgentSending.release();
        filling = new Half(0);
        sending = new Half(0);
        urgentFilling = new Half(0);
        urgentSending = new Half(0);
        taken = 0;
        framesTaken = 0;
        reservedIn = filling;
        last = sending;
        return lost;
    }

    private static final class Half {
        final ByteBuf bytes; // null if the capacity is 0
        final UnsafeBuffer view; // of all of bytes; null with it
        int length; // of the committed frames
        int reserved; // length of the frame behind them that is being written
        int frames; // committed

        Half(final int capacity) {
            bytes = capacity == 0 ? null : UnpooledByteBufAllocator.DEFAULT.directBuffer(capacity, capacity);
            view = capacity == 0 ? null : new UnsafeBuffer(bytes.nioBuffer(0, capacity));
        }

        int capacity() {
            return bytes == null ? 0 : bytes.capacity();
        }

        boolean isFree() {
            return bytes == null || bytes.refCnt() == 1;
        }

        Half emptied() {
            length = 0;
            frames = 0;
            return this;
        }

        ByteBuf slice(final int begin, final int end) {
            return bytes.setIndex(begin, end).retain();
        }

        Half grown(final int capacity) {
            final Half half = new Half(capacity);
            if (length > 0) {
                half.view.putBytes(0, view, 0, length);
            }
            half.length = length;
            half.frames = frames;
            release();
            return half;
        }

        void release() {
            if (bytes != null) {
                bytes.release();
            }
        }
    }
}
