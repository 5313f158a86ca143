package io.paxos.transport.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.paxos.spi.Handshake;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** A replica's half of the handshake, with a card and verdicts that the test sets, and all that it was told. */
public final class GivenHandshake implements Handshake {
    public final List<String> admitted = new ArrayList<>(); // "2 card" for each call of admit
    public final List<String> confirmed = new ArrayList<>(); // the same for confirm

    public String card;
    public String refusal; // what admit returns
    public String refusalAtConfirm;
    public RuntimeException failureAtConfirm;

    public GivenHandshake(final String card) {
        this.card = card;
    }

    @Override
    public int card(final int peer, final MutableDirectBuffer buffer, final int offset) {
        buffer.putBytes(offset, card.getBytes(US_ASCII));
        return card.length();
    }

    @Override
    public String admit(final int peer, final DirectBuffer buffer, final int offset, final int length) {
        admitted.add(peer + " " + text(buffer, offset, length));
        return refusal;
    }

    @Override
    public String confirm(final int peer, final DirectBuffer buffer, final int offset, final int length) {
        confirmed.add(peer + " " + text(buffer, offset, length));
        if (failureAtConfirm != null) {
            throw failureAtConfirm;
        }
        return refusalAtConfirm;
    }

    private static String text(final DirectBuffer buffer, final int offset, final int length) {
        return buffer.getStringWithoutLengthAscii(offset, length);
    }
}
