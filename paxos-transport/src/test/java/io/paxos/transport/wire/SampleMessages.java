package io.paxos.transport.wire;

import io.paxos.spi.Messages;
import org.agrona.concurrent.UnsafeBuffer;

/** Says any one of the messages, with given words, to anybody. */
final class SampleMessages {
    static final int COUNT = 16;

    private SampleMessages() {}

    static void send(
            final int which,
            final int from,
            final long a,
            final long b,
            final long c,
            final byte[] value,
            final Messages to) {
        final UnsafeBuffer buffer = new UnsafeBuffer(value);
        final int length = value.length;
        switch (which) {
            case 0 -> to.prepare(from, a, b);
            case 1 -> to.promise(from, a, b, c);
            case 2 -> to.report(from, a, b, c, buffer, 0, length);
            case 3 -> to.accept(from, a, b, c, buffer, 0, length);
            case 4 -> to.accepted(from, a, b, c);
            case 5 -> to.reject(from, a, b);
            case 6 -> to.chosen(from, a, b);
            case 7 -> to.fetch(from, a, b);
            case 8 -> to.learn(from, a, b, buffer, 0, length);
            case 9 -> to.ping(from, a);
            case 10 -> to.pong(from, a, b, (c & 1) == 0, c);
            case 11 -> to.forward(from, buffer, 0, length);
            case 12 -> to.askRead(from, a);
            case 13 -> to.confirm(from, a, b);
            case 14 -> to.confirmed(from, a, b);
            case 15 -> to.readAt(from, a, b, c);
            default -> throw new IllegalArgumentException("no sentence " + which);
        }
    }
}
