package io.paxos.identity;

import java.nio.ByteBuffer;

/**
 * One opening of the log of one member.
 *
 * @param storageId the random number of the medium; 0 if the log cannot tell
 * @param incarnation how often the medium had been opened, this time included
 * @param openingId the random number of this opening
 */
record Disk(long storageId, int incarnation, long openingId) {
    static final Disk UNKNOWN = new Disk(0, 0, 0);

    /** Bytes that {@link #write} writes. */
    static final int LENGTH = Long.BYTES + Integer.BYTES + Long.BYTES;

    boolean isKnown() {
        return storageId != 0;
    }

    void write(final ByteBuffer to) {
        to.putLong(storageId).putInt(incarnation).putLong(openingId);
    }

    static Disk read(final ByteBuffer from) {
        return new Disk(from.getLong(), from.getInt(), from.getLong());
    }

    /** For messages: {@code disk 6f3a... at its opening 7}. */
    @Override
    public String toString() {
        return "disk " + Long.toHexString(storageId) + " at its opening " + incarnation;
    }
}
