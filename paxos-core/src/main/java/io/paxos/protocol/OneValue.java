package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import org.agrona.DirectBuffer;

/** Holds one ballot to one value per slot: a second value is a broken proposer, never a second opinion. */
final class OneValue implements AcceptorLog.ValueReader {
    private final AcceptorLog log;
    private DirectBuffer other;
    private int otherOffset;
    private int otherLength;

    OneValue(final AcceptorLog log) {
        this.log = log;
    }

    /** Stops the replica unless this value is the one that was accepted in the slot. */
    void require(final long slot, final DirectBuffer value, final int offset, final int length) {
        other = value;
        otherOffset = offset;
        otherLength = length;
        Safety.require(log.read(slot, this), "an accepted value can be read back", slot, 0);
    }

    @Override
    public void value(
            final long slot, final long ballot, final DirectBuffer buffer, final int offset, final int length) {
        Safety.require(length == otherLength, "one value per ballot and slot (length)", length, otherLength);
        for (int i = 0; i < length; i++) {
            final byte expected = buffer.getByte(offset + i);
            final byte actual = other.getByte(otherOffset + i);
            Safety.require(expected == actual, "one value per ballot and slot (byte)", expected, actual);
        }
    }
}
