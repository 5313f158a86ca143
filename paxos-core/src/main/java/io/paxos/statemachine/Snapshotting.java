package io.paxos.statemachine;

/**
 * A state machine whose state can be written and read back. A replica then starts from its newest snapshot, and
 * executes only what was chosen after it. One without this works too: its replica executes the whole log at each start.
 */
public interface Snapshotting extends StateMachine {
    /**
     * Begins a snapshot: all commands that were applied so far, and none that comes later. Called on the replica's
     * thread between two commands. Returns at once, so it copies nothing large. The result is used on the same thread,
     * between later commands. There is one at a time.
     */
    SnapshotWriter writeSnapshot();

    /**
     * Replaces the whole state by that of a snapshot, of which all bytes have been found sound. Called before the first
     * command, and later if this replica was away for so long that the others have trimmed what it lacks. Then the
     * snapshot is newer than the state. The replica does nothing else meanwhile. An exception stops the replica.
     *
     * @throws IllegalArgumentException if the bytes are not what a {@link SnapshotWriter} of this state machine writes
     */
    void readSnapshot(SnapshotSource source);
}
