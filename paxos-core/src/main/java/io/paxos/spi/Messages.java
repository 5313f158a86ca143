package io.paxos.spi;

import org.agrona.DirectBuffer;

/**
 * Every message that one replica can send to another, one method each.
 *
 * <p>The sender calls a method, the wire encodes it, the receiver implements it, the simulator delays it. {@code from}
 * is the replica id of the sender, 1..65535. A ballot is {@code round << 16 | replica id}, always > 0. A slot is >= 1.
 * A payload is {@code length} bytes at {@code offset}. It is valid during the call only: a receiver copies what it
 * keeps.
 *
 * <p>Messages that claim that something is durable are in {@link Claims}. The others claim nothing and can be sent at
 * any time.
 *
 * <p>A message can be lost, repeated, delayed and overtaken. It is never altered: the wire checks a CRC.
 */
public interface Messages extends Claims {
    /**
     * Phase 2a: proposes a value, and says that this ballot's leader knows slots through {@code chosenThrough} chosen.
     */
    void accept(int from, long ballot, long slot, long chosenThrough, DirectBuffer value, int offset, int length);

    /**
     * Phase 1b or 2b, refused: the sender has promised a higher ballot, {@code promised}. {@code slot} is the one asked
     * for.
     */
    void reject(int from, long promised, long slot);

    /**
     * The leader of {@code ballot} knows every slot through {@code throughSlot} chosen, with the value of its ballot.
     */
    void chosen(int from, long ballot, long throughSlot);

    /** Asks for the chosen values of these slots, both ends inclusive. */
    void fetch(int from, long fromSlot, long throughSlot);

    /** The chosen value of one slot. It was accepted in {@code ballot} when it was chosen, or later. */
    void learn(int from, long ballot, long slot, DirectBuffer value, int offset, int length);

    /** Heartbeat, question: one per round to each other member. Its handling changes no protocol state. */
    void ping(int from, long round);

    /**
     * Heartbeat, answer to the ping of {@code round}. Sent once more when the sender becomes unhappy.
     *
     * <p>{@code following} is the ballot that the sender follows, 0 for none. It is {@code happy} if it leads with a
     * quorum, or if its leader says that it does. It knows values chosen through {@code chosenThrough}. A candidate
     * sends ballot 0, because its own ballot may be on no disk yet. It says that it is happy, so that the others wait
     * for it.
     */
    void pong(int from, long round, long following, boolean happy, long chosenThrough);

    /** Commands for the leader to propose: encoded as the commands of a value, without its header. */
    void forward(int from, DirectBuffer commands, int offset, int length);

    /**
     * Asks the leader, or a neighbour of it that passes it on, for the slot that linearizable reads of the sender's
     * {@code round} must wait for.
     */
    void askRead(int from, long round);

    /**
     * The leader of {@code ballot} asks whether that is still the highest promised. {@code round} numbers the question.
     */
    void confirm(int from, long ballot, long round);

    /** No higher ballot was promised when the question {@code round} of {@code ballot} arrived. */
    void confirmed(int from, long ballot, long round);

    /**
     * The answer to {@link #askRead}: reads through {@code round} may be served once {@code slot} is applied. {@code
     * ballot} is that of the leader, which is not the sender if a neighbour passes the answer on.
     */
    void readAt(int from, long ballot, long round, long slot);

    /**
     * The sender has applied every slot through {@code slot}: a multiple of 8. {@code values} is its running CRC32C of
     * the values of these slots. {@code replies} is that of their replies, or -1 if the sender does not compare
     * replies. A receiver whose checksum of the same slot differs tells its own and stops.
     */
    void applied(int from, long slot, long values, long replies);

    /** The wall clock of the sender showed {@code timeMs}, ms since 1970, when it sent this. Follows each pong. */
    void wallClock(int from, long timeMs);

    /**
     * The sender has trimmed every slot below {@code firstSlot}: all of them are chosen, and are in a snapshot of it.
     * Answers a {@link #fetch} of such a slot, and an {@link #accept} in one.
     */
    void trimmed(int from, long firstSlot);

    /**
     * Asks for the newest snapshot of the receiver, if it covers every slot through {@code throughSlot}. The answer is
     * {@link #snapshot}. A receiver without such a snapshot does not answer.
     */
    void askSnapshot(int from, long throughSlot);

    /**
     * The sender has a durable snapshot of every slot through {@code slot}, {@code length} bytes long. {@code id} is a
     * random number: two snapshots with one id have the same bytes.
     */
    void snapshot(int from, long slot, long id, long length);

    /**
     * Asks for the bytes of a snapshot, from byte {@code position} on. The answers are {@link #snapshotBytes}, as many
     * as the receiver allows; or {@link #snapshot}, if the receiver has another snapshot by now.
     */
    void fetchSnapshot(int from, long slot, long id, long position);

    /** Bytes of a snapshot. The first one is byte {@code position} of the snapshot, counted from 0. */
    void snapshotBytes(int from, long slot, long id, long position, DirectBuffer bytes, int offset, int length);

    /**
     * The sender leads in {@code ballot} and proposes no new command now, because its log has no room. Follows each
     * pong while it is so.
     */
    void full(int from, long ballot);
}
