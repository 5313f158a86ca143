package io.paxos.transport.inprocess;

import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.FrameLayout;
import io.paxos.transport.wire.FrameReader;
import io.paxos.transport.wire.FrameVerdict;
import io.paxos.transport.wire.FrameWriter;
import io.paxos.transport.wire.LamportClock;
import io.paxos.transport.wire.TransportCounters;
import io.paxos.transport.wire.TransportStats;
import java.util.Arrays;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;

/**
 * One replica's end of an {@link InProcessNetwork}.
 *
 * <p>The receiver can read a frame as soon as it is written. {@link #flush} only wakes a receiver that sleeps.
 */
public final class InProcessTransport implements Transport {
    private final InProcessNetwork network;
    private final FrameIdentity identity;
    private final int valueLengthMax;
    private final Mailbox mailbox;
    private final LamportClock clock = new LamportClock();
    private final TransportCounters counters = new TransportCounters();
    private final FrameReader reader;
    private final MessageHandler frameHandler = this::onFrame;

    private Link[] links = {}; // one for each replica that was sent to; few, and all visited in each cycle of a replica
    private Messages receiver; // non-null only inside poll

    InProcessTransport(
            final InProcessNetwork network,
            final FrameIdentity identity,
            final Mailbox mailbox,
            final int valueLengthMax) {
        this.network = network;
        this.identity = identity;
        this.mailbox = mailbox;
        this.valueLengthMax = valueLengthMax;
        this.reader = new FrameReader(identity, valueLengthMax, clock, sender -> network.mailbox(sender) != null);
    }

    @Override
    public int self() {
        return identity.self();
    }

    /** Every replica id is known: any replica may open a transport on the network later. */
    @Override
    public boolean knows(final int replica) {
        return replica >= 1 && replica <= FrameIdentity.REPLICA_ID_MAX;
    }

    @Override
    public Messages to(final int replica) {
        for (final Link link : links) {
            if (link.replica() == replica) {
                return link.writer();
            }
        }
        return open(replica).writer();
    }

    private Link open(final int replica) {
        final Link link = new Link(network, mailbox, replica, FrameLayout.frameLengthMax(valueLengthMax), counters);
        link.writeWith(new FrameWriter(identity, clock, link));
        links = Arrays.copyOf(links, links.length + 1);
        links[links.length - 1] = link;
        return link;
    }

    @Override
    public int poll(final Messages receiver, final int limit) {
        if (mailbox.isClosed()) {
            return 0;
        }
        this.receiver = receiver;
        try {
            return mailbox.read(frameHandler, limit);
        } finally {
            this.receiver = null;
        }
    }

    private void onFrame(final int type, final MutableDirectBuffer buffer, final int offset, final int length) {
        if (mailbox.isClosed()) {
            return; // closed by the receiver, in the middle of a poll
        }
        final FrameVerdict verdict = reader.read(buffer, offset, length, receiver);
        if (verdict == FrameVerdict.DELIVERED) {
            counters.received(1, length);
        } else {
            counters.rejected(verdict);
        }
    }

    @Override
    public int flush() {
        int work = 0;
        for (final Link link : links) {
            work += link.flush();
        }
        return work;
    }

    @Override
    public void await(final long timeoutNs) {
        if (!mailbox.isClosed()) {
            mailbox.await(timeoutNs);
        }
    }

    @Override
    public void wakeup() {
        mailbox.wakeup();
    }

    @Override
    public int valueLengthMax() {
        return valueLengthMax;
    }

    /** What was sent, received and dropped so far. Any thread. Connections are not counted: there are none. */
    public TransportStats stats() {
        return counters.snapshot();
    }

    @Override
    public void close() {
        mailbox.close();
    }
}
