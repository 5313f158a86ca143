package io.paxos.testkit.sim.net;

import org.agrona.DirectBuffer;

/**
 * The way from one life of a member to one life of another: the card of the sender, and what the receiver replies. Like
 * a connection of TCP it ends with either process, and the next life needs another.
 */
public final class Connection {
    private final Connections sender;
    private final int from;
    private final int to;
    private final DirectBuffer card; // never modified
    private Connections receiver; // the life that it has reached; null before
    private DirectBuffer reply; // the card of the receiver; null before it has judged the card of the sender
    private String refusal; // why the receiver does not take the sender; null if it does, or before it has judged
    private boolean isConfirmed; // by the receiver, at the first packet
    private boolean isOpen; // both have admitted each other
    private boolean isBroken; // true for good

    Connection(final Connections sender, final int from, final int to, final DirectBuffer card) {
        this.sender = sender;
        this.from = from;
        this.to = to;
        this.card = card;
    }

    public int from() {
        return from;
    }

    public int to() {
        return to;
    }

    Connections sender() {
        return sender;
    }

    DirectBuffer card() {
        return card;
    }

    DirectBuffer reply() {
        return reply;
    }

    String refusal() {
        return refusal;
    }

    boolean isOpen() {
        return isOpen && !isBroken;
    }

    boolean isConfirmed() {
        return isConfirmed;
    }

    /** Whether it ends at this life of the receiver. */
    boolean hasReached(final Connections life) {
        return receiver == life;
    }

    void reached(final Connections life) {
        receiver = life;
    }

    void judged(final String newRefusal, final DirectBuffer receiverCard) {
        refusal = newRefusal;
        reply = receiverCard;
    }

    void open() {
        isOpen = true;
    }

    void confirmed() {
        isConfirmed = true;
    }

    void broken() {
        isBroken = true;
    }
}
