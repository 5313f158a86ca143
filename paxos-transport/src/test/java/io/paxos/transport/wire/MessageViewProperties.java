package io.paxos.transport.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.BeforeTry;
import org.agrona.concurrent.UnsafeBuffer;

/** A message that is captured is the call that it was. */
class MessageViewProperties {
    private static final long BALLOT = 5 << Short.SIZE | 2;

    private final List<MessageView> captured = new ArrayList<>();
    private final MessageCapture capture = new MessageCapture(message -> captured.add(message.copy()));

    @BeforeTry
    void startWithNothingCaptured() {
        captured.clear();
    }

    @Property
    void a_captured_message_is_delivered_as_it_was_sent(
            @ForAll final MessageType type,
            @ForAll @IntRange(min = 1, max = FrameIdentity.REPLICA_ID_MAX) final int from,
            @ForAll final long a,
            @ForAll final long b,
            @ForAll final long c,
            @ForAll @Size(max = 300) final byte[] value) {
        final ReceivedMessages sent = new ReceivedMessages();
        final ReceivedMessages received = new ReceivedMessages();
        SampleMessages.send(type, from, a, b, c, value, sent);
        SampleMessages.send(type, from, a, b, c, value, capture.sender());
        captured.get(0).deliver(received);
        assertThat(received.messages()).isEqualTo(sent.messages());
        assertThat(captured.get(0).type()).isEqualTo(type);
        assertThat(captured.get(0).from()).isEqualTo(from);
    }

    @Property
    void a_message_made_from_its_parts_is_the_captured_one(
            @ForAll final MessageType type,
            @ForAll @IntRange(min = 1, max = FrameIdentity.REPLICA_ID_MAX) final int from,
            @ForAll final long a,
            @ForAll final long b,
            @ForAll final long c,
            @ForAll @Size(max = 300) final byte[] value) {
        SampleMessages.send(type, from, a, b, c, value, capture.sender());
        final MessageView message = captured.get(0);
        final long[] fields = new long[type.fields().size()];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = message.field(i);
            assertThat(message.field(type.fields().get(i).name())).isEqualTo(fields[i]);
        }
        final byte[] payload = new byte[message.payloadLength()];
        message.buffer().getBytes(message.payloadOffset(), payload);
        assertThat(MessageView.of(type, from, fields, payload).isSameAs(message))
                .isTrue();
    }

    @Example
    void fields_are_read_by_name_and_a_field_that_is_not_there_is_0() {
        capture.sender().pong(3, 7, BALLOT, true, 9);
        final MessageView pong = captured.get(0);
        assertThat(pong.field("round")).isEqualTo(7);
        assertThat(pong.field("following")).isEqualTo(BALLOT);
        assertThat(pong.field("happy")).isEqualTo(1);
        assertThat(pong.field("chosenThrough")).isEqualTo(9);
        assertThat(pong.field("lastSlot")).isZero();
        assertThat(pong.payloadLength()).isZero();
    }

    @Example
    void messages_that_differ_in_one_part_are_not_the_same() {
        final UnsafeBuffer value = new UnsafeBuffer(new byte[] {1, 2});
        capture.sender().learn(1, BALLOT, 2, value, 0, 2);
        capture.sender().learn(1, BALLOT, 2, value, 0, 2);
        capture.sender().learn(2, BALLOT, 2, value, 0, 2);
        capture.sender().learn(1, BALLOT, 3, value, 0, 2);
        capture.sender().learn(1, BALLOT, 2, value, 0, 1);
        capture.sender().learn(1, BALLOT, 2, value, 1, 1);
        capture.sender().chosen(1, BALLOT, 2);
        assertThat(captured.get(0).isSameAs(captured.get(1))).isTrue();
        for (int i = 2; i < captured.size(); i++) {
            assertThat(captured.get(0).isSameAs(captured.get(i)))
                    .as(captured.get(i).toString())
                    .isFalse();
        }
        assertThat(captured.get(4).isSameAs(captured.get(5))).isFalse();
    }

    @Example
    void a_message_says_in_one_line_what_it_holds() {
        capture.sender().accept(1, BALLOT, 7, 6, new UnsafeBuffer(new byte[] {1, 2, 3}), 0, 3);
        capture.sender().forward(2, new UnsafeBuffer(new byte[20]), 0, 20);
        capture.sender().pong(3, (4L << Integer.SIZE) + 5, BALLOT, false, 9);
        assertThat(captured)
                .hasToString("[accept(from=1, ballot=5.2, slot=7, chosenThrough=6, value=3 bytes 010203), "
                        + "forward(from=2, commands=20 bytes 0000000000000000...), "
                        + "pong(from=3, round=4:5, following=5.2, happy=false, chosenThrough=9)]");
    }

    @Example
    void bytes_that_are_no_message_are_refused() {
        final UnsafeBuffer zeros = new UnsafeBuffer(new byte[100]);
        assertThatThrownBy(() -> new MessageView().wrap(zeros, 0, 100)).isInstanceOf(IllegalArgumentException.class);
        capture.sender().fetch(1, 2, 3);
        final MessageView fetch = captured.get(0);
        assertThatThrownBy(() -> fetch.wrap(fetch.buffer(), 0, FrameLayout.HEADER_LENGTH + 15))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Example
    void parts_that_do_not_fit_the_type_are_refused() {
        assertThatThrownBy(() -> MessageView.of(MessageType.PING, 1, new long[2], new byte[0]))
                .hasMessage("PING has 1 fields, given are 2");
        assertThatThrownBy(() -> MessageView.of(MessageType.PING, 1, new long[1], new byte[3]))
                .hasMessage("PING has no payload, given are 3 bytes");
    }
}
