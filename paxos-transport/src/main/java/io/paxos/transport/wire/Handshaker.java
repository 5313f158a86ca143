package io.paxos.transport.wire;

import io.paxos.spi.Handshake;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Asks the replica what it says of itself, and whom it admits. Until a replica has given its {@link Handshake}, cards
 * are empty and all peers are admitted. For the thread that polls.
 */
public final class Handshaker {
    private static final DirectBuffer EMPTY = new UnsafeBuffer(new byte[0]);

    private volatile Handshake handshake; // null until it is given; perhaps by a thread before the one that polls

    /** Asks this one from now on. Returns whether there was none before. */
    public boolean use(final Handshake given) {
        final boolean isFirst = handshake == null;
        handshake = given;
        return isFirst;
    }

    /** Whether there is a replica to ask. */
    public boolean isGiven() {
        return handshake != null;
    }

    /** What this replica says of itself to a peer now: a copy. */
    public DirectBuffer card(final int peer) {
        final Handshake current = handshake;
        if (current == null) {
            return EMPTY;
        }
        final byte[] bytes = new byte[Handshake.CARD_LENGTH_MAX];
        final UnsafeBuffer card = new UnsafeBuffer(bytes);
        final int length = current.card(peer, card, 0);
        if (length < 0 || length > bytes.length) {
            throw new IllegalStateException(
                    "a card of " + length + " bytes; the longest has " + Handshake.CARD_LENGTH_MAX);
        }
        card.wrap(bytes, 0, length);
        return card;
    }

    /** Null if the replica admits the peer with this card, else why not. */
    public String admit(final int peer, final DirectBuffer card) {
        final Handshake current = handshake;
        return current == null ? null : current.admit(peer, card, 0, card.capacity());
    }

    /** Null if messages of the process that sent this card may be delivered, else why not. */
    public String confirm(final int peer, final DirectBuffer card) {
        final Handshake current = handshake;
        return current == null ? null : current.confirm(peer, card, 0, card.capacity());
    }
}
