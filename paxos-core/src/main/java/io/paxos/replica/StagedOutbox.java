package io.paxos.replica;

import io.paxos.Members;
import io.paxos.protocol.Ballot;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Claims;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
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
 * <p>What is said within one cycle is sealed with the position of the log at its end, and released when the log's durable
 * position has reached it. Votes for neighbouring slots become one message, when they are sealed and again when they are
 * released; they wait in arrays of their own, everything else in a ring. A message that finds the lane full is dropped, as if the network had lost it: whoever asked asks again.
 */
final class StagedOutbox implements Outbox {
    private static final int PREPARE = 1;
    private static final int PROMISE = 2;
    private static final int REPORT = 3;
    private static final int STAGED_VOTES_MAX = 1024; // ranges of one lane; a power of two

    private static final int POSITION_OFFSET = 0;
    private static final int TO_OFFSET = 8;
    private static final int A_OFFSET = 16;
    private static final int B_OFFSET = 24;
    private static final int C_OFFSET = 32;
    private static final int PAYLOAD_OFFSET = 40;

    private final int self;
    private final Members members;
    private final AcceptorLog log;
    private final Transport transport;
    private final OneToOneRingBuffer staged;
    private final Lane[] lanes;
    private final ControlledMessageHandler onStaged = this::onStaged;
    private Messages receiver;
    private long durablePosition;
    private int stagedVotes; // ranges, of all lanes
    private long dropped;

    StagedOutbox(
            final int self,
            final Members members,
            final AcceptorLog log,
            final Transport transport,
            final int stagedBytes) {
        this.self = self;
        this.members = members;
        this.log = log;
        this.transport = transport;
        staged = new OneToOneRingBuffer(
                new UnsafeBuffer(ByteBuffer.allocateDirect(stagedBytes + RingBufferDescriptor.TRAILER_LENGTH)));
        lanes = new Lane[members.size()];
        for (int voter = 0; voter < lanes.length; voter++) {
            lanes[voter] = new Lane(voter);
        }
    }

    /** The longest value that can be reported through a lane of this many bytes. */
    static int valueLengthMax(final int stagedBytes) {
        return stagedBytes / 8 - PAYLOAD_OFFSET - 2 * BitUtil.SIZE_OF_LONG;
    }

    /** Who hears what this replica says to itself. Before the first word is said. */
    void receiver(final Messages ownReceiver) {
        receiver = ownReceiver;
    }

    @Override
    public Messages now(final int to) {
        return to == self ? receiver : transport.to(to);
    }

    @Override
    public Claims afterSync(final int to) {
        return lanes[members.voter(to)];
    }

    /** How many messages found the lane full. */
    long dropped() {
        return dropped;
    }

    /** The end of a cycle's talk: what was said in it claims no more than what has been appended by now. */
    void seal() {
        for (final Lane lane : lanes) {
            lane.seal();
        }
    }

    /** Whether anything waits here for the disk. */
    boolean isHolding() {
        return stagedVotes > 0 || staged.size() > 0;
    }

    /** Lets go what has become durable. Returns how many messages. */
    int release() {
        if (!isHolding()) {
            return 0;
        }
        durablePosition = log.durablePosition();
        int released = staged.size() > 0 ? releaseOthers() : 0;
        if (stagedVotes > 0) {
            for (final Lane lane : lanes) {
                released += lane.releaseVotes();
            }
        }
        return released;
    }

    /** What is not a vote, and seldom said. */
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
            final int voter,
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
            dropped++;
            return;
        }
        final MutableDirectBuffer buffer = staged.buffer();
        buffer.putLong(index + POSITION_OFFSET, log.appendedPosition());
        buffer.putInt(index + TO_OFFSET, voter);
        buffer.putLong(index + A_OFFSET, a);
        buffer.putLong(index + B_OFFSET, b);
        buffer.putLong(index + C_OFFSET, c);
        if (length > 0) {
            buffer.putBytes(index + PAYLOAD_OFFSET, payload, offset, length);
        }
        staged.commit(index);
    }

    /** What is said after the sync to one member. */
    private final class Lane implements Claims {
        private final int voter;
        private final int to;

        // The range of votes said in this cycle; ballot 0 if there is none.
        private long ballot = Ballot.NONE;
        private long fromSlot;
        private long throughSlot;

        // Ranges that wait for the disk: [head, tail), by index & mask.
        private final long[] positions = new long[STAGED_VOTES_MAX];
        private final long[] ballots = new long[STAGED_VOTES_MAX];
        private final long[] fromSlots = new long[STAGED_VOTES_MAX];
        private final long[] throughSlots = new long[STAGED_VOTES_MAX];
        private int head;
        private int tail;

        Lane(final int voter) {
            this.voter = voter;
            to = members.id(voter);
        }

        @Override
        public void prepare(final int from, final long ballot, final long fromSlot) {
            stage(PREPARE, voter, ballot, fromSlot, 0, null, 0, 0);
        }

        @Override
        public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {
            stage(PROMISE, voter, ballot, chosenThrough, lastSlot, null, 0, 0);
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
            stage(REPORT, voter, ballot, slot, acceptedBallot, value, offset, length);
        }

        @Override
        public void accepted(final int from, final long inBallot, final long slot, final long through) {
            if (ballot != inBallot || slot != throughSlot + 1) {
                seal();
                ballot = inBallot;
                fromSlot = slot;
            }
            throughSlot = through;
        }

        void seal() {
            if (ballot == Ballot.NONE) {
                return;
            }
            if (tail - head == STAGED_VOTES_MAX) {
                dropped++;
            } else {
                final int i = tail++ & STAGED_VOTES_MAX - 1;
                positions[i] = log.appendedPosition();
                ballots[i] = ballot;
                fromSlots[i] = fromSlot;
                throughSlots[i] = throughSlot;
                stagedVotes++;
            }
            ballot = Ballot.NONE;
        }

        /** Says the ranges that are durable, neighbours as one. Returns how many there were. */
        int releaseVotes() {
            final int before = head;
            while (head != tail && positions[head & STAGED_VOTES_MAX - 1] <= durablePosition) {
                final int first = head++ & STAGED_VOTES_MAX - 1;
                long through = throughSlots[first];
                while (isNext(ballots[first], through)) {
                    through = throughSlots[head++ & STAGED_VOTES_MAX - 1];
                }
                now(to).accepted(self, ballots[first], fromSlots[first], through);
            }
            stagedVotes -= head - before;
            return head - before;
        }

        /** Whether the range at the head is durable and continues this one. */
        private boolean isNext(final long inBallot, final long through) {
            final int i = head & STAGED_VOTES_MAX - 1;
            return head != tail
                    && positions[i] <= durablePosition
                    && ballots[i] == inBallot
                    && fromSlots[i] == through + 1;
        }
    }
}
