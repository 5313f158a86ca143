package io.paxos.statemachine;

/**
 * Writes the state of one moment, slice by slice, while commands go on. A command must not change what is written: the
 * state machine keeps the old value of what it changes until it is written, or works on an immutable copy.
 */
public interface SnapshotWriter {
    /**
     * Writes the next slice, some {@link SnapshotSink#SLICE_BYTES} bytes. The replica executes nothing meanwhile. A
     * much longer slice is taken, and delays all commands.
     *
     * @return whether more is to be written
     */
    boolean writeSlice(SnapshotSink sink);

    /** The snapshot is complete, or given up. What was kept for it can go. Called once. */
    default void close() {}
}
