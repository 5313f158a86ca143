package io.paxos.execution;

import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A CRC32C that runs over slots: that of a slot covers the one of the slot before, the slot's number and its bytes.
 *
 * <p>So it depends on all slots from 1 on, and it is a single number: what goes on from it needs nothing else. Bytes
 * are copied into an array first, because one update of an array costs less than three of whatever memory a value lies
 * in. One thread; allocates nothing.
 */
final class RunningChecksum {
    private static final int ROOM = 8 << 10;

    private final CRC32C crc = new CRC32C();
    private final byte[] bytes = new byte[ROOM];
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private int filled; // 0..ROOM: bytes of this slot that are not in the CRC yet
    private long value; // of all slots that have ended, 0..2^32-1; 0 before the first

    /** The checksum of all slots that have ended. */
    long value() {
        return value;
    }

    /** Goes on from the checksum of all slots through one. */
    void resume(final long ofAllSlots) {
        value = ofAllSlots;
    }

    /** The bytes of the next slot follow. */
    void begin(final long slot) {
        crc.reset();
        filled = 0;
        add(value);
        add(slot);
    }

    void add(final long number) {
        if (filled > ROOM - Long.BYTES) {
            update();
        }
        buffer.putLong(filled, number, ByteOrder.LITTLE_ENDIAN);
        filled += Long.BYTES;
    }

    void add(final DirectBuffer source, final int offset, final int length) {
        int at = offset;
        int rest = length;
        while (rest > 0) {
            if (filled == ROOM) {
                update();
            }
            final int part = Math.min(rest, ROOM - filled);
            source.getBytes(at, bytes, filled, part);
            filled += part;
            at += part;
            rest -= part;
        }
    }

    /** The slot has ended. */
    void end() {
        update();
        value = crc.getValue();
    }

    private void update() {
        crc.update(bytes, 0, filled);
        filled = 0;
    }
}
