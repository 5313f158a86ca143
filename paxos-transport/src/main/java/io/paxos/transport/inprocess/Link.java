package io.paxos.transport.inprocess;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.paxos.spi.Messages;
import io.paxos.transport.wire.FrameSink;
import io.paxos.transport.wire.FrameWriter;
import io.paxos.transport.wire.Handshaker;
import io.paxos.transport.wire.TransportCounters;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection from one replica to another: finds the mailbox, writes frames into it, drops what does not fit.
 *
 * <p>If one of the two has a handshake, the link introduces its replica to each mailbox that it finds. It opens when
 * both have admitted each other, with a record that tells the receiver whose card the frames behind it belong to.
 */
final class Link implements FrameSink {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    // The types of the records in the ring. The type of a message is in its frame.
    static final int FRAME = 1;
    static final int OPENING = 2; // number of the introduction long | sender int

    private static final int OPENING_LENGTH = Long.BYTES + Integer.BYTES;
    private static final long PAUSE_NS = 100_000_000L; // between a refusal and the next introduction

    private final InProcessNetwork network;
    private final Mailbox own;
    private final int self;
    private final int replica;
    private final int frameLengthMax;
    private final Handshaker handshaker;
    private final TransportCounters counters;

    private FrameWriter writer; // set once, before the first use
    private Mailbox mailbox; // of the peer; null if there is none, or it is to be found anew
    private int mailboxState; // of mailbox when it was found; if it has changed since, it is found anew
    private ManyToOneRingBuffer ring; // our view of mailbox; null with it
    private Introduction introduction; // to mailbox; null if none is needed, or before the next after a refusal
    private boolean isAdmitted; // both have admitted each other; the opening may be still to write
    private boolean isOpen; // frames are written; false if mailbox is null
    private long pauseUntilNs; // no introduction before it; meaningful while mailbox is there and introduction is not
    private String logged = ""; // the refusal that was logged last
    private int reserved; // where the frame that is being written begins in ring
    private int reservedLength; // its length in bytes
    private int unannounced; // frames written to mailbox since the last flush

    Link(
            final InProcessNetwork network,
            final Mailbox own,
            final int self,
            final int replica,
            final int frameLengthMax,
            final Handshaker handshaker,
            final TransportCounters counters) {
        this.network = network;
        this.own = own;
        this.self = self;
        this.replica = replica;
        this.frameLengthMax = frameLengthMax;
        this.handshaker = handshaker;
        this.counters = counters;
    }

    int replica() {
        return replica;
    }

    void writeWith(final FrameWriter writer) {
        this.writer = writer;
    }

    Messages writer() {
        return writer;
    }

    @Override
    public MutableDirectBuffer reserve(final int length) {
        if (length > frameLengthMax) {
            counters.droppedOversized();
            return null;
        }
        if (own.isClosed() || !isReady()) {
            counters.droppedDisconnected(1);
            return null;
        }
        reserved = ring.tryClaim(FRAME, length);
        if (reserved < 0) {
            counters.droppedFull();
            return null;
        }
        reservedLength = length;
        return ring.buffer();
    }

    @Override
    public int offset() {
        return reserved;
    }

    @Override
    public void commit() {
        ring.commit(reserved);
        counters.sent(1, reservedLength);
        unannounced++;
    }

    /** Wakes the receiver if anything was written since the last flush. Returns the number of frames. */
    int flush() {
        final int frames = unannounced;
        if (frames > 0) {
            unannounced = 0;
            mailbox.arrived();
        }
        return frames;
    }

    private boolean isReady() {
        return (isOpen && mailbox.state() == mailboxState) || find();
    }

    /** Whether there is an open mailbox that takes frames. The peer may have come back with another one. */
    private boolean find() {
        if (mailbox != null && mailbox.state() == mailboxState) {
            return isOpen;
        }
        reset();
        final Mailbox newest = network.mailbox(replica);
        final int state = newest == null || newest == own ? Mailbox.CLOSED : newest.state();
        final ManyToOneRingBuffer view = state == Mailbox.CLOSED ? null : newest.view();
        if (view == null) {
            return false;
        }
        mailbox = newest;
        mailboxState = state;
        ring = view;
        isOpen = state == Mailbox.OPEN && !handshaker.isGiven();
        if (!isOpen) {
            introduce();
        }
        return isOpen;
    }

    /** Finds the mailbox anew, and introduces this replica again: what it says of itself may have changed. */
    void reset() {
        flush();
        mailbox = null;
        ring = null; // lets the memory of a closed mailbox go
        introduction = null;
        isAdmitted = false;
        isOpen = false;
    }

    private void introduce() {
        introduction = new Introduction(network.nextIntroduction(), self, handshaker.card(replica));
        mailbox.introduce(introduction);
    }

    /** Within a poll: goes on with the introduction. */
    void advance() {
        if (isOpen) {
            if (introduction != null && introduction.verdict().refusal() != null) {
                refused("cannot send to", introduction.verdict().refusal()); // the welcome was taken back
            }
        } else if (!find() && mailbox != null) {
            advanceIntroduction();
        }
    }

    private void advanceIntroduction() {
        if (introduction == null) {
            if (System.nanoTime() - pauseUntilNs >= 0) {
                introduce();
            }
            return;
        }
        final Introduction.Verdict verdict = introduction.verdict();
        if (verdict == null) {
            return;
        }
        if (verdict.refusal() != null) {
            refused("cannot send to", verdict.refusal());
            return;
        }
        final String refusal = isAdmitted ? null : handshaker.admit(replica, verdict.card());
        if (refusal == null) {
            isAdmitted = true;
            isOpen = writeOpening();
        } else {
            counters.handshakeRefused();
            refused("does not send to", refusal);
        }
    }

    private void refused(final String what, final String why) {
        introduction = null;
        isAdmitted = false;
        isOpen = false;
        pauseUntilNs = System.nanoTime() + PAUSE_NS;
        if (!logged.equals(why)) {
            logged = why;
            LOG.warn("replica {} {} replica {}: {}", self, what, replica, why);
        }
    }

    /** False if the ring is full; then it is tried again. */
    private boolean writeOpening() {
        final int index = ring.tryClaim(OPENING, OPENING_LENGTH);
        if (index < 0) {
            return false;
        }
        ring.buffer().putLong(index, introduction.number(), LITTLE_ENDIAN);
        ring.buffer().putInt(index + Long.BYTES, self, LITTLE_ENDIAN);
        ring.commit(index);
        return true;
    }
}
