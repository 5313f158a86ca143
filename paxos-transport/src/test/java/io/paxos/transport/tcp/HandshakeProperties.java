package io.paxos.transport.tcp;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.paxos.spi.Handshake;
import io.paxos.transport.wire.Checksum;
import io.paxos.transport.wire.FrameIdentity;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.agrona.concurrent.UnsafeBuffer;

/** The messages of a handshake, for any content and any bytes. */
class HandshakeProperties {
    private static final FrameIdentity SELF = new FrameIdentity(11, 22, 33, 1);
    private static final List<Integer> MEMBERS = List.of(1, 2);
    private static final int HEAD_BITS = Hello.HEAD_LENGTH * Byte.SIZE;

    private static UnsafeBuffer card(final int length) {
        final byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return new UnsafeBuffer(bytes);
    }

    /** Reads as a connection does: asks how long the hello is as each byte arrives. Null if it is none. */
    private static Hello read(final byte[] bytes, final int offset) {
        final UnsafeBuffer arrived = new UnsafeBuffer(new byte[offset + Hello.LENGTH_MAX]);
        int length = Hello.lengthOf(arrived, offset, 0);
        for (int available = 1; available <= bytes.length && length >= available; available++) {
            arrived.putByte(offset + available - 1, bytes[available - 1]);
            length = Hello.lengthOf(arrived, offset, available);
            assertThat(length).isLessThanOrEqualTo(Hello.LENGTH_MAX);
            if (length == available) {
                return Hello.read(arrived, offset, length);
            }
        }
        return null;
    }

    private static HandshakeReply readReply(final byte[] bytes, final int peer, final int piece) {
        final HandshakeReplyReader reader = new HandshakeReplyReader(peer);
        HandshakeReply reply = null;
        for (int from = 0; from < bytes.length && reply == null; from += piece) {
            reply = reader.append(Unpooled.wrappedBuffer(bytes, from, Math.min(piece, bytes.length - from)));
        }
        return reply;
    }

    private static Admission admission(final HandshakeReply reply) {
        return readReply(reply.bytes(), 2, HandshakeReply.LENGTH_MAX).admission();
    }

    @Property
    void a_hello_is_read_as_it_was_written(
            @ForAll @IntRange(max = Hello.FORMAT) final int formatMin,
            @ForAll @IntRange(min = Hello.FORMAT, max = Byte.MAX_VALUE) final int formatMax,
            @ForAll @IntRange(max = FrameIdentity.REPLICA_ID_MAX) final int receiver,
            @ForAll @IntRange(min = 1, max = FrameIdentity.REPLICA_ID_MAX) final int sender,
            @ForAll final long cluster,
            @ForAll final int group,
            @ForAll final int epoch,
            @ForAll @IntRange(max = Handshake.CARD_LENGTH_MAX) final int cardLength,
            @ForAll @IntRange(max = 9) final int offset) {
        final FrameIdentity identity = new FrameIdentity(cluster, group, epoch, sender);
        final Hello hello = new Hello(formatMin, formatMax, receiver, identity, card(cardLength));
        assertThat(read(hello.bytes(), offset)).isEqualTo(hello);
    }

    @Property
    void a_hello_with_a_changed_bit_is_no_hello_and_never_longer_than_the_longest(
            @ForAll @IntRange(max = HEAD_BITS + (2 + 20 + 4) * Byte.SIZE - 1) final int bit,
            @ForAll final long cluster) {
        final byte[] bytes =
                Hello.to(2, new FrameIdentity(cluster, 1, 2, 3), card(20)).bytes();
        bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        assertThat(read(bytes, 0)).isNull();
    }

    @Property
    void bytes_of_another_protocol_are_no_hello(@ForAll @Size(Hello.HEAD_LENGTH) final byte[] bytes) {
        assertThat(read(bytes, 0)).isNull();
    }

    @Property
    void a_card_longer_than_the_longest_is_no_hello_before_it_has_arrived(
            @ForAll @IntRange(min = Handshake.CARD_LENGTH_MAX + 1, max = 0xFFFF) final int length) {
        final byte[] bytes = Hello.to(2, SELF, card(0)).bytes();
        new UnsafeBuffer(bytes).putShort(Hello.HEAD_LENGTH, (short) length, LITTLE_ENDIAN);
        assertThat(Hello.lengthOf(new UnsafeBuffer(bytes), 0, Hello.HEAD_LENGTH + Short.BYTES))
                .isEqualTo(Hello.INVALID);
    }

