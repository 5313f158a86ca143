package io.paxos.transport.inprocess;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.paxos.spi.Handshake;
import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.FrameLayout;
import io.paxos.transport.wire.FrameReader;
import io.paxos.transport.wire.FrameVerdict;
import io.paxos.transport.wire.FrameWriter;
import io.paxos.transport.wire.Handshaker;
import io.paxos.transport.wire.LamportClock;
import io.paxos.transport.wire.TransportCounters;
import io.paxos.transport.wire.TransportStats;
import java.util.Arrays;
import java.util.function.Consumer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.MessageHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica's end of an {@link InProcessNetwork}.
 *
 * <p>The receiver can read a frame as soon as it is written. {@link #flush} only wakes a receiver that sleeps.
 */
public final class InProcessTransport implements Transport {
    private static final Logger LOG = LoggerFactory.getLogger(InProcessTransport.class);

    private final InProcessNetwork network;
    private final FrameIdentity identity;
    private final int valueLengthMax;
    private final Mailbox mailbox;
    private final LamportClock clock = new LamportClock();
    private final TransportCounters counters = new TransportCounters();
    private final FrameReader reader;
    private final MessageHandler recordHandler = this::onRecord;
    private final Consumer<Introduction> introductionHandler = this::onIntroduction;
    private final Handshaker handshaker = new Handshaker();

    // By sender. The newest that was admitted, and the one that the frames read now belong to.
    private final Int2ObjectHashMap<Introduction> admitted = new Int2ObjectHashMap<>();
    private final Int2ObjectHashMap<Introduction> present = new Int2ObjectHashMap<>();
    private final Int2ObjectHashMap<String> logged = new Int2ObjectHashMap<>(); // the last refusal by sender

    private Link[] links = {}; // one for each replica that was sent to; few, and all visited in each cycle of a replica
    private int introducedTo; // how many replicas the network had when links to all were opened last
    private Messages receiver; // non-null only inside poll
    private int delivered; // messages in this poll

    InProcessTransport(
            final InProcessNetwork network,
            final FrameIdentity identity,
            final Mailbox mailbox,
            final int valueLengthMax) {
        this.network = network;
        this.identity = identity;
        this.mailbox = mailbox;
        this.valueLengthMax = valueLengthMax;
        this.reader = new FrameReader(identity, valueLengthMax, clock, this::isAllowed);
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
        final Link link = new Link(
                network, mailbox, self(), replica, FrameLayout.frameLengthMax(valueLengthMax), handshaker, counters);
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
        mailbox.takeIntroductions(introductionHandler);
        if (introducedTo != network.size() && handshaker.isGiven()) {
            introducedTo = network.size(); // grows only; a replica that comes back is found by its link
            network.mailboxes().forEachInt((id, other) -> introduceTo(id));
        }
        for (int i = 0; i < links.length; i++) {
            links[i].advance();
        }
        this.receiver = receiver;
        delivered = 0;
        try {
            mailbox.read(recordHandler, limit);
        } finally {
            this.receiver = null;
        }
        return delivered;
    }

    /** Opens a link, which introduces this replica even if it sends nothing. */
    private void introduceTo(final int replica) {
        if (replica != self()) {
            to(replica);
        }
    }

    private void onIntroduction(final Introduction introduction) {
        final int sender = introduction.sender();
        final String refusal = handshaker.admit(sender, introduction.card());
        if (refusal == null) {
            admitted.put(sender, introduction);
        } else {
            onRefused(sender, refusal);
        }
        introduction.judge(new Introduction.Verdict(refusal, handshaker.card(sender)));
        final Mailbox back = network.mailbox(sender);
        if (back != null) {
            back.wakeup();
        }
    }

    private void onRefused(final int sender, final String why) {
        counters.handshakeRefused();
        if (!why.equals(logged.put(sender, why))) {
            LOG.warn("replica {} refused replica {}: {}", self(), sender, why);
        }
    }

    private void onOpening(final MutableDirectBuffer buffer, final int offset) {
        final int sender = buffer.getInt(offset + Long.BYTES, LITTLE_ENDIAN);
        final Introduction newest = admitted.get(sender);
        if (newest != null && newest.number() == buffer.getLong(offset, LITTLE_ENDIAN)) {
            present.put(sender, newest);
        } else {
            present.remove(sender);
        }
    }

    /** Whether frames of this sender are delivered; the replica confirms the sender before the first one. */
    private boolean isAllowed(final int sender) {
        if (!handshaker.isGiven()) {
            return network.mailbox(sender) != null;
        }
        final Introduction from = present.get(sender);
        return from != null && (from.isConfirmed() || confirm(from));
    }

    private boolean confirm(final Introduction from) {
        final String refusal = handshaker.confirm(from.sender(), from.card());
        if (refusal == null) {
            from.confirm();
            logged.remove(from.sender());
            return true;
        }
        present.remove(from.sender());
        onRefused(from.sender(), refusal);
        from.judge(new Introduction.Verdict(refusal, from.verdict().card()));
        return false;
    }

    private void onRecord(final int type, final MutableDirectBuffer buffer, final int offset, final int length) {
        if (mailbox.isClosed()) {
            return; // closed by the receiver, in the middle of a poll
        }
        if (type == Link.OPENING) {
            onOpening(buffer, offset);
            return;
        }
        final FrameVerdict verdict = reader.read(buffer, offset, length, receiver);
        if (verdict == FrameVerdict.DELIVERED) {
            counters.received(1, length);
            delivered++;
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

    /**
     * Always true. While neither of two replicas has called this, both send without an introduction. A refusal is tried
     * again after 100 ms.
     */
    @Override
    public boolean handshake(final Handshake handshake) {
        handshaker.use(handshake);
        mailbox.judge();
        for (final Link link : links) {
            link.reset();
        }
        return true;
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
