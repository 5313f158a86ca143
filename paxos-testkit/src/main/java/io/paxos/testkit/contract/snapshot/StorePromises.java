package io.paxos.testkit.contract.snapshot;

/** What {@link SnapshotStoreContract} holds a store to, in the text that a failure shows. */
final class StorePromises {
    static final String OPENS = "a store opens in an empty directory, and again where it was closed";
    static final String AVAILABLE = "a store that keeps snapshots says so";
    static final String NEWEST_TWO = "slots() has the newest two snapshots, the newest first, also after an opening";
    static final String OPEN_STAYS = "a snapshot that is open stays until it is closed, whatever is written meanwhile";
    static final String NOT_BEFORE = "a snapshot does not exist before it is durable";
    static final String DURABLE = "a snapshot becomes durable after finish(), and then it exists";
    static final String WAKEUP = "the callback is called when the state or the room has changed";
    static final String BYTES = "a read gives out exactly the bytes that were written, in order, and -1 at the end";
    static final String INPUT_LENGTH = "length() of a snapshot that is read is that of all its bytes";
    static final String SEEK = "after seek() the next read begins at that byte";
    static final String SEEK_BEYOND =
            "seek() behind the end or before the beginning throws an IllegalArgumentException";
    static final String ID = "a snapshot that is written has an id of its own, and keeps it";
    static final String RECEIVED_ID = "a snapshot that is received has the id that was given";
    static final String OUTPUT_LENGTH = "length() of a snapshot that is written is how many bytes it holds";
    static final String RESUMING = "before length() is known it is -1, there is no room, and no bytes are taken";
    static final String RESUMED = "receiving goes on behind what is there, and that is a beginning of what was written";
    static final String KEPT = "what was received is there after a break and after an opening, but for the last part";
    static final String UNFINISHED =
            "unfinishedSlot() and unfinishedId() tell what can be resumed, and 0 if nothing can";
    static final String OTHER = "nothing of another slot or another id is taken over";
    static final String ABOVE = "a slot that is not above all snapshots is refused with an IllegalArgumentException";
    static final String ONE = "a second snapshot at a time is refused with an IllegalStateException";
    static final String ABANDONED = "of a snapshot that was written and given up nothing is left";
    static final String DAMAGE = "a damaged byte is refused with an IllegalStateException, and never given out";

    private StorePromises() {}
}
