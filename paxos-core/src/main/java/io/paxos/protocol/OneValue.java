package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import org.agrona.DirectBuffer;

/** Compares a value with the one accepted in its slot. A difference means that a proposer broke a rule. */
final class OneValue implements AcceptorLog.ValueReader {
    static final String PER_BALLOT = "one value per ballot and slot (first difference in length or byte)";
    static final String CHOSEN = "a chosen value never changes (first difference in length or byte)";

    private final AcceptorLog log;
    private String rule;
    private DirectBuffer other;
    private int otherOffset;
    private int otherLength;

    OneValue(final AcceptorLog log) {
        this.log = log;
    }

    /** Stops the replica, with {@code brokenRule} as the reason, unless this value was accepted in the slot. */
    void require(
            final String brokenRule, final long slot, final DirectBuffer value, final int offset, final int length) {
        rule = brokenRule;
        other = value;
        otherOffset = offset;
        otherLength = length;
        Safety.require(
                log.read(slot, this) == AcceptorLog.ReadResult.FOUND, "an accepted value can be read back", slot, 0);
    }

    @Override
    public void value(
            final long slot, final long ballot, final DirectBuffer buffer, final int offset, final int length) {
        Safety.require(length == otherLength, rule, length, otherLength);
        for (int i = 0; i < length; i++) {
            final byte expected = buffer.getByte(offset + i);
            final byte actual = other.getByte(otherOffset + i);
            Safety.require(expected == actual, rule, expected, actual);
        }
    }
}
