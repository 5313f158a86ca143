package io.paxos.identity;

import java.nio.ByteBuffer;

/**
 * What may differ between members, but slows all of them down if it does.
 *
 * @param pendingBytes room for commands that wait for their outcome
 */
public record Pace(long heartbeatIntervalNs, int patienceRounds, int windowSlots, int pendingBytes) {
    static final int LENGTH = Long.BYTES + 3 * Integer.BYTES;

    void write(final ByteBuffer to) {
        to.putLong(heartbeatIntervalNs)
                .putInt(patienceRounds)
                .putInt(windowSlots)
                .putInt(pendingBytes);
    }

    static Pace read(final ByteBuffer from) {
        return new Pace(from.getLong(), from.getInt(), from.getInt(), from.getInt());
    }

    @Override
    public String toString() {
        return "heartbeatIntervalNs=" + heartbeatIntervalNs + " patienceRounds=" + patienceRounds + " windowSlots="
                + windowSlots + " pendingBytes=" + pendingBytes;
    }
}
