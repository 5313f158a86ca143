package io.paxos.transport.tcp;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.paxos.spi.Handshake;
import io.paxos.transport.wire.Checksum;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What is sent back on a connection: whether the side that opened it is admitted. One reply, and a second one only to
 * take back a welcome.
 *
 * <pre>
 *  0 magic long | 8 admission byte | 9 format byte | 10 sender u16 | 12 valueLengthMax int
 * 16 crc32c int, over all before
 * 20 text length u16 | 22 text, UTF-8 | then card length u16 | card | crc32c int, over all before
 * </pre>
 *
 * <p>A reply of format 1 ends at 20.
 *
 * @param format of the handshake; see {@link Hello#FORMAT}
 * @param sender the replica id of the side that accepted the connection
 * @param valueLengthMax the longest value that it takes, in bytes; a longer one need not be sent
 * @param text why it does not admit the other side, in one line; empty if it does
 * @param card what its replica says of itself; empty if it says nothing, or does not admit the other side
 */
record HandshakeReply(Admission admission, int format, int sender, int valueLengthMax, String text, DirectBuffer card) {
    static final int HEAD_LENGTH = 20;
    static final int TEXT_LENGTH_MAX = 512;
    static final int LENGTH_MAX =
            HEAD_LENGTH + Short.BYTES + TEXT_LENGTH_MAX + Short.BYTES + Handshake.CARD_LENGTH_MAX + Integer.BYTES;

    private static final int HEAD_CRC_OFFSET = 16;
    private static final int TEXT_OFFSET = HEAD_LENGTH + Short.BYTES;
    private static final DirectBuffer NO_CARD = new UnsafeBuffer(new byte[0]);

    static HandshakeReply welcome(final int self, final int valueLengthMax, final DirectBuffer card) {
        return new HandshakeReply(Admission.WELCOME, Hello.FORMAT, self, valueLengthMax, "", card);
    }

    static HandshakeReply refusal(final HelloVerdict verdict, final int self, final int valueLengthMax) {
        return refusal(verdict, self, valueLengthMax, NO_CARD);
    }

    /** A refusal with a card: a member that is refused learns from it whether it must stop. */
    static HandshakeReply refusal(
            final HelloVerdict verdict, final int self, final int valueLengthMax, final DirectBuffer card) {
        return new HandshakeReply(verdict.admission(), Hello.FORMAT, self, valueLengthMax, verdict.text(), card);
    }

    byte[] bytes() {
        final byte[] encoded = text.getBytes(UTF_8);
        final int textLength = truncated(encoded);
        final int cardOffset = TEXT_OFFSET + textLength + Short.BYTES;
        final int crcOffset = cardOffset + card.capacity();
        final byte[] bytes = new byte[crcOffset + Integer.BYTES];
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        buffer.putLong(0, Hello.MAGIC, LITTLE_ENDIAN);
        buffer.putByte(8, (byte) admission.code());
        buffer.putByte(9, (byte) format);
        buffer.putShort(10, (short) sender, LITTLE_ENDIAN);
        buffer.putInt(12, valueLengthMax, LITTLE_ENDIAN);
        buffer.putInt(HEAD_CRC_OFFSET, new Checksum().of(buffer, 0, HEAD_CRC_OFFSET), LITTLE_ENDIAN);
        buffer.putShort(HEAD_LENGTH, (short) textLength, LITTLE_ENDIAN);
        buffer.putBytes(TEXT_OFFSET, encoded, 0, textLength);
        buffer.putShort(cardOffset - Short.BYTES, (short) card.capacity(), LITTLE_ENDIAN);
        buffer.putBytes(cardOffset, card, 0, card.capacity());
        buffer.putInt(crcOffset, new Checksum().of(buffer, 0, crcOffset), LITTLE_ENDIAN);
        return bytes;
    }

    /** How many of these bytes are sent: no character is cut in two. */
    private static int truncated(final byte[] encoded) {
        int length = Math.min(encoded.length, TEXT_LENGTH_MAX);
        while (length < encoded.length && (encoded[length] & 0xC0) == 0x80) {
            length--; // the byte behind the end continues a character
        }
        return length;
    }

    /**
     * How long the reply is, as far as the first {@code available} bytes tell: more than those if more must arrive
     * before it can be read. Never more than {@link #LENGTH_MAX}. A reply that can never be one of ours ends at once.
     */
    static int lengthOf(final DirectBuffer buffer, final int available) {
        if (available < HEAD_LENGTH) {
            return HEAD_LENGTH;
        }
        if (!isHead(buffer) || buffer.getByte(9) != Hello.FORMAT) {
            return HEAD_LENGTH;
        }
        if (available < TEXT_OFFSET) {
            return TEXT_OFFSET;
        }
        final int textLength = lengthAt(buffer, HEAD_LENGTH);
        if (textLength > TEXT_LENGTH_MAX) {
            return TEXT_OFFSET;
        }
        final int cardOffset = TEXT_OFFSET + textLength + Short.BYTES;
        if (available < cardOffset) {
            return cardOffset;
        }
        final int cardLength = lengthAt(buffer, cardOffset - Short.BYTES);
        return cardLength > Handshake.CARD_LENGTH_MAX ? cardOffset : cardOffset + cardLength + Integer.BYTES;
    }

    /**
     * Reads a reply that came back on a connection to {@code peer}. {@code length} is that of {@link #lengthOf}.
     *
     * @return with {@link Admission#NOT_PAXOS} if it is no reply of ours
     */
    static HandshakeReply read(final DirectBuffer buffer, final int length, final int peer) {
        final int sender = lengthAt(buffer, 10);
        final int format = buffer.getByte(9);
        final int valueLengthMax = buffer.getInt(12, LITTLE_ENDIAN);
        final Admission admission = Admission.of(buffer.getByte(8));
        if (!isHead(buffer)) {
            return foreign(format, sender);
        }
        if (format != Hello.FORMAT) {
            final Admission verdict = admission == Admission.WELCOME ? Admission.NO_COMMON_FORMAT : admission;
            return new HandshakeReply(verdict, format, sender, valueLengthMax, "", NO_CARD);
        }
        final int crcOffset = length - Integer.BYTES;
        final int textLength = lengthAt(buffer, HEAD_LENGTH);
        final int cardOffset = TEXT_OFFSET + textLength + Short.BYTES;
        if (textLength > TEXT_LENGTH_MAX
                || crcOffset < cardOffset
                || buffer.getInt(crcOffset, LITTLE_ENDIAN) != new Checksum().of(buffer, 0, crcOffset)
                || (admission == Admission.WELCOME && valueLengthMax < 0)) {
            return foreign(format, sender);
        }
        final byte[] text = new byte[textLength];
        buffer.getBytes(TEXT_OFFSET, text);
        final byte[] card = new byte[crcOffset - cardOffset];
        buffer.getBytes(cardOffset, card);
        final boolean isOther = admission == Admission.WELCOME && sender != peer;
        return new HandshakeReply(
                isOther ? Admission.WRONG_RECEIVER : admission,
                format,
                sender,
                valueLengthMax,
                oneLine(new String(text, UTF_8)),
                new UnsafeBuffer(card));
    }

    /** Whoever listens there cannot write lines of its own into our log. */
    private static String oneLine(final String text) {
        return text.codePoints()
                .map(point -> Character.isISOControl(point) ? ' ' : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static HandshakeReply foreign(final int format, final int sender) {
        return new HandshakeReply(Admission.NOT_PAXOS, format, sender, 0, "", NO_CARD);
    }

    private static boolean isHead(final DirectBuffer buffer) {
        return buffer.getLong(0, LITTLE_ENDIAN) == Hello.MAGIC
                && buffer.getInt(HEAD_CRC_OFFSET, LITTLE_ENDIAN) == new Checksum().of(buffer, 0, HEAD_CRC_OFFSET);
    }

    private static int lengthAt(final DirectBuffer buffer, final int offset) {
        return buffer.getShort(offset, LITTLE_ENDIAN) & 0xFFFF;
    }
}
