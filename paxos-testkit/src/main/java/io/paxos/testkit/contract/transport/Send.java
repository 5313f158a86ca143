package io.paxos.testkit.contract.transport;

import io.paxos.testkit.memory.RecordedMessage;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One message to send, as plain data that jqwik shrinks.
 *
 * @param from the replica id of the sender
 * @param to the replica id of the receiver
 * @param message the name of a method of {@link io.paxos.spi.Messages}
 * @param a the first of its longs, >= 0; its upper half is replaced by a number that is unique for each message
 * @param b the second of its longs, >= 0, if it has one
 * @param c the third, >= 0, if it has one; odd makes {@code happy} true
 * @param length of its payload in bytes, if it has one
 * @param flush whether the sender flushes after it
 */
public record Send(int from, int to, String message, long a, long b, long c, int length, boolean flush) {
    public Send {
        if (a < 0 || b < 0 || c < 0 || length < 0) {
            throw new IllegalArgumentException("negative: " + a + ", " + b + ", " + c + " or length " + length);
        }
        if (!RecordedMessage.names().contains(message)) {
            throw new IllegalArgumentException(
                    "Messages has no method " + message + ", only " + RecordedMessage.names());
        }
    }

    /**
     * The message, with {@code tag} in place of the first long. A message without a long has the tag in the first 8
     * bytes of its payload, which is then at least that long. The rest of a payload is random and depends on the tag
     * alone.
     */
    RecordedMessage message(final long tag) {
        final boolean isTagInPayload = RecordedMessage.longCount(message) == 0;
        final byte[] payload = new byte[isTagInPayload ? Math.max(Long.BYTES, length) : length];
        new SplittableRandom(tag).nextBytes(payload);
        if (isTagInPayload) {
            new UnsafeBuffer(payload).putLong(0, tag);
        }
        return RecordedMessage.of(message, from, new long[] {tag, b, c}, (c & 1) != 0, payload);
    }

    /** The tag that this message was made with, if nothing was altered; 0 if it is too short for one. */
    static long tagOf(final RecordedMessage sent) {
        if (!sent.fields().isEmpty()) {
            return sent.fields().get(0) instanceof Long tag ? tag : 0;
        }
        final byte[] payload = sent.payload();
        return payload == null || payload.length < Long.BYTES ? 0 : new UnsafeBuffer(payload).getLong(0);
    }

    /** A message with small numbers, flushed. */
    static Send of(final int from, final int to, final String message, final int length) {
        return new Send(from, to, message, 1, 2, 3, length, true);
    }

    /** The smallest of all, flushed. */
    static Send ping(final int from, final int to) {
        return of(from, to, "ping", 0);
    }

    /** {@code 1->2 accept(1, 2, 3) 300 bytes, flush}. */
    @Override
    public String toString() {
        final String payload = RecordedMessage.hasPayload(message) ? " " + length + " bytes" : "";
        return from + "->" + to + " " + message + "(" + a + ", " + b + ", " + c + ")" + payload
                + (flush ? ", flush" : "");
    }
}
