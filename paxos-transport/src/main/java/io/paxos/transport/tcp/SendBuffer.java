package io.paxos.transport.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The frames that wait to be written to one peer: two halves off the heap, one is filled while the other is sent.
 *
 * <p>Two halves instead of a ring: each write is one piece of memory, and begins where the last one began, in the
 * cache. A half grows as needed and never shrinks. Together they hold at most the bound.
 */
final class SendBuffer {
    private static final int HALF_BYTES_INITIAL = 64 << 10;

    private final int halfBytesMax;

    private Half filling = new Half(0); // committed frames, in order
    private Half sending = new Half(0); // its reference count is 2 while Netty holds it, else 1

    SendBuffer(final int bytesMax) {
        halfBytesMax = bytesMax / 2;
    }

    /** Room for {@code length} bytes at {@link #offset}; null if full. */
    UnsafeBuffer reserve(final int length) {
        final long needed = (long) filling.length + length;
        if (needed > halfBytesMax) {
            return null;
        }
        if (needed > filling.capacity()) {
            filling = filling.grown((int) Math.min(halfBytesMax, Math.max(needed * 2, HALF_BYTES_INITIAL)));
        }
        filling.reserved = length;
        return filling.view;
    }

    int offset() {
        return filling.length;
    }

    void commit() {
        filling.length += filling.reserved;
        filling.frames++;
    }

    boolean isEmpty() {
        return filling.length == 0;
    }

    /** Whether the socket has taken everything that was taken here. */
    boolean isSettled() {
        return sending.isFree();
    }

    /**
     * All frames that were committed, in order. The caller writes and releases them. Only when settled and not empty.
     */
    ByteBuf take() {
        final Half full = filling;
        filling = sending;
        filling.length = 0;
        filling.frames = 0;
        sending = full;
        return full.bytes.setIndex(0, full.length).retain();
    }

    /** How many frames were taken last. */
    int takenFrames() {
        return sending.frames;
    }

    /** How many bytes of those taken last the socket has taken. Changes if and only if the peer takes something. */
    int progress() {
        return isSettled() ? sending.length : sending.bytes.readerIndex();
    }

    /** Drops everything and frees the memory. Returns how many frames the socket has not taken completely. */
    int release() {
        final int lost = filling.frames + (isSettled() ? 0 : sending.frames);
        filling.release();
        sending.release();
        filling = new Half(0);
        sending = new Half(0);
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
