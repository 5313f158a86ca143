package io.paxos.testkit.sim.net;

import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.FrameReader;
import io.paxos.transport.wire.FrameSink;
import io.paxos.transport.wire.FrameVerdict;
import io.paxos.transport.wire.FrameWriter;
import io.paxos.transport.wire.LamportClock;
import io.paxos.transport.wire.MessageCapture;
import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Changes the bytes of a packet under way. The packet becomes a production frame, and the frame reader must notice.
 *
 * <p>This class does not assume that it notices: the receiver gets whatever the frame reader delivers.
 */
final class PacketCorruption implements FrameSink {
    private static final int FLIPS_MAX = 3;
    private static final int HEADERS_MAX = 256; // in bytes; more than a frame needs

    private final SimRandom random;
    private final UnsafeBuffer frame;
    private final FrameWriter[] writers; // by sender
    private final FrameReader reader;
    private Packet survivor; // gets what the reader delivers; null before the first packet
    private final MessageCapture capture = new MessageCapture(message -> survivor.set(message));
    private int length; // of the frame, in bytes

    PacketCorruption(final int members, final int valueLengthMax, final SimRandom random) {
        this.random = random;
        frame = new UnsafeBuffer(ByteBuffer.allocate(valueLengthMax + HEADERS_MAX));
        writers = new FrameWriter[members + 1];
        for (int id = 1; id <= members; id++) {
            writers[id] = new FrameWriter(new FrameIdentity(1, 1, 1, id), new LamportClock(), this);
        }
        reader = new FrameReader(
                new FrameIdentity(1, 1, 1, 1), valueLengthMax, new LamportClock(), id -> id >= 1 && id <= members);
    }

    /**
     * Delivers {@code packet} into {@code changed}, through a frame in which some bits are flipped or whose end is
     * missing. Returns whether the frame reader has delivered a message.
     */
    boolean survives(final Packet packet, final Packet changed) {
        survivor = changed;
        packet.deliver(writers[packet.from()]);
        int arrived = length;
        if (random.below(4) == 0) {
            arrived = random.below(length);
        } else {
            for (int flips = 1 + random.below(FLIPS_MAX); flips > 0; flips--) {
                final int at = random.below(length);
                frame.putByte(at, (byte) (frame.getByte(at) ^ 1 << random.below(Byte.SIZE)));
            }
        }
        return reader.read(frame, 0, arrived, capture.sender()) == FrameVerdict.DELIVERED;
    }

    @Override
    public MutableDirectBuffer reserve(final int frameLength) {
        length = frameLength;
        return frame;
    }

    @Override
    public int offset() {
        return 0;
    }

    @Override
    public void commit() {}
}
