package io.paxos.spi;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What two members tell each other before the first message, and whether each takes messages of the other.
 *
 * <p>The bytes are the replica's own; a transport only carries them. A transport that has connections works so:
 *
 * <ol>
 *   <li>The side that opens a connection sends its {@link #card} first.
 *   <li>The side that accepts it calls {@link #admit}. It replies with the verdict and with its own card.
 *   <li>The side that opened it calls {@link #admit} too, also if it is refused: it may learn that it must stop.
 *       Messages follow if both have admitted each other.
 *   <li>The side that accepted it calls {@link #confirm} once, with the card of the connection, before it delivers the
 *       first message of the connection.
 * </ol>
 *
 * <p>So both sides of a connection know which process, and which disk, is at its other end. A card of length 0 comes
 * from a peer without a handshake. Each call comes on the thread that polls the transport; {@link #confirm} can write
 * to the disk. A peer that is refused is judged again at each of its attempts to connect.
 */
public interface Handshake {
    /** The longest card, in bytes. */
    int CARD_LENGTH_MAX = 2048;

    /** Writes what this replica tells a peer of itself: at most {@link #CARD_LENGTH_MAX} bytes. Returns how many. */
    int card(int peer, MutableDirectBuffer buffer, int offset);

    /**
     * Judges the card of a peer.
     *
     * @return null if the peer is admitted, else why not, in one line for the logs of both: what differs, both values,
     *     what to do
     */
    String admit(int peer, DirectBuffer card, int offset, int length);

    /**
     * A message has come from the process that sent this card, which was admitted before. What the card says of the
     * peer's disk is durable when this returns.
     *
     * @return null if the message may be delivered, else why not; then the connection is to be closed
     */
    String confirm(int peer, DirectBuffer card, int offset, int length);
}
