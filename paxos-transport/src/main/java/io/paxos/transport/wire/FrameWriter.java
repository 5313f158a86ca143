package io.paxos.transport.wire;

import static io.paxos.transport.wire.FrameLayout.*;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.paxos.spi.Messages;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A sender that writes: each call becomes one frame in a {@link FrameSink}. {@link FrameLayout} shows the bytes.
 *
 * <p>One writer for each peer, on one thread; no allocation. All writers of a transport share one {@link LamportClock},
 * and share it with its {@link FrameReader}. If the sink has no memory for a frame, the message is dropped. Nothing is
 * thrown.
 *
 * <p>The sender in the frame is the replica of the identity; {@code from} of each call must be the same.
 *
 * <pre>{@code
 * // A transport of your own, the sending half: one datagram per message.
 * FrameIdentity identity = new FrameIdentity(clusterId, groupId, epoch, self);
 * LamportClock clock = new LamportClock();
 * Messages toPeer = new FrameWriter(identity, clock, new FrameSink() {
 *     private final ByteBuffer bytes = ByteBuffer.allocateDirect(FrameLayout.frameLengthMax(valueLengthMax));
 *     private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
 *     private int length;
 *
 *     public MutableDirectBuffer reserve(int frameLength) {
 *         length = frameLength;
 *         return frameLength > bytes.capacity() ? null : buffer;
 *     }
 *     public int offset() {
 *         return 0;
 *     }
 *     public void commit() {
 *         channel.send(bytes.limit(length).position(0), address);
 *     }
 * });
 * }</pre>
 */
public final class FrameWriter implements Messages {
    private static final DirectBuffer NO_PAYLOAD = null;

    private static final int ANY_SENDER = 0;

    private final int self; // ANY_SENDER: each call names its own
    private final long clusterId;
    private final long groupAndEpoch; // neighbours in the header, as one number
    private final LamportClock clock;
    private final FrameSink sink;
    private final Checksum checksum = new Checksum();

    private MutableDirectBuffer frame; // null unless a frame is being written: from open() to complete()
    private int position; // of the next byte of that frame

    /**
     * A writer of the messages that {@code identity.self()} sends.
     *
     * @param clock ticks once for each frame
     * @param sink gets each frame
     */
    public FrameWriter(final FrameIdentity identity, final LamportClock clock, final FrameSink sink) {
        this(identity, identity.self(), clock, sink);
    }

    private FrameWriter(final FrameIdentity identity, final int self, final LamportClock clock, final FrameSink sink) {
        this.self = self;
        this.clock = clock;
        this.sink = sink;
        clusterId = identity.clusterId();
        groupAndEpoch = Integer.toUnsignedLong(identity.groupId()) | (long) identity.epoch() << Integer.SIZE;
    }

    /** A writer of the messages of any sender: each frame names the {@code from} of its call. */
    static FrameWriter ofAnySender(final FrameSink sink) {
        return new FrameWriter(new FrameIdentity(0, 0, 0, 1), ANY_SENDER, new LamportClock(), sink);
    }

