package io.paxos.benchmarks.jmh;

import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.FrameReader;
import io.paxos.transport.wire.FrameSink;
import io.paxos.transport.wire.FrameVerdict;
import io.paxos.transport.wire.FrameWriter;
import io.paxos.transport.wire.LamportClock;
import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Isolates the wire format: a message into the bytes of a frame, and back into a message; each with its CRC32C. */
@State(Scope.Thread)
public class FrameBenchmark extends Suite {
    private static final int VALUE_LENGTH_MAX = 1 << 16;
    private static final FrameIdentity IDENTITY = new FrameIdentity(1, 1, 1, SampleMessage.SELF);

    @Param
    public SampleMessage message;

    private final Page page = new Page();
    private final Sink receiver = new Sink();
    private UnsafeBuffer value;
    private SampleMessage.Speech speech;
    private FrameWriter writer;
    private FrameReader reader;

    @Setup
    public void writeOne() {
        value = new UnsafeBuffer(new byte[message.valueLength()]);
        speech = message.speech();
        writer = new FrameWriter(IDENTITY, new LamportClock(), page);
        reader =
                new FrameReader(IDENTITY, VALUE_LENGTH_MAX, new LamportClock(), sender -> sender == SampleMessage.SELF);
        speech.send(writer, value);
        final FrameVerdict verdict = reader.read(page.buffer, 0, page.length, receiver);
        if (verdict != FrameVerdict.DELIVERED) {
            throw new IllegalStateException(message + " cannot be read back: " + verdict);
        }
    }

    @Benchmark
    public MutableDirectBuffer write() {
        speech.send(writer, value);
        return page.buffer;
    }

    @Benchmark
    public long read() {
        reader.read(page.buffer, 0, page.length, receiver);
        return receiver.received();
    }

    /** Room for one frame, used again for each. */
    private static final class Page implements FrameSink {
        private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(VALUE_LENGTH_MAX));
        private int length;

        @Override
        public MutableDirectBuffer reserve(final int reservedLength) {
            length = reservedLength;
            return buffer;
        }

        @Override
        public int offset() {
            return 0;
        }

        @Override
        public void commit() {}
    }
}
