package io.paxos.testkit.sim.disk;

import org.agrona.collections.LongArrayList;

/** What tells a disk from another one and from its own copies, and what its replica has noted on it. */
final class DiskIdentity {
    private static final byte[] NO_NOTES = new byte[0];

    private final long storageId; // never 0
    private final LongArrayList openingIds = new LongArrayList(); // by incarnation, from 1
    private byte[] notes = NO_NOTES; // never modified, only replaced

    DiskIdentity(final long storageId) {
        this.storageId = storageId;
    }

    DiskIdentity copied() {
        final DiskIdentity copy = new DiskIdentity(storageId);
        copy.openingIds.addAll(openingIds);
        copy.notes = notes;
        return copy;
    }

    /** The disk is opened. Returns the incarnation. */
    int opened(final long openingId) {
        openingIds.addLong(openingId);
        return openingIds.size();
    }

    long storageId() {
        return storageId;
    }

    int incarnation() {
        return openingIds.size();
    }

    long openingId(final int incarnation) {
        return incarnation >= 1 && incarnation <= openingIds.size() ? openingIds.getLong(incarnation - 1) : 0;
    }

    byte[] notes() {
        return notes;
    }

    void notes(final byte[] newNotes) {
        notes = newNotes;
    }
}
