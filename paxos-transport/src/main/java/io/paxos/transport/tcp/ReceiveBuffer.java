package io.paxos.transport.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The bytes that one connection has received and nobody has consumed: Netty reads straight into it, frames are heard
 * straight out of it, and a frame that is still incomplete just stays where it is. Bounded; no allocation once grown.
 *
 * <p>Netty asks for a buffer per read and releases it afterwards: it gets this one each time, counted once more.
 */
final class ReceiveBuffer implements RecvByteBufAllocator {
    private ByteBuf bytes;
    private UnsafeBuffer view;
    private int start; // of what is not consumed yet; its end is the writer index
    private boolean released;

    ReceiveBuffer(final int capacity) {
        allocate(capacity);
    }

    private void allocate(final int capacity) {
        bytes = UnpooledByteBufAllocator.DEFAULT.directBuffer(capacity, capacity);
        view = new UnsafeBuffer(bytes.nioBuffer(0, capacity));
    }

    DirectBuffer view() {
        return view;
    }

    int offset() {
        return start;
    }

    int length() {
        return bytes.writerIndex() - start;
    }

    void consume(final int length) {
        start += length;
    }

    boolean isFull() {
        return length() == bytes.capacity();
    }

    /** Makes it at least so large that {@code capacity} unconsumed bytes have room. */
    void ensureCapacity(final int capacity) {
        if (capacity <= bytes.capacity()) {
            return;
        }
        final ByteBuf old = bytes;
        final UnsafeBuffer oldView = view;
        final int length = length();
        allocate(capacity);
        view.putBytes(0, oldView, start, length);
        bytes.writerIndex(length);
        start = 0;
        old.release();
    }

    /** Moves what is left to the front when the space behind it is less than a quarter: rarely much, rarely often. */
    private void compact() {
        final int length = length();
        if (length == 0) {
            start = 0;
            bytes.writerIndex(0);
        } else if (start > 0 && bytes.writableBytes() < bytes.capacity() / 4) {
            view.putBytes(0, view, start, length);
            start = 0;
            bytes.writerIndex(length);
        }
    }

    /** Frees the memory, once; a read under way keeps it until its end. */
    void release() {
        if (!released) {
            released = true;
            bytes.release();
        }
    }

    @Override
    public ExtendedHandle newHandle() {
        return new ReadHandle();
    }

    /** One read per turn of the loop: what is left shows up in the next turn, after the others. */
    private final class ReadHandle implements ExtendedHandle {
        private int attempted;
        private int last;

        @Override
        public ByteBuf allocate(final ByteBufAllocator ignored) {
            compact();
            return bytes.retain();
        }

        @Override
        public int guess() {
            return bytes.capacity();
        }

        @Override
        public void reset(final ChannelConfig config) {
            last = 0;
        }

        @Override
        public void incMessagesRead(final int numMessages) {}

        @Override
        public void lastBytesRead(final int count) {
            last = count;
        }

        @Override
        public int lastBytesRead() {
            return last;
        }

        @Override
        public void attemptedBytesRead(final int count) {
            attempted = count;
        }

        @Override
        public int attemptedBytesRead() {
            return attempted;
        }

        @Override
        public boolean continueReading() {
            return false;
        }

        @Override
        public boolean continueReading(final UncheckedBooleanSupplier maybeMoreData) {
            return false;
        }

        @Override
        public void readComplete() {}
    }
}
