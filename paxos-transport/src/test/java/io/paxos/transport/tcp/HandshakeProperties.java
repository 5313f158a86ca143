package io.paxos.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.FrameLayout;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;

/** The two messages of a handshake, for any content and any bytes. */
class HandshakeProperties {
    private static final FrameIdentity SELF = new FrameIdentity(11, 22, 33, 1);

    private static Hello read(final byte[] bytes, final int offset) {
        final byte[] shifted = new byte[offset + bytes.length];
        System.arraycopy(bytes, 0, shifted, offset, bytes.length);
        return Hello.read(new UnsafeBuffer(shifted), offset);
    }

    @Property
    void a_hello_is_read_as_it_was_written(
            @ForAll final byte formatMin,
            @ForAll final byte formatMax,
            @ForAll @IntRange(max = FrameIdentity.REPLICA_ID_MAX) final int receiver,
            @ForAll @IntRange(min = 1, max = FrameIdentity.REPLICA_ID_MAX) final int sender,
            @ForAll final long cluster,
            @ForAll final int group,
            @ForAll final int epoch,
            @ForAll @IntRange(max = 9) final int offset) {
        final FrameIdentity identity = new FrameIdentity(cluster, group, epoch, sender);
        final Hello hello = new Hello(formatMin, formatMax, receiver, identity);
        assertThat(read(hello.bytes(), offset)).isEqualTo(hello);
    }

    @Property
    void a_hello_with_a_changed_bit_is_no_hello(
            @ForAll @IntRange(max = Hello.LENGTH * Byte.SIZE - 1) final int bit, @ForAll final long cluster) {
        final byte[] bytes = Hello.to(2, new FrameIdentity(cluster, 1, 2, 3)).bytes();
        bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        assertThat(read(bytes, 0)).isNull();
    }

    @Property
    void bytes_of_another_protocol_are_no_hello(@ForAll @Size(Hello.LENGTH) final byte[] bytes) {
        assertThat(read(bytes, 0)).isNull();
    }

    @Property
    void a_reply_is_read_as_it_was_written(
            @ForAll final Admission admission,
            @ForAll @IntRange(min = 1, max = FrameIdentity.REPLICA_ID_MAX) final int sender,
            @ForAll @IntRange final int valueLengthMax) {
        final HandshakeReply reply = HandshakeReply.of(admission, sender, valueLengthMax);
        assertThat(HandshakeReply.read(reply.bytes(), sender)).isEqualTo(reply);
    }

    @Property
    void a_reply_with_a_changed_bit_is_no_reply(
            @ForAll @IntRange(max = HandshakeReply.LENGTH * Byte.SIZE - 1) final int bit) {
        final byte[] bytes = HandshakeReply.of(Admission.WELCOME, 2, 1_000).bytes();
        bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        assertThat(HandshakeReply.read(bytes, 2).admission()).isEqualTo(Admission.NOT_PAXOS);
    }

    @Property
    void bytes_of_another_protocol_are_no_reply(@ForAll @Size(HandshakeReply.LENGTH) final byte[] bytes) {
        assertThat(HandshakeReply.read(bytes, 2).admission()).isEqualTo(Admission.NOT_PAXOS);
    }

    @Example
    void a_welcome_counts_only_from_the_peer_in_our_format_with_a_length_that_can_be() {
        assertThat(HandshakeReply.read(
                                HandshakeReply.of(Admission.WELCOME, 3, 1).bytes(), 2)
                        .admission())
                .isEqualTo(Admission.WRONG_RECEIVER);
        final HandshakeReply otherFormat = new HandshakeReply(Admission.WELCOME, FrameLayout.FORMAT + 1, 2, 1);
        assertThat(HandshakeReply.read(otherFormat.bytes(), 2).admission()).isEqualTo(Admission.NO_COMMON_FORMAT);
        assertThat(HandshakeReply.read(
                                HandshakeReply.of(Admission.WELCOME, 2, -1).bytes(), 2)
                        .admission())
                .isEqualTo(Admission.NOT_PAXOS);
    }

    @Example
    void a_hello_is_admitted_only_if_everything_fits() {
        assertThat(hello(1, 1, 1, 11, 22, 33).admit(SELF, true)).isEqualTo(Admission.WELCOME);
        assertThat(hello(0, 5, 1, 11, 22, 33).admit(SELF, true)).isEqualTo(Admission.WELCOME);
        assertThat(hello(1, 1, 1, 12, 22, 33).admit(SELF, true)).isEqualTo(Admission.FOREIGN_CLUSTER);
        assertThat(hello(1, 1, 9, 11, 22, 33).admit(SELF, true)).isEqualTo(Admission.WRONG_RECEIVER);
        assertThat(hello(1, 1, 1, 11, 22, 33).admit(SELF, false)).isEqualTo(Admission.NOT_A_MEMBER);
        assertThat(hello(1, 1, 1, 11, 23, 33).admit(SELF, true)).isEqualTo(Admission.FOREIGN_GROUP);
        assertThat(hello(1, 1, 1, 11, 22, 34).admit(SELF, true)).isEqualTo(Admission.WRONG_EPOCH);
        assertThat(hello(2, 3, 1, 11, 22, 33).admit(SELF, true)).isEqualTo(Admission.NO_COMMON_FORMAT);
        assertThat(hello(0, 0, 1, 11, 22, 33).admit(SELF, true)).isEqualTo(Admission.NO_COMMON_FORMAT);
    }

    private static Hello hello(
            final int formatMin,
            final int formatMax,
            final int receiver,
            final long cluster,
            final int group,
            final int epoch) {
        return new Hello(formatMin, formatMax, receiver, new FrameIdentity(cluster, group, epoch, 2));
    }
}
