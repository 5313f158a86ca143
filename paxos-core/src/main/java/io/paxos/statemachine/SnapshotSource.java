package io.paxos.statemachine;

import org.agrona.MutableDirectBuffer;

/**
 * Gives the bytes of a snapshot, in the order in which they were written.
 *
 * <p>Each method throws {@link IllegalStateException} if the snapshot is damaged or ends too early. A state machine
 * lets it pass.
 */
public interface SnapshotSource {
    /** Reads exactly {@code length} bytes. */
    void read(MutableDirectBuffer buffer, int offset, int length);

    int readInt();

    long readLong();

    /** Reads what {@link SnapshotSink#writeBytes} wrote. */
    byte[] readBytes();
}
