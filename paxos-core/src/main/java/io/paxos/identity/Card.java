package io.paxos.identity;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * What one member tells another of itself. Little endian.
 *
 * <pre>
 *  0 version byte | 1 flags byte: 1 isStarted, 2 hasData | 2 self u16 | 4 clusterId long
 * 12 disk: storageId long, incarnation int, openingId long
 * 32 memory: the same three, all 0 if there is none
 * 52 epoch int, phase1 int, phase2 int, valueLengthMax int, featureLevel int, members u16, each of them u16
 *    heartbeatIntervalNs long, patienceRounds int, windowSlots int, pendingBytes int
 * </pre>
 *
 * @param self its id
 * @param clusterId its cluster; 0 if it has not started and was given none
 * @param isStarted whether it takes part; false before its first start
 * @param hasData whether it has ever promised or accepted anything
 * @param disk its log
 * @param memory the log of the receiver that it remembers; {@link Disk#UNKNOWN} if none
 */
record Card(
        int self,
        long clusterId,
        boolean isStarted,
        boolean hasData,
        Disk disk,
        Disk memory,
        Fingerprint fingerprint,
        Pace pace) {
    private static final byte VERSION = 1;
    private static final int STARTED = 1;
    private static final int HAS_DATA = 2;
    private static final int FIXED_LENGTH = 12 + 2 * Disk.LENGTH + Pace.LENGTH;

    byte[] bytes() {
        final byte[] bytes = new byte[FIXED_LENGTH + fingerprint.length()];
        final ByteBuffer to = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        to.put(VERSION)
                .put((byte) ((isStarted ? STARTED : 0) | (hasData ? HAS_DATA : 0)))
                .putShort((short) self)
                .putLong(clusterId);
        disk.write(to);
        memory.write(to);
        fingerprint.write(to);
        pace.write(to);
        return bytes;
    }

    /** Null if the bytes are no card of this version. */
    static Card read(final DirectBuffer buffer, final int offset, final int length) {
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        final ByteBuffer from = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        try {
            if (from.get() != VERSION) {
                return null;
            }
            final int flags = from.get();
            final int self = Short.toUnsignedInt(from.getShort());
            final long clusterId = from.getLong();
            final Disk disk = Disk.read(from);
            final Disk memory = Disk.read(from);
            final Fingerprint fingerprint = Fingerprint.read(from);
            final Pace pace = Pace.read(from);
            return from.hasRemaining()
                    ? null
                    : new Card(
                            self,
                            clusterId,
                            (flags & STARTED) != 0,
                            (flags & HAS_DATA) != 0,
                            disk,
                            memory,
                            fingerprint,
                            pace);
        } catch (final RuntimeException e) { // too short, or a number that cannot be
            return null;
        }
    }
}