    @Example
    void a_hello_of_the_first_format_ends_with_its_head_and_is_told_that_no_format_is_common() {
        final FrameIdentity two = new FrameIdentity(11, 22, 33, 2);
        final byte[] bytes = new Hello(1, 1, 1, two, card(0)).bytes();
        assertThat(Hello.lengthOf(new UnsafeBuffer(bytes), 0, Hello.HEAD_LENGTH))
                .isEqualTo(Hello.HEAD_LENGTH);
        final HelloVerdict verdict =
                Hello.read(new UnsafeBuffer(bytes), 0, Hello.HEAD_LENGTH).judge(SELF, MEMBERS);
        assertThat(verdict.admission()).isEqualTo(Admission.NO_COMMON_FORMAT);
        assertThat(verdict.text()).contains("replica 2 has handshake formats 1 to 1", "replica 1 has format 2");
    }

    /** What a build of the first format reads: 36 bytes of the hello, 20 of the reply, each with its own checksum. */
    @Example
    void the_heads_of_hello_and_reply_are_those_of_the_first_format() {
        final UnsafeBuffer hello = new UnsafeBuffer(Hello.to(2, SELF, card(100)).bytes());
        assertThat(hello.getInt(32, LITTLE_ENDIAN)).isEqualTo(new Checksum().of(hello, 0, 32));
        assertThat(hello.getByte(8)).as("above its highest format").isEqualTo((byte) 2);
        final UnsafeBuffer reply =
                new UnsafeBuffer(HandshakeReply.refusal(new HelloVerdict(Admission.NO_COMMON_FORMAT, "why"), 3, 7)
                        .bytes());
        assertThat(reply.getInt(16, LITTLE_ENDIAN)).isEqualTo(new Checksum().of(reply, 0, 16));
        assertThat(reply.getByte(8)).isEqualTo((byte) 6);
        assertThat(reply.getShort(10, LITTLE_ENDIAN)).isEqualTo((short) 3);
    }

    @Property
    void a_welcome_is_read_as_it_was_written_in_whatever_pieces_it_arrives(
            @ForAll @IntRange(min = 1, max = FrameIdentity.REPLICA_ID_MAX) final int sender,
            @ForAll @IntRange final int valueLengthMax,
            @ForAll @IntRange(max = Handshake.CARD_LENGTH_MAX) final int cardLength,
            @ForAll @IntRange(min = 1, max = 600) final int piece) {
        final HandshakeReply reply = HandshakeReply.welcome(sender, valueLengthMax, card(cardLength));
        assertThat(readReply(reply.bytes(), sender, piece)).isEqualTo(reply);
    }

    @Property
    void a_refusal_carries_its_text_up_to_512_bytes_and_no_character_in_part(
            @ForAll final Admission admission, @ForAll @StringLength(max = 700) final String any) {
        final String text = new String(any.getBytes(UTF_8), UTF_8); // without halves of characters
        final HelloVerdict verdict = new HelloVerdict(admission, text);
        final HandshakeReply read =
                readReply(HandshakeReply.refusal(verdict, 2, 1).bytes(), 2, 100);
        assertThat(read.admission()).isEqualTo(admission);
        assertThat(read.text().getBytes(UTF_8)).hasSizeLessThanOrEqualTo(HandshakeReply.TEXT_LENGTH_MAX);
        assertThat(oneLine(text)).startsWith(read.text());
        final int points = read.text().codePointCount(0, read.text().length());
        if (points < text.codePointCount(0, text.length())) {
            final String oneMore = text.substring(0, text.offsetByCodePoints(0, points + 1));
            assertThat(oneMore.getBytes(UTF_8)).hasSizeGreaterThan(HandshakeReply.TEXT_LENGTH_MAX);
        }
    }

    private static String oneLine(final String text) {
        final StringBuilder line = new StringBuilder();
        text.codePoints().forEach(point -> line.appendCodePoint(Character.isISOControl(point) ? ' ' : point));
        return line.toString();
    }

    @Property
    void a_reply_with_a_changed_bit_is_no_reply(@ForAll @IntRange(max = (20 + 2 + 2 + 20 + 4) * 8 - 1) final int bit) {
        final byte[] bytes = HandshakeReply.welcome(2, 1_000, card(20)).bytes();
        bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        final HandshakeReply reply = readReply(bytes, 2, HandshakeReply.LENGTH_MAX);
        if (reply != null) { // else a longer one, of which the rest does not come
            assertThat(reply.admission()).isEqualTo(Admission.NOT_PAXOS);
        }
    }

    @Property
    void bytes_of_another_protocol_are_no_reply(@ForAll @Size(HandshakeReply.HEAD_LENGTH) final byte[] bytes) {
        assertThat(readReply(bytes, 2, HandshakeReply.LENGTH_MAX).admission()).isEqualTo(Admission.NOT_PAXOS);
    }

