package io.paxos.execution;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * All that execution remembers between two slots, but for the state machine's own state: what a snapshot has to hold so
 * that another replica can go on with the next slot.
 *
 * <p>A function of the executed values alone, and so the same on all replicas that have applied the same slots. One
 * thread.
 */
public final class ExecutionState {
    private static final int NUMBERS_LENGTH = 4 * Long.BYTES;

    final ExecutedCommands executed = new ExecutedCommands();
    final RunningChecksum values = new RunningChecksum(); // of the values of all slots through appliedThrough
    final RunningChecksum replies =
            new RunningChecksum(); // of their replies; of the slots alone if they are not compared
    private long appliedThrough; // all slots through this one have been executed, and a part of the next; never falls
    private int partBytes; // the value after it has been executed up to this byte; 0: nothing of it
    private long timeMs; // the highest time of an executed value; never falls

    /** Every slot through this one has been applied; 0 at the start. */
    public long appliedThrough() {
        return appliedThrough;
    }

    /** How many bytes of the value after {@link #appliedThrough} have been executed; 0 if none. */
    int partBytes() {
        return partBytes;
    }

    /** A part of the value after {@link #appliedThrough} has been executed: what is before this byte. */
    void part(final int bytes) {
        partBytes = bytes;
    }

    /** Cluster time, ms since 1970: that of the last value applied. A leader never proposes an earlier one. */
    public long timeMs() {
        return timeMs;
    }

    /** The running CRC32C of all values through {@link #appliedThrough}. The same on all replicas. */
    public long valuesChecksum() {
        return values.value();
    }

    /** Whether this command has been executed, or can no longer be. */
    public boolean isExecuted(final int origin, final int incarnation, final long sequence) {
        return executed.isExecuted(origin, incarnation, sequence);
    }

    /** All of it, little endian: appliedThrough, timeMs and both checksums, a long each; then the executed commands. */
    byte[] bytes() {
        assert partBytes == 0 : "partBytes=" + partBytes;
        final byte[] bytes = new byte[NUMBERS_LENGTH + executed.encodedLength()];
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        buffer.putLong(0, appliedThrough, LITTLE_ENDIAN);
        buffer.putLong(Long.BYTES, timeMs, LITTLE_ENDIAN);
        buffer.putLong(2 * Long.BYTES, values.value(), LITTLE_ENDIAN);
        buffer.putLong(3 * Long.BYTES, replies.value(), LITTLE_ENDIAN);
        executed.writeTo(buffer, NUMBERS_LENGTH);
        return bytes;
    }

    /**
     * Replaces all of it by what {@link #bytes} has given.
     *
     * @throws IllegalArgumentException if these bytes are something else
     */
    void read(final byte[] bytes) {
        if (bytes.length < NUMBERS_LENGTH) {
            throw new IllegalArgumentException(bytes.length + " bytes are no state of execution");
        }
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        executed.readFrom(buffer, NUMBERS_LENGTH, bytes.length - NUMBERS_LENGTH);
        appliedThrough = buffer.getLong(0, LITTLE_ENDIAN);
        partBytes = 0;
        timeMs = buffer.getLong(Long.BYTES, LITTLE_ENDIAN);
        values.resume(buffer.getLong(2 * Long.BYTES, LITTLE_ENDIAN));
        replies.resume(buffer.getLong(3 * Long.BYTES, LITTLE_ENDIAN));
    }

    void advanceTime(final long valueTimeMs) {
        timeMs = Math.max(timeMs, valueTimeMs);
    }

    void applied(final long slot) {
        assert slot == appliedThrough + 1 : "slot=" + slot + " appliedThrough=" + appliedThrough;
        appliedThrough = slot;
        partBytes = 0;
    }
}
