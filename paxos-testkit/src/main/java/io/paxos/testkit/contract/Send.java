package io.paxos.testkit.contract;

/**
 * One message to be said, as plain data that jqwik shrinks.
 *
 * @param from who says it
 * @param to who should hear it
 * @param message the name of a method of {@link io.paxos.spi.Messages}
 * @param a the first of its longs, >= 0; its upper half is replaced by a number that tells one message from all others
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

    /** A message with small words, flushed. */
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
