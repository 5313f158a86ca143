package io.paxos.spi;

import org.agrona.DirectBuffer;

/**
 * Every message that one replica can say to another, one method each.
 *
 * <p>The sender calls a method, the wire encodes it, the receiver implements it, the simulator delays it. {@code from} is
 * the replica id of the speaker, 1..65535. A ballot is {@code round << 16 | replica id}, always > 0; a slot is >= 1. A
 * payload is {@code length} bytes at {@code offset} and is valid only during the call: who needs it longer copies it.
 *
 * <p>Those that claim that something is durable are in {@link Claims}; the others may be said at any time.
 *
 * <p>A message may be lost, repeated, delayed and overtaken. It is never altered: the wire checks a CRC.
 */
public interface Messages extends Claims {
    /** Phase 2a: proposes a value, and says that this ballot's leader knows slots through {@code chosenThrough} chosen. */
    void accept(int from, long ballot, long slot, long chosenThrough, DirectBuffer value, int offset, int length);

    /** Phase 1b or 2b: no; a higher ballot {@code promised} stands in the way. {@code slot} is the one asked about. */
    void reject(int from, long promised, long slot);

    /** The leader of {@code ballot} knows every slot through {@code throughSlot} chosen, with the value of its ballot. */
    void chosen(int from, long ballot, long throughSlot);

    /** Asks for the chosen values of these slots, both ends inclusive. */
    void fetch(int from, long fromSlot, long throughSlot);

    /** The chosen value of one slot; {@code ballot} is one in which it was accepted after, or when, it was chosen. */
    void learn(int from, long ballot, long slot, DirectBuffer value, int offset, int length);

    /** Heartbeat, question: one per round to each other member. Its handling changes no protocol state. */
    void ping(int from, long round);

    /**
     * Heartbeat, answer to the ping of {@code round}, given once more when the speaker becomes unhappy: the ballot that it
     * follows (0 for none), whether it is happy with it (it leads with a quorum, or hears that leader say so), and the slot
     * through which it knows values chosen. A candidate tells no ballot, which may be on no disk yet, and says that it is
     * happy, so that others wait for it.
     */
    void pong(int from, long round, long following, boolean happy, long chosenThrough);

    /** Commands for the leader to propose: entries in the layout of a value's commands, without a header. */
    void forward(int from, DirectBuffer commands, int offset, int length);

    /** Asks the leader for a slot that a linearizable read of the speaker's {@code round} must wait for. */
    void askRead(int from, long round);

    /** The leader of {@code ballot} asks whether it still is the highest promised; {@code round} numbers the question. */
    void confirm(int from, long ballot, long round);

    /** No higher ballot was promised when the question {@code round} of {@code ballot} arrived. */
    void confirmed(int from, long ballot, long round);

    /** The answer to {@link #askRead}: reads through {@code round} may be served once {@code slot} is applied. */
    void readAt(int from, long ballot, long round, long slot);
}