    @Override
    public void prepare(final int from, final long ballot, final long fromSlot) {
        if (open(MessageType.PREPARE, from, 0)) {
            put(ballot);
            put(fromSlot);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {
        if (open(MessageType.PROMISE, from, 0)) {
            put(ballot);
            put(chosenThrough);
            put(lastSlot);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void report(
            final int from,
            final long ballot,
            final long slot,
            final long acceptedBallot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (open(MessageType.REPORT, from, length)) {
            put(ballot);
            put(slot);
            put(acceptedBallot);
            seal(value, offset, length);
        }
    }

    @Override
    public void accept(
            final int from,
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (open(MessageType.ACCEPT, from, length)) {
            put(ballot);
            put(slot);
            put(chosenThrough);
            complete(value, offset, length);
            sink.commitProposal();
        }
    }

    @Override
    public void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {
        if (open(MessageType.ACCEPTED, from, 0)) {
            put(ballot);
            put(fromSlot);
            put(throughSlot);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void reject(final int from, final long promised, final long slot) {
        if (open(MessageType.REJECT, from, 0)) {
            put(promised);
            put(slot);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void chosen(final int from, final long ballot, final long throughSlot) {
        if (open(MessageType.CHOSEN, from, 0)) {
            put(ballot);
            put(throughSlot);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void fetch(final int from, final long fromSlot, final long throughSlot) {
        if (open(MessageType.FETCH, from, 0)) {
            put(fromSlot);
            put(throughSlot);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void learn(
            final int from,
            final long ballot,
            final long slot,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (open(MessageType.LEARN, from, length)) {
            put(ballot);
            put(slot);
            seal(value, offset, length);
        }
    }

    @Override
    public void ping(final int from, final long round) {
        if (open(MessageType.PING, from, 0)) {
            put(round);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void pong(
            final int from, final long round, final long following, final boolean happy, final long chosenThrough) {
        if (open(MessageType.PONG, from, 0)) {
            put(round);
            put(following);
            put(happy);
            put(chosenThrough);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void forward(final int from, final DirectBuffer commands, final int offset, final int length) {
        if (open(MessageType.FORWARD, from, length)) {
            seal(commands, offset, length);
        }
    }

    @Override
    public void askRead(final int from, final long round) {
        if (open(MessageType.ASK_READ, from, 0)) {
            put(round);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void confirm(final int from, final long ballot, final long round) {
        if (open(MessageType.CONFIRM, from, 0)) {
            put(ballot);
            put(round);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void confirmed(final int from, final long ballot, final long round) {
        if (open(MessageType.CONFIRMED, from, 0)) {
            put(ballot);
            put(round);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void readAt(final int from, final long ballot, final long round, final long slot) {
        if (open(MessageType.READ_AT, from, 0)) {
            put(ballot);
            put(round);
            put(slot);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void applied(final int from, final long slot, final long values, final long replies) {
        if (open(MessageType.APPLIED, from, 0)) {
            put(slot);
            put(values);
            put(replies);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void wallClock(final int from, final long timeMs) {
        if (open(MessageType.WALL_CLOCK, from, 0)) {
            put(timeMs);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void full(final int from, final long ballot) {
        if (open(MessageType.FULL, from, 0)) {
            put(ballot);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void trimmed(final int from, final long firstSlot) {
        if (open(MessageType.TRIMMED, from, 0)) {
            put(firstSlot);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void askSnapshot(final int from, final long throughSlot) {
        if (open(MessageType.ASK_SNAPSHOT, from, 0)) {
            put(throughSlot);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void snapshot(final int from, final long slot, final long id, final long length) {
        if (open(MessageType.SNAPSHOT, from, 0)) {
            put(slot);
            put(id);
            put(length);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void fetchSnapshot(final int from, final long slot, final long id, final long position) {
        if (open(MessageType.FETCH_SNAPSHOT, from, 0)) {
            put(slot);
            put(id);
            put(position);
            seal(NO_PAYLOAD, 0, 0);
        }
    }

    @Override
    public void snapshotBytes(
            final int from,
            final long slot,
            final long id,
            final long position,
            final DirectBuffer bytes,
            final int offset,
            final int length) {
        if (open(MessageType.SNAPSHOT_BYTES, from, length)) {
            put(slot);
            put(id);
            put(position);
            seal(bytes, offset, length);
        }
    }

    /** Reserves the memory and writes the header without the checksum. False if there is no memory. */
    private boolean open(final MessageType type, final int from, final int payloadLength) {
        final int sender = self == ANY_SENDER ? from : self;
        assert from == sender : "from=" + from + " self=" + self;
        final int headLength = HEADER_LENGTH + type.fieldsLength();
        final int length = payloadLength > Integer.MAX_VALUE - headLength
                ? Integer.MAX_VALUE // too long for every sink, which then counts it
                : headLength + payloadLength;
        frame = type.isData() ? sink.reserve(length) : sink.reserveUrgent(length);
        if (frame == null) {
            return false;
        }
        final int start = sink.offset();
        frame.putInt(start + LENGTH_OFFSET, length, LITTLE_ENDIAN);
        frame.putInt(start + FORMAT_OFFSET, FORMAT | type.code() << Byte.SIZE | sender << Short.SIZE, LITTLE_ENDIAN);
        frame.putLong(start + CLUSTER_OFFSET, clusterId, LITTLE_ENDIAN);
        frame.putLong(start + GROUP_OFFSET, groupAndEpoch, LITTLE_ENDIAN);
        frame.putLong(start + LAMPORT_OFFSET, clock.tick(), LITTLE_ENDIAN);
        position = start + HEADER_LENGTH;
        return true;
    }

    private void put(final long field) {
        frame.putLong(position, field, LITTLE_ENDIAN);
        position += Long.BYTES;
    }

    private void put(final boolean flag) {
        frame.putByte(position, (byte) (flag ? 1 : 0));
        position++;
    }

    private void seal(final DirectBuffer payload, final int offset, final int length) {
        complete(payload, offset, length);
        sink.commit();
    }

    private void complete(final DirectBuffer payload, final int offset, final int length) {
        if (length > 0) {
            frame.putBytes(position, payload, offset, length);
            position += length;
        }
        final int crcStart = sink.offset() + FORMAT_OFFSET;
        final int crc = checksum.of(frame, crcStart, position - crcStart);
        frame.putInt(sink.offset() + CRC_OFFSET, crc, LITTLE_ENDIAN);
        frame = null;
    }
}
