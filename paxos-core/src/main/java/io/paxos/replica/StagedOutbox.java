package io.paxos.replica;

import io.paxos.protocol.Configuration;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Claims;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import io.paxos.spi.Probe;
import io.paxos.spi.Transport;
import java.nio.ByteBuffer;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.ControlledMessageHandler.Action;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * The two lanes: {@code now} goes straight to the transport, {@code afterSync} waits here for the disk.
 *
 * <p>A message that waits carries the position of the log's end, and is released when the log's durable position has
 * reached it. Votes wait in a {@link VoteLane} for each member, everything else in one ring. A message that finds no
 * room is dropped, as if the network had lost it: the sender of the question asks again. One thread.
 */
final class StagedOutbox implements Outbox {
    private static final int PREPARE = 1;
    private static final int PROMISE = 2;
    private static final int REPORT = 3;

    private static final int POSITION_OFFSET = 0;
    private static final int TO_OFFSET = 8;
    private static final int A_OFFSET = 16;
    private static final int B_OFFSET = 24;
    private static final int C_OFFSET = 32;
    private static final int PAYLOAD_OFFSET = 40;

    private final int self;
    private final Configuration configuration;
    private final AcceptorLog log;
    private final Transport transport;
    private final Probe probe;
    private final OneToOneRingBuffer staged; // all that is no vote, in the order in which it was sent
    private final Lane[] lanes; // by voter
    private final ControlledMessageHandler onStaged = this::onStaged;
    private Messages receiver; // of what this replica sends to itself; set once, before the first message
    private long durablePosition; // the log's, when the present release began; never falls
    private int stagedVotes; // sealed ranges of all vote lanes, counted at the last seal or release; >= 0

    StagedOutbox(
            final Configuration configuration,
            final AcceptorLog log,
            final Transport transport,
            final int stagedBytes,
            final Probe probe) {
        this.configuration = configuration;
        self = configuration.self();
        this.log = log;
        this.transport = transport;
        this.probe = probe;
        staged = new OneToOneRingBuffer(
                new UnsafeBuffer(ByteBuffer.allocateDirect(stagedBytes + RingBufferDescriptor.TRAILER_LENGTH)));
        lanes = new Lane[configuration.size()];
        for (int voter = 0; voter < lanes.length; voter++) {
            lanes[voter] = new Lane(voter);
        }
    }

    /** The longest value that can be reported through a lane of this many bytes. */
    static int valueLengthMax(final int stagedBytes) {
        return stagedBytes / 8 - PAYLOAD_OFFSET - 2 * BitUtil.SIZE_OF_LONG;
    }

    /** Sets the receiver of what this replica sends to itself. Once, before the first message. */
    void receiver(final Messages ownReceiver) {
        assert receiver == null : "the receiver is set already";
        receiver = ownReceiver;
    }

    @Override
    public Messages now(final int to) {
        return to == self ? receiver : transport.to(to);
    }

    @Override
    public long queued(final int to) {
        return to == self ? 0 : transport.queued(to);
    }

    @Override
    public long written(final int to) {
        return to == self ? 0 : transport.written(to);
    }

    @Override
    public Claims afterSync(final int to) {
        return lanes[configuration.voter(to)];
    }

    /** The end of a cycle's messages: the votes of this cycle claim no more than what has been appended by now. */
    void seal() {
        int sealed = 0;
        for (final Lane lane : lanes) {
            lane.dropped(lane.votes.seal());
            sealed += lane.votes.size();
        }
        stagedVotes = sealed;
    }

    /** Whether anything waits here for the disk. */
    boolean isHolding() {
        return stagedVotes > 0 || staged.size() > 0;
    }

    /** Sends what has become durable. Returns how many messages. */
    int release() {
        if (!isHolding()) {
            return 0;
        }
        final long durable = log.durablePosition();
        assert durable >= durablePosition : "the durable position fell from " + durablePosition + " to " + durable;
        durablePosition = durable;
        int released = staged.size() > 0 ? releaseOthers() : 0;
        if (stagedVotes > 0) {
            released += releaseVotes();
        }
        return released;
    }

    private int releaseVotes() {
        int released = 0;
        int left = 0;
        for (final Lane lane : lanes) {
            if (lane.votes.size() > 0) {
                released += lane.votes.release(durablePosition, now(lane.to));
                left += lane.votes.size();
            }
        }
        stagedVotes = left;
        return released;
    }

    /** Everything but votes; seldom sent. */
    private int releaseOthers() {
        final long before = staged.consumerPosition();
        final int messages = staged.controlledRead(onStaged);
        return messages == 0 && staged.consumerPosition() != before ? 1 : messages; // padding
    }

    private Action onStaged(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        if (buffer.getLong(index + POSITION_OFFSET) > durablePosition) {
            return Action.ABORT;
        }
        final Messages sender = now(lanes[buffer.getInt(index + TO_OFFSET)].to);
        final long a = buffer.getLong(index + A_OFFSET);
        final long b = buffer.getLong(index + B_OFFSET);
        final long c = buffer.getLong(index + C_OFFSET);
        switch (type) {
            case PREPARE -> sender.prepare(self, a, b);
            case PROMISE -> sender.promise(self, a, b, c);
            case REPORT -> sender.report(self, a, b, c, buffer, index + PAYLOAD_OFFSET, length - PAYLOAD_OFFSET);
            default -> throw new IllegalStateException("unknown staged message " + type);
        }
        return Action.CONTINUE;
    }

    private void stage(
            final int type,
            final Lane lane,
            final long a,
            final long b,
            final long c,
            final DirectBuffer payload,
            final int offset,
            final int length) {
        final int size = PAYLOAD_OFFSET + length;
        if (size > staged.maxMsgLength()) {
            throw new IllegalStateException(
                    "a value of " + length + " bytes, accepted under other settings, is too long"
                            + " to be reported: set pendingBytes to what it was");
        }
        final int index = staged.tryClaim(type, size);
        if (index < 0) {
            lane.dropped(1);
            return;
        }
        final MutableDirectBuffer buffer = staged.buffer();
        buffer.putLong(index + POSITION_OFFSET, log.appendedPosition());
        buffer.putInt(index + TO_OFFSET, lane.voter);
        buffer.putLong(index + A_OFFSET, a);
        buffer.putLong(index + B_OFFSET, b);
        buffer.putLong(index + C_OFFSET, c);
        if (length > 0) {
            buffer.putBytes(index + PAYLOAD_OFFSET, payload, offset, length);
        }
        staged.commit(index);
    }

    /** The claims for one member. */
    private final class Lane implements Claims {
        private final int voter;
        private final int to;
        private final VoteLane votes;

        Lane(final int voter) {
            this.voter = voter;
            to = configuration.id(voter);
            votes = new VoteLane(self, log);
        }

        @Override
        public void prepare(final int from, final long ballot, final long fromSlot) {
            stage(PREPARE, this, ballot, fromSlot, 0, null, 0, 0);
        }

        @Override
        public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {
            stage(PROMISE, this, ballot, chosenThrough, lastSlot, null, 0, 0);
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
            stage(REPORT, this, ballot, slot, acceptedBallot, value, offset, length);
        }

        @Override
        public void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {
            dropped(votes.add(ballot, fromSlot, throughSlot));
        }

        private void dropped(final int count) {
            if (count > 0) {
                probe.dropped(to);
            }
        }
    }
}
