package io.paxos.transport.inprocess;

import io.paxos.spi.Messages;
import io.paxos.transport.wire.FrameSink;
import io.paxos.transport.wire.FrameWriter;
import io.paxos.transport.wire.TransportCounters;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;

/** The connection from one replica to another: finds the mailbox, writes frames into it, drops what does not fit. */
final class Link implements FrameSink {
    private static final int FRAME = 1; // the ring needs a positive type; the type of the message is in the frame

    private final InProcessNetwork network;
    private final Mailbox own;
    private final int replica;
    private final int frameLengthMax;
    private final TransportCounters counters;

    private FrameWriter writer; // set once, before the first use
    private Mailbox mailbox; // the owner of ring, open or closed; null before the first frame
    private ManyToOneRingBuffer ring; // our view of mailbox; null before the first frame, and once the peer is gone
    private int reserved; // where the frame that is being written begins in ring
    private int reservedLength; // its length in bytes
    private int unannounced; // frames written since the last flush

    Link(
            final InProcessNetwork network,
            final Mailbox own,
            final int replica,
            final int frameLengthMax,
            final TransportCounters counters) {
        this.network = network;
        this.own = own;
        this.replica = replica;
        this.frameLengthMax = frameLengthMax;
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
        if (!find()) {
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

    /** Whether there is an open mailbox. If the known one is closed, the peer may have come back with another one. */
    private boolean find() {
        if (own.isClosed()) {
            return false;
        }
        if (mailbox != null && !mailbox.isClosed()) {
            return true;
        }
        final Mailbox newest = network.mailbox(replica);
        final ManyToOneRingBuffer view = newest == null ? null : newest.view();
        if (view == null || newest == own) {
            ring = null; // lets the memory of a closed mailbox go
            return false;
        }
        mailbox = newest;
        ring = view;
        return true;
    }
}
