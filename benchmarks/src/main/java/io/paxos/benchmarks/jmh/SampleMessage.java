package io.paxos.benchmarks.jmh;

import io.paxos.spi.Messages;
import org.agrona.DirectBuffer;

/** Each message of the protocol once; those with a payload with a short and a longer one. */
public enum SampleMessage {
    PREPARE(0),
    PROMISE(0),
    REPORT_64(64),
    REPORT_1024(1024),
    ACCEPT_64(64),
    ACCEPT_1024(1024),
    ACCEPTED(0),
    REJECT(0),
    CHOSEN(0),
    FETCH(0),
    LEARN_64(64),
    LEARN_1024(1024),
    PING(0),
    PONG(0),
    FORWARD_64(64),
    FORWARD_1024(1024),
    ASK_READ(0),
    CONFIRM(0),
    CONFIRMED(0),
    READ_AT(0);

    static final int SELF = 1;
    static final long BALLOT = 1L << 16 | SELF;

    /** One message, said to somebody; {@code value} is its payload if it has one. */
    interface Speech {
        void send(Messages to, DirectBuffer value);
    }

    private final int valueLength;

    SampleMessage(final int valueLength) {
        this.valueLength = valueLength;
    }

    int valueLength() {
        return valueLength;
    }

    /** What is said; asked for once, so that no choice is left when it is measured. */
    Speech speech() {
        return switch (this) {
            case PREPARE -> (to, value) -> to.prepare(SELF, BALLOT, 7);
            case PROMISE -> (to, value) -> to.promise(SELF, BALLOT, 7, 9);
            case REPORT_64, REPORT_1024 ->
                (to, value) -> to.report(SELF, BALLOT, 7, BALLOT, value, 0, value.capacity());
            case ACCEPT_64, ACCEPT_1024 -> (to, value) -> to.accept(SELF, BALLOT, 7, 6, value, 0, value.capacity());
            case ACCEPTED -> (to, value) -> to.accepted(SELF, BALLOT, 7, 9);
            case REJECT -> (to, value) -> to.reject(SELF, BALLOT, 7);
            case CHOSEN -> (to, value) -> to.chosen(SELF, BALLOT, 7);
            case FETCH -> (to, value) -> to.fetch(SELF, 7, 9);
            case LEARN_64, LEARN_1024 -> (to, value) -> to.learn(SELF, BALLOT, 7, value, 0, value.capacity());
            case PING -> (to, value) -> to.ping(SELF, 3);
            case PONG -> (to, value) -> to.pong(SELF, 3, BALLOT, true, 7);
            case FORWARD_64, FORWARD_1024 -> (to, value) -> to.forward(SELF, value, 0, value.capacity());
            case ASK_READ -> (to, value) -> to.askRead(SELF, 3);
            case CONFIRM -> (to, value) -> to.confirm(SELF, BALLOT, 3);
            case CONFIRMED -> (to, value) -> to.confirmed(SELF, BALLOT, 3);
            case READ_AT -> (to, value) -> to.readAt(SELF, BALLOT, 3, 7);
        };
    }
}
