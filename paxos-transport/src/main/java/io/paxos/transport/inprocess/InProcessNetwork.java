package io.paxos.transport.inprocess;

import io.paxos.spi.AgronaFlags;
import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.FrameLayout;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.BitUtil;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * The network between replicas of one JVM. Each replica has one bounded mailbox off the heap, into which all others
 * write.
 *
 * <p>A replica that closes may come back with a new transport; what was in its mailbox is lost, as over any network.
 */
public final class InProcessNetwork {
    private static final int DEFAULT_MAILBOX_BYTES = 16 << 20;
    private static final int DEFAULT_VALUE_LENGTH_MAX = 1 << 20;

    private final int mailboxBytes;
    private final int valueLengthMax;
    private final AtomicLong introductions = new AtomicLong(); // how many there were

    // Never modified, only replaced, so that a sender reads it without a lock. No boxed keys.
    private volatile Int2ObjectHashMap<Mailbox> mailboxes = new Int2ObjectHashMap<>();

    /** A network with 16 MiB per replica, for values of up to 1 MiB. */
    public InProcessNetwork() {
        this(DEFAULT_MAILBOX_BYTES, DEFAULT_VALUE_LENGTH_MAX);
    }

    /**
     * A network for values of up to {@code valueLengthMax} bytes.
     *
     * @param mailboxBytes how many bytes may wait for one replica: a power of two, and at least eight times the longest
     *     frame
     */
    public InProcessNetwork(final int mailboxBytes, final int valueLengthMax) {
        AgronaFlags.require();
        if (valueLengthMax < 1) {
            throw new IllegalArgumentException("valueLengthMax " + valueLengthMax + " is not positive");
        }
        if (!BitUtil.isPowerOfTwo(mailboxBytes)) {
            throw new IllegalArgumentException("mailboxBytes " + mailboxBytes + " is not a power of two");
        }
        if (mailboxBytes / 8 < FrameLayout.frameLengthMax(valueLengthMax)) {
            throw new IllegalArgumentException("mailboxBytes " + mailboxBytes + " is less than eight frames of up to "
                    + FrameLayout.frameLengthMax(valueLengthMax) + " bytes; raise it, or lower valueLengthMax");
        }
        this.mailboxBytes = mailboxBytes;
        this.valueLengthMax = valueLengthMax;
    }

    /**
     * The transport of one replica, open until it is closed.
     *
     * @param self the replica id, 1..65535
     * @throws IllegalStateException if that replica has one that is still open
     */
    public synchronized InProcessTransport transport(final int self) {
        final FrameIdentity identity = new FrameIdentity(0, 0, 0, self);
        final Mailbox before = mailboxes.get(self);
        if (before != null && !before.isClosed()) {
            throw new IllegalStateException("replica " + self + " has a transport on this network; close it first");
        }
        final Mailbox mailbox = new Mailbox(mailboxBytes);
        final Int2ObjectHashMap<Mailbox> next = new Int2ObjectHashMap<>(mailboxes);
        next.put(self, mailbox);
        mailboxes = next;
        return new InProcessTransport(this, identity, mailbox, valueLengthMax);
    }

    /** The number of the next introduction. Any thread. */
    long nextIntroduction() {
        return introductions.incrementAndGet();
    }

    /** How many replicas have had a mailbox. Any thread. */
    int size() {
        return mailboxes.size();
    }

    /** All mailboxes by replica, open or closed. Must not be modified. */
    Int2ObjectHashMap<Mailbox> mailboxes() {
        return mailboxes;
    }

    /** The newest mailbox of a replica, open or closed; null if it never had one. Any thread, no allocation. */
    Mailbox mailbox(final int replica) {
        return mailboxes.get(replica);
    }
}
