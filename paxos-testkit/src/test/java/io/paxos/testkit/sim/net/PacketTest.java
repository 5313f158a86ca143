package io.paxos.testkit.sim.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.protocol.Ballot;
import io.paxos.transport.wire.FieldKind;
import io.paxos.transport.wire.MessageCapture;
import io.paxos.transport.wire.MessageType;
import io.paxos.transport.wire.MessageView;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A packet holds one message of any type, and delivers it. */
class PacketTest {
    @ParameterizedTest
    @EnumSource
    void each_message_is_delivered_as_it_was_sent(final MessageType type) {
        final long[] fields = IntStream.range(0, type.fields().size())
                .mapToLong(index -> type.fields().get(index).kind() == FieldKind.FLAG ? 1 : 7 + index)
                .toArray();
        final byte[] payload = new byte[type.hasPayload() ? 200 : 0];
        final MessageView message = MessageView.of(type, 2, fields, payload);
        final Packet sent = new Packet().to(1).set(message);
        final Packet delivered = new Packet().to(1);
        sent.deliver(new MessageCapture(delivered::set).sender());
        final Packet copy = new Packet();
        copy.copyFrom(sent);
        for (final Packet same : new Packet[] {delivered, copy}) {
            assertThat(same).hasToString(sent.toString());
            assertThat(same.hash()).isEqualTo(sent.hash());
            assertThat(same.type()).isEqualTo(type);
            assertThat(same.from()).isEqualTo(2);
        }
        assertThat(new Packet().to(3).set(message).hash()).isNotEqualTo(sent.hash());
    }

    @Test
    void a_field_is_found_by_its_name_and_is_0_in_a_message_without_it() {
        final Packet packet = packet();
        assertThat(packet.field("fromSlot")).isEqualTo(4);
        assertThat(packet.field("round")).isZero();
    }

    @Test
    void people_can_read_it() {
        assertThat(packet()).hasToString("2->1 accepted ballot 3.1 fromSlot 4 throughSlot 7");
    }

    @Test
    void bytes_of_a_snapshot_are_shown_by_their_length_because_they_are_no_value() {
        final Packet packet = new Packet().to(1);
        final MessageCapture capture = new MessageCapture(packet::set);
        capture.sender().snapshotBytes(2, 7, 8, 9, new UnsafeBuffer(new byte[3]), 0, 3);
        assertThat(packet).hasToString("2->1 snapshotBytes slot 7 id 8 position 9 bytes 3 bytes");
        capture.sender().snapshotBytes(2, 7, 8, 9, new UnsafeBuffer(new byte[3]), 0, 0);
        assertThat(packet).hasToString("2->1 snapshotBytes slot 7 id 8 position 9 bytes 0 bytes");
    }

    private static Packet packet() {
        final Packet packet = new Packet().to(1);
        new MessageCapture(packet::set).sender().accepted(2, Ballot.of(3, 1), 4, 7);
        return packet;
    }
}
