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
 * The bytes that one connection has received and that are not consumed yet. Netty reads straight into it, frames are
 * delivered straight out of it, and an incomplete frame stays where it is. Bounded; no allocation once grown.
 *
 * <p>Netty asks for a buffer for each read and releases it afterwards. It gets this one, with a count one higher.
 */
final class ReceiveBuffer implements RecvByteBufAllocator {
    private ByteBuf bytes; // its writer index is the end of what was received
    private UnsafeBuffer view; // of all of bytes
    private int start; // of what is not consumed yet; 0..writer index
    private boolean released; // our count of bytes is given back

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

    /** Grows, if needed, so that {@code capacity} unconsumed bytes have room. */
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

    /** Moves what is left to the front once the space behind it is less than a quarter, so that few bytes are moved. */
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

    /** Frees the memory, once. A read that is under way keeps it until its end. */
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

    /** One read per turn of the loop. What is left is read in the next turn, after the other connections. */
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
