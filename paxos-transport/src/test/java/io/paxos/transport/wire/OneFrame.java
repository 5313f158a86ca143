package io.paxos.transport.wire;

import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A sink that keeps the newest frame, at an odd offset in direct memory. */
final class OneFrame implements FrameSink {
    static final int OFFSET = 3;

    final UnsafeBuffer buffer;
    int length;
    private int reserved;

    OneFrame(final int capacity) {
        buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(OFFSET + capacity));
    }

    @Override
    public MutableDirectBuffer reserve(final int length) {
        reserved = length;
        return length > buffer.capacity() - OFFSET ? null : buffer;
    }

    @Override
    public int offset() {
        return OFFSET;
    }

    @Override
    public void commit() {
        length = reserved;
    }
}