    @Property
    void a_text_or_a_card_longer_than_the_longest_is_no_reply_before_it_has_arrived(
            @ForAll @IntRange(min = Handshake.CARD_LENGTH_MAX + 1, max = 0xFFFF) final int length,
            @ForAll final boolean isText) {
        final byte[] bytes = HandshakeReply.welcome(2, 1_000, card(0)).bytes();
        new UnsafeBuffer(bytes).putShort(isText ? 20 : 22, (short) length, LITTLE_ENDIAN);
        assertThat(readReply(bytes, 2, HandshakeReply.LENGTH_MAX).admission()).isEqualTo(Admission.NOT_PAXOS);
    }

    @Example
    void a_reply_of_the_first_format_ends_with_its_head_and_admits_nobody() {
        final byte[] whole = new HandshakeReply(Admission.WELCOME, 1, 2, 1, "", card(0)).bytes();
        final byte[] head = Arrays.copyOf(whole, HandshakeReply.HEAD_LENGTH);
        assertThat(readReply(head, 2, 7).admission()).isEqualTo(Admission.NO_COMMON_FORMAT);
        final byte[] refusal = new HandshakeReply(Admission.WRONG_EPOCH, 1, 2, 1, "", card(0)).bytes();
        assertThat(readReply(Arrays.copyOf(refusal, HandshakeReply.HEAD_LENGTH), 2, 7)
                        .admission())
                .isEqualTo(Admission.WRONG_EPOCH);
    }

    @Example
    void a_welcome_counts_only_from_the_peer_in_our_format_with_a_length_that_can_be() {
        assertThat(admission(HandshakeReply.welcome(3, 1, card(0)))).isEqualTo(Admission.WRONG_RECEIVER);
        assertThat(admission(new HandshakeReply(Admission.WELCOME, Hello.FORMAT + 1, 2, 1, "", card(0))))
                .isEqualTo(Admission.NO_COMMON_FORMAT);
        assertThat(admission(HandshakeReply.welcome(2, -1, card(0)))).isEqualTo(Admission.NOT_PAXOS);
    }

    @Example
    void a_hello_is_admitted_only_if_everything_fits_and_the_refusal_names_both_values() {
        assertThat(hello(2, 2, 1, 11, 22, 33).judge(SELF, MEMBERS)).isEqualTo(HelloVerdict.WELCOME);
        assertThat(hello(0, 5, 1, 11, 22, 33).judge(SELF, MEMBERS)).isEqualTo(HelloVerdict.WELCOME);
        assertRefused(hello(2, 2, 1, 12, 22, 33), Admission.FOREIGN_CLUSTER, "cluster 12", "cluster 11");
        assertRefused(hello(2, 2, 1, 0, 22, 33), Admission.FOREIGN_CLUSTER, "cluster 0 (none was given)", "11");
        assertRefused(hello(2, 2, 9, 11, 22, 33), Admission.WRONG_RECEIVER, "replica 2", "replica 9", "replica 1");
        assertRefused(hello(2, 2, 1, 11, 23, 33), Admission.FOREIGN_GROUP, "group 23", "group 22");
        assertRefused(hello(2, 2, 1, 11, 22, 34), Admission.WRONG_EPOCH, "epoch 34", "epoch 33");
        assertRefused(hello(3, 4, 1, 11, 22, 33), Admission.NO_COMMON_FORMAT, "formats 3 to 4", "format 2");
        assertRefused(hello(1, 1, 1, 11, 22, 33), Admission.NO_COMMON_FORMAT, "formats 1 to 1", "format 2");
        final HelloVerdict unknown = hello(2, 2, 1, 11, 22, 33).judge(SELF, List.of(3, 1));
        assertThat(unknown.admission()).isEqualTo(Admission.NOT_A_MEMBER);
        assertThat(unknown.text()).contains("replica 2", "[1, 3]");
        final HelloVerdict twin = Hello.to(1, SELF, card(0)).judge(SELF, MEMBERS);
        assertThat(twin.admission()).isEqualTo(Admission.NOT_A_MEMBER);
        assertThat(twin.text()).contains("there are two of replica 1");
    }

    private static void assertRefused(final Hello hello, final Admission admission, final String... values) {
        final HelloVerdict verdict = hello.judge(SELF, MEMBERS);
        assertThat(verdict.admission()).isEqualTo(admission);
        assertThat(verdict.text()).contains(values);
    }

    private static Hello hello(
            final int formatMin,
            final int formatMax,
            final int receiver,
            final long cluster,
            final int group,
            final int epoch) {
        final FrameIdentity two = new FrameIdentity(cluster, group, epoch, 2);
        return new Hello(formatMin, formatMax, receiver, two, card(0));
    }
}
