package io.paxos.spi;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The snapshots of one replica. Each holds its state after all slots through one, as bytes that only the replica
 * understands. The newest two are kept.
 *
 * <p>One thread calls everything. Only {@link #open} and reading wait for the medium.
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
    };

    /** One snapshot that is read, from its first byte on. */
    interface Input extends AutoCloseable {
        /**
         * Reads the next bytes, at most {@code length}.
         *
         * @return how many, at least 1; -1 at the end. By then the whole snapshot has been found sound
         * @throws IllegalStateException if it is damaged; the message names the file and the place
         */
        int read(MutableDirectBuffer buffer, int offset, int length);

        /** The length of the whole snapshot in bytes. */
        long length();

        @Override
        void close();
    }

    /** One snapshot that is written. It does not exist before it is durable as a whole. */
    interface Output {
        /** Where the snapshot stands. */
        enum State {
            /** Takes bytes. */
            WRITING,
            /** Has all bytes, and becomes durable. */
            FINISHING,
            /** The snapshot exists, and is durable. */
            DURABLE,
            /** It could not be written, and nothing of it is left. The older ones stay. */
            FAILED
        }

        /**
         * How many more bytes should be written now. Not positive if the medium is behind; the store then wakes the
         * caller up when it has caught up.
         */
        long room();

        /** Appends bytes, which are copied. Takes more than {@link #room} says, and needs memory for it. */
        void write(DirectBuffer buffer, int offset, int length);

        /** All bytes are written. */
        void finish();

        State state();

        /** Why it has failed, in one line: what, where, what to do. Null unless it has. */
        String failure();

        /** Gives it up in any state before {@link State#DURABLE}. Nothing of it is left. */
        void abandon();
    }

    /** Whether snapshots can be kept here. */
    default boolean isAvailable() {
        return true;
    }

    /** The slots of all complete snapshots, the newest first. None of them has been read yet. */
    long[] slots();

    /**
     * Opens the snapshot of one of these slots.
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
}
