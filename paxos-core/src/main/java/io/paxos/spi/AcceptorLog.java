package io.paxos.spi;

import org.agrona.DirectBuffer;

/**
 * The durable memory of one acceptor: its promises and the values that it accepted, in the order in which it made them.
 *
 * <p>A log is one stream of records. What is durable is always a prefix of what was appended. Positions are bytes or
 * records, as the log chooses: only their order matters. One thread calls everything but {@link #close}.
 *
 * <p>Any method may throw if the medium fails. Then the caller stops for good and never retries: after a failed force
 * nothing is known about what is on disk. A log that has thrown keeps throwing.
 */
public interface AcceptorLog extends AutoCloseable {
    /** The longest notes, in bytes. */
    int NOTES_LENGTH_MAX = 8192;

    /** What {@link #read} has found. */
    enum ReadResult {
        /** A value was accepted in the slot, and was handed to the reader. */
        FOUND,
        /** Nothing was accepted in the slot. */
        ABSENT,
        /** The slot is below {@link #firstSlot}: its value is chosen, and is in a snapshot. */
        TRIMMED
    }

    /** Takes one accepted value. The bytes are valid during the call. The call must not read the log, nor append. */
    interface ValueReader {
        void value(long slot, long ballot, DirectBuffer buffer, int offset, int length);
    }

    /**
     * The id of the replica that this log belongs to, 1..65535; 0 if the log does not know. A replica with another id
     * refuses the log when it is built.
     */
    default int replica() {
        return 0;
    }

    /** How often this log has been opened, this time included: >= 1. Durable before the log is handed out. */
    int incarnation();

    /** The id of the cluster that this log was made for; 0 (default) if it takes that of its replica. */
    default long clusterId() {
        return 0;
    }

    /**
     * A random number that this medium got when it was first opened; another number means another medium. 0 (default)
     * if the log cannot tell: then the others cannot notice that it was emptied or exchanged.
     */
    default long storageId() {
        return 0;
    }

    /**
     * A random number that an opening of this log got, this one or an earlier one, by its incarnation. It is durable
     * before that log is handed out. 0 if there was no such opening. It tells two copies of one medium apart: each
     * copy counts incarnations of its own, with numbers of their own.
     */
    default long openingId(final int incarnation) {
        return 0;
    }

    /** What {@link #putNotes} has stored last; empty if nothing. For the replica, which alone knows what it means. */
    default byte[] notes() {
        return new byte[0];
    }

    /**
     * Replaces the notes, at most {@link #NOTES_LENGTH_MAX} bytes. Durable when this returns, complete or not at all,
     * whatever {@link #durability} says. Rare, and may take as long as the medium does. A log without a storage id
     * need not keep them.
     */
    default void putNotes(final byte[] notes) {}

    /** Where snapshots of the replica's state are kept, beside this log. None by default. */
    default SnapshotStore snapshots() {
        return SnapshotStore.NONE;
    }

    /** The highest ballot promised for all slots; 0 if none. */
    long promised();

    /** The highest ballot promised or accepted in for this one slot, or promised for all; 0 if none. */
    long promised(long slot);

    /**
     * The first slot that was not trimmed; 1 if none was. Never falls while the log is open. After a crash it can be
     * lower than before; then everything from there on is still here.
     */
    long firstSlot();

    /** The highest slot with an accepted value; 0 if none. Trimmed slots may be left out. */
    long lastSlot();

    /**
     * The highest slot through which every value was known to be chosen, as last recorded by {@link #accept}. At least
     * {@code firstSlot - 1}.
     */
    long chosenThrough();

    /**
     * The ballot in which the value of this slot was last accepted; 0 if none was, and 0 if it was trimmed. No read of
     * the medium.
     */
    long acceptedBallot(long slot);

    /**
     * Reads the value last accepted in a slot, durable or not.
     *
     * @return whether there was one; the reader was called if it is FOUND, and only then
     * @throws IllegalStateException if its record is damaged; the message says where
     */
    ReadResult read(long slot, ValueReader reader);

    /**
     * Gives up the values and promises of all slots through this one. The caller knows that they are chosen, and has a
     * durable snapshot of what they did. The promise for all slots stays. Does nothing if they were given up before.
     *
     * <p>It holds at once for every question. It is durable later, before any space is used for something else. Space
     * is given back in parts, as the log chooses. {@code throughSlot} may lie above {@link #lastSlot}.
     *
     * @throws UnsupportedOperationException (default) if this log keeps everything. Then it must keep no snapshots.
     */
    default void trim(final long throughSlot) {
        throw new UnsupportedOperationException(getClass() + " cannot trim through slot " + throughSlot);
    }

    /**
     * The highest slot, at most {@code throughSlot}, through which {@link #trim} gives space back, if the last {@code
     * keepBytes} bytes of the log are to stay. {@code firstSlot - 1} (default) if there is none.
     */
    default long trimPoint(final long throughSlot, final long keepBytes) {
        return firstSlot() - 1;
    }

    /** The log gives space back in pieces of at most so many bytes. 0 (default) if it cannot tell. */
    default long pieceBytes() {
        return 0;
    }

    /** How many bytes of its medium the log uses now, snapshots not included. 0 (default) if it cannot tell. */
    default long bytes() {
        return 0;
    }

    /**
     * Whether the medium is full, but for what the log has set aside. The replica proposes nothing new meanwhile, and
     * votes. It ends when there is space again. False (default) if the medium is never full. Any thread.
     */
    default boolean isFull() {
        return false;
    }

    /**
     * Whether a promise and an accepted value of this many bytes can be appended now. If not, the caller appends
     * nothing, as if it had never received the message. Appends after a no can fail, and then the log has failed. True
     * (default) if the medium is never full.
     *
     * <p>After a no, {@link #sync} tries to find space for what was appended before. Once it does, the answer is yes.
     */
    default boolean hasRoomFor(final int valueLength) {
        return true;
    }

    /** Appends a promise for all slots, not below {@link #promised()}. */
    void promise(long ballot);

    /**
     * Appends a promise for one slot alone, not below {@link #promised(long)}: single-decree Paxos.
     *
     * @throws IllegalArgumentException if the slot was trimmed
     */
    void promise(long ballot, long slot);

    /**
     * Appends an accepted value, replacing what was accepted in the slot before. The value is copied before return.
     *
     * <p>{@code chosenThrough} is stored with it, so that a restart knows which values were chosen. The record is a
     * promise of {@code ballot} for this slot too. A promise of a new ballot for all slots is a record of its own,
     * appended before.
     *
     * @throws IllegalArgumentException if {@code length} exceeds {@link #valueLengthMax}, or the slot was trimmed
     */
    void accept(long ballot, long slot, long chosenThrough, DirectBuffer value, int offset, int length);

    /** The position of the next record: everything appended is below it. */
    long appendedPosition();

    /** Everything below this position is durable, in the sense of {@link #durability}. Never falls. */
    long durablePosition();

    /**
     * Makes durable what was appended, on this thread or on one of the log's own. Does not wait for a slow medium.
     *
     * @return the amount of work done; 0 if there was nothing to do
     */
    int sync();

    /**
     * Registers what to call, on any thread, after {@link #durablePosition} moved outside {@link #sync}, or the log
     * failed.
     */
    void onDurable(Runnable wakeup);

    /** The longest value, in bytes, that fits one record. */
    int valueLengthMax();

    /**
     * What "durable" means here, in one word: {@code sync} (forced to disk) or {@code replicated} (in the page cache).
     */
    String durability();

    /** Forces what was appended and closes the medium. Any thread, after the owner has stopped. */
    @Override
    void close();
}
