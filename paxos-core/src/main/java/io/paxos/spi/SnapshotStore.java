package io.paxos.spi;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The snapshots of one replica. Each holds its state after all slots through one, as bytes that only the replica
 * understands. The newest two are kept, and each one that is open.
 *
 * <p>A snapshot is written here ({@link #begin}), or comes from another replica ({@link #receive}). Both have the same
 * bytes and the same random number, wherever they are read. A snapshot that is being received outlives the process: the
 * next {@code receive} goes on where the last one ended.
 *
 * <p>Example: replica 1 has the snapshot of slot 500 with id 77, 1,000,000 bytes long. Replica 2 receives it and is
 * killed. Its store holds the first 786,432 bytes. {@code receive(500, 77)} finds them, so replica 2 needs what follows
 * byte 786,432 only, also from replica 3 if that has received the same snapshot before. {@code receive(600, 78)} finds
 * nothing, and what is there of slot 500 is deleted.
 *
 * <p>One thread calls everything. Only {@link #open}, {@link Input#seek} and reading wait for the medium.
 */
public interface SnapshotStore {
    /** Keeps nothing. */
    SnapshotStore NONE = new SnapshotStore() {
        @Override
        public boolean isAvailable() {
            return false;
        }

        @Override
        public long[] slots() {
            return new long[0];
        }

        @Override
        public Input open(final long slot) {
            throw new IllegalArgumentException("there is no snapshot of slot " + slot);
        }

        @Override
        public Output begin(final long slot, final Runnable wakeup) {
            throw new IllegalStateException("no snapshots are kept here");
        }

        @Override
        public Output receive(final long slot, final long id, final Runnable wakeup) {
            throw new IllegalStateException("no snapshots are kept here");
        }
    };

    /** One snapshot that is read, from its first byte on unless {@link #seek} is called. */
    interface Input extends AutoCloseable {
        /**
         * Reads the next bytes, at most {@code length}.
         *
         * @return how many, at least 1; -1 at the end. By then the whole snapshot has been found sound, unless {@link
         *     #seek} was called
         * @throws IllegalStateException if it is damaged; the message names the file and the place
         */
        int read(MutableDirectBuffer buffer, int offset, int length);

        /**
         * The next read begins at this byte, 0..{@link #length}. No byte is given out that was not found sound, but
         * bytes that are not read are not looked at.
         */
        void seek(long position);

        /** The length of the whole snapshot in bytes. */
        long length();

        /** A random number: two snapshots with the same one have the same bytes. */
        long id();

        @Override
        void close();
    }

    /** One snapshot that is written. It does not exist before it is durable as a whole. */
    interface Output {
        /** Where the snapshot stands. */
        enum State {
            /** Looks for what an earlier {@link #receive} of it has left. Takes no bytes yet, and has no room. */
            RESUMING,
            /** Takes bytes. */
            WRITING,
            /** Has all bytes, and becomes durable. */
            FINISHING,
            /** The snapshot exists, and is durable. */
            DURABLE,
            /** It could not be written, and nothing of it is left; or it was given up. The older ones stay. */
            FAILED
        }

        /**
         * How many more bytes should be written now. Not positive if the medium is behind; the store then wakes the
         * caller up when it has caught up.
         */
        long room();

        /**
         * How many bytes it holds: those that were written, and before them those that an earlier {@link #receive} has
         * left. So the next byte to be written is this one, counted from 0. -1 before {@link State#WRITING}.
         */
        long length();

        /** Appends bytes, which are copied. Takes more than {@link #room} says, and needs memory for it. */
        void write(DirectBuffer buffer, int offset, int length);

        /** All bytes are written. */
        void finish();

        /**
         * The log needs to be trimmed soon: from now on the medium is not spared any more. May be called again and
         * again. Does nothing by default.
         */
        default void hurry() {}

        State state();

        /** Why it has failed, in one line: what, where, what to do. Null unless it has. */
        String failure();

        /**
         * Gives it up in any state before {@link State#DURABLE}. Of one that is written nothing is left. Of one that is
         * received a part stays, for the next {@code receive} of it.
         */
        void abandon();
    }

    /** Whether snapshots can be kept here. */
    default boolean isAvailable() {
        return true;
    }

    /** The slots of all complete snapshots, the newest first. None of them has been read yet. */
    long[] slots();

    /** The slot of the snapshot that {@link #receive} would go on with; 0 (default) if there is none. */
    default long unfinishedSlot() {
        return 0;
    }

    /** The id of that snapshot; 0 (default) if there is none. */
    default long unfinishedId() {
        return 0;
    }

    /** About how many bytes of it are here. 0 (default) if there is none, or if nobody knows before it is read. */
    default long unfinishedLength() {
        return 0;
    }

    /**
     * Opens the snapshot of one of these slots. It stays until all its inputs are closed, also if newer ones replace
     * it: {@link #slots} names it, and it can be opened again. It is deleted when the next snapshot becomes durable.
     * The end of the process closes all inputs.
     *
     * @throws IllegalStateException if it is damaged or cannot be read; the message names the file
     */
    Input open(long slot);

    /**
     * Begins the snapshot of a slot above all others. At most one is written at a time.
     *
     * @param wakeup called on any thread when the state or the room has changed
     */
    Output begin(long slot, Runnable wakeup);

    /**
     * Begins a snapshot that another replica sends, or goes on with one of exactly this slot and id that did not become
     * durable. {@link Output#length} says how much of it is there; all that was found sound. What is left of any other
     * one is deleted. The slot is above those of all complete snapshots. At most one snapshot is written or received at
     * a time.
     *
     * @param id {@link Input#id} of the snapshot at its sender; it becomes that of this one
     * @param wakeup called on any thread when the state or the room has changed
     */
    Output receive(long slot, long id, Runnable wakeup);
}
