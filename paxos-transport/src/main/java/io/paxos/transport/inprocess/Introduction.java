package io.paxos.transport.inprocess;

import org.agrona.DirectBuffer;

/**
 * What the sender of one link says of itself to one mailbox, and the verdict of the receiver. Made by the sender's
 * thread and judged by the receiver's, each of which writes its own fields only.
 */
final class Introduction {
    private final long number; // of no other introduction on this network
    private final int sender;
    private final DirectBuffer card; // never modified

    private boolean isConfirmed; // receiver: its frames are delivered
    private volatile Verdict verdict; // null until the receiver has judged the card; a welcome may be taken back

    /**
     * What the receiver replies.
     *
     * @param refusal null if the sender is admitted, else why not
     * @param card what the receiver says of itself
     */
    record Verdict(String refusal, DirectBuffer card) {}

    Introduction(final long number, final int sender, final DirectBuffer card) {
        this.number = number;
        this.sender = sender;
        this.card = card;
    }

    long number() {
        return number;
    }

    int sender() {
        return sender;
    }

    DirectBuffer card() {
        return card;
    }

    /** Null if it is not judged yet. Any thread. */
    Verdict verdict() {
        return verdict;
    }

    /** Receiver. */
    void judge(final Verdict value) {
        verdict = value;
    }

    /** Receiver. */
    boolean isConfirmed() {
        return isConfirmed;
    }

    /** Receiver. */
    void confirm() {
        isConfirmed = true;
    }
}
