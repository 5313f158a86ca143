package io.paxos.testkit.sim.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.protocol.Ballot;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A packet holds one message and says it again. */
class PacketTest {
    private static final UnsafeBuffer VALUE = new UnsafeBuffer("value".getBytes(StandardCharsets.UTF_8));
    private static final long B11 = Ballot.of(1, 1);
    private static final long B22 = Ballot.of(2, 2);

    @Test
    void say_again_what_they_were_told() {
        final Packet told = new Packet().to(1);
        final Packet received = new Packet().to(1);
        final List<Runnable> messages = List.of(
                () -> told.prepare(2, B22, 7),
                () -> told.promise(2, B22, 3, 9),
                () -> told.report(2, B22, 7, B11, VALUE, 1, 3),
                () -> told.accept(2, B22, 7, 6, VALUE, 0, 5),
                () -> told.accepted(2, B22, 4, 7),
                () -> told.reject(2, B22, 7),
                () -> told.chosen(2, B22, 7),
                () -> told.fetch(2, 3, 7),
                () -> told.learn(2, B22, 7, VALUE, 0, 0),
                () -> told.ping(2, 1L << 32 | 5),
                () -> told.pong(2, 1L << 32 | 5, B22, true, 7),
                () -> told.forward(2, VALUE, 0, 5),
                () -> told.askRead(2, 5),
                () -> told.confirm(2, B22, 5),
                () -> told.confirmed(2, B22, 5),
                () -> told.readAt(2, B22, 5, 7));
        assertThat(messages).hasSameSizeAs(Packet.Type.values());
        for (final Runnable word : messages) {
            word.run();
            told.deliver(received);
            assertThat(received).hasToString(told.toString());
            assertThat(received.hash()).isEqualTo(told.hash());
            final Packet copy = new Packet();
            copy.copyFrom(told);
            assertThat(copy.hash()).isEqualTo(told.hash());
        }
    }

    @Test
    void can_be_read_by_people() {
        final Packet packet = new Packet().to(1);
        packet.accepted(2, Ballot.of(3, 1), 4, 7);
        assertThat(packet).hasToString("2->1 accepted 3.1 slots 4..7");
    }
}
