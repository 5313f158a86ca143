package io.paxos.testkit.trace;

import org.agrona.DirectBuffer;

/** Turns the payload of a message into text. */
@FunctionalInterface
public interface ValueText {
    /** The length, and a hash of the bytes. */
    ValueText HASH = (value, offset, length) -> {
        int hash = 0;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + value.getByte(offset + i);
        }
        return length + " bytes #" + String.format("%08x", hash);
    };

    /** The text of at least one byte. An empty payload is {@code no-op} in every diagram. */
    String of(DirectBuffer value, int offset, int length);
}
