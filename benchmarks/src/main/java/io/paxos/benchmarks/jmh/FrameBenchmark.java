package io.paxos.benchmarks.jmh;

import io.paxos.transport.wire.FieldKind;
import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.FrameReader;
import io.paxos.transport.wire.FrameSink;
import io.paxos.transport.wire.FrameVerdict;
import io.paxos.transport.wire.FrameWriter;
import io.paxos.transport.wire.LamportClock;
import io.paxos.transport.wire.MessageType;
import io.paxos.transport.wire.MessageView;
import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Isolates the wire format: a message into the bytes of a frame, and back into a message; each with its CRC32C.
 *
 * <p>The message to write comes out of a {@link MessageView}, which costs a switch and a read per field.
 */
public class FrameBenchmark extends Suite {
    private static final int SELF = 1;
    private static final long BALLOT = 1L << 16 | SELF;
    private static final int VALUE_LENGTH_MAX = 1 << 16;
    private static final FrameIdentity IDENTITY = new FrameIdentity(1, 1, 1, SELF);

    /** Each message once; a payload has 64 bytes. */
    @State(Scope.Thread)
    public static class Every extends Frame {
        @Param
        public MessageType message;

        @Setup
        public void open() {
            open(message, 64);
        }
    }

    /** Messages with a payload of 1024 bytes. */
    @State(Scope.Thread)
    public static class Long1024 extends Frame {
        @Param({"REPORT", "ACCEPT", "LEARN", "FORWARD"})
        public MessageType message;

        @Setup
        public void open() {
            open(message, 1024);
        }
    }

    @Benchmark
    public MutableDirectBuffer write(final Every frame) {
        return frame.write();
    }

    @Benchmark
    public long read(final Every frame) {
        return frame.read();
    }

    @Benchmark
    public MutableDirectBuffer write1024(final Long1024 frame) {
        return frame.write();
    }

    @Benchmark
    public long read1024(final Long1024 frame) {
        return frame.read();
    }

    /** A message, and the frame that it becomes. */
    @State(Scope.Thread)
    public abstract static class Frame {
        private final Page page = new Page();
        private final Sink receiver = new Sink();
        private MessageView sample;
        private FrameWriter writer;
        private FrameReader reader;

        final void open(final MessageType type, final int payloadLength) {
            final long[] fields = type.fields().stream()
                    .mapToLong(field -> value(field.kind()))
                    .toArray();
            sample = MessageView.of(type, SELF, fields, new byte[type.hasPayload() ? payloadLength : 0]);
            writer = new FrameWriter(IDENTITY, new LamportClock(), page);
            reader = new FrameReader(IDENTITY, VALUE_LENGTH_MAX, new LamportClock(), sender -> sender == SELF);
            sample.deliver(writer);
            final FrameVerdict verdict = reader.read(page.buffer, 0, page.length, receiver);
            if (verdict != FrameVerdict.DELIVERED) {
                throw new IllegalStateException(type + " cannot be read back: " + verdict);
            }
        }

        private static long value(final FieldKind kind) {
            return switch (kind) {
                case BALLOT -> BALLOT;
                case FLAG -> 1;
                case ROUND, SLOT, NUMBER, PAYLOAD -> 7;
            };
        }

        final MutableDirectBuffer write() {
            sample.deliver(writer);
            return page.buffer;
        }

        final long read() {
            reader.read(page.buffer, 0, page.length, receiver);
            return receiver.received();
        }
    }

    /** Room for one frame; each frame overwrites the one before. */
    private static final class Page implements FrameSink {
        private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(VALUE_LENGTH_MAX));

        /** The length of the frame that was written last. */
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
