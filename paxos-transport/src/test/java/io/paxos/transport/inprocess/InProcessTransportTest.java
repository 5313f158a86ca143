package io.paxos.transport.inprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.spi.IgnoredMessages;
import io.paxos.transport.wire.FrameLayout;
import io.paxos.transport.wire.ReceivedMessages;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class InProcessTransportTest {
    private static final long LONG_NS = 20_000_000_000L;

    private final InProcessNetwork network = new InProcessNetwork(64 << 10, 1 << 10);
    private final InProcessTransport one = network.transport(1);
    private final InProcessTransport two = network.transport(2);
    private final ReceivedMessages received = new ReceivedMessages();

    @AfterEach
    void close() {
        one.close();
        two.close();
    }

    @Test
    void two_receives_what_one_sends() {
        one.to(2).ping(1, 5);
        one.to(2).forward(1, new UnsafeBuffer("abc".getBytes(StandardCharsets.US_ASCII)), 1, 2);
        one.flush();
        assertThat(two.poll(received, 10)).isEqualTo(2);
        assertThat(received.messages().get(0)).containsExactly("ping", 1, 5L);
        assertThat(received.last().get(2)).isEqualTo(ByteBuffer.wrap(new byte[] {'b', 'c'}));
        assertThat(one.poll(received, 10)).isZero();
        assertThat(one.stats().framesSent()).isEqualTo(2);
        assertThat(two.stats().framesReceived()).isEqualTo(2);
        assertThat(two.stats().bytesReceived()).isEqualTo(one.stats().bytesSent());
    }

    @Test
    void a_poll_hands_over_no_more_than_its_limit() {
        for (int i = 0; i < 5; i++) {
            one.to(2).ping(1, i);
        }
        assertThat(two.poll(received, 2)).isEqualTo(2);
        assertThat(two.poll(received, 10)).isEqualTo(3);
        assertThat(received.last()).containsExactly("ping", 1, 4L);
    }

    @Test
    void what_lies_behind_the_end_of_the_ring_is_delivered_by_the_same_poll() {
        for (int i = 0; i < 1000; i++) { // several times round; 1,000 bytes and a header do not divide it
            one.to(2).forward(1, new UnsafeBuffer(new byte[1000]), 0, 1000);
            assertThat(two.poll(received, 10)).as("poll %d", i).isEqualTo(1);
        }
    }

    /** L10: sofa-jraft #830; L23: RATIS-840, RATIS-2065. */
    @Test
    void a_full_mailbox_drops_counts_and_recovers() {
        while (one.stats().droppedFull() == 0) {
            one.to(2).ping(1, 1);
        }
        final long sent = one.stats().framesSent();
        while (two.poll(received, 100) > 0) {}
        assertThat(received.count()).isEqualTo((int) sent);
        one.to(2).ping(1, 2);
        assertThat(two.poll(received, 100)).isEqualTo(1);
    }

    @Test
    void a_transport_knows_its_own_id_and_every_id_that_a_replica_can_have() {
        final InProcessTransport two = new InProcessNetwork().transport(2);
        assertThat(two.self()).isEqualTo(2);
        assertThat(two.knows(65_535)).isTrue();
        assertThat(two.knows(0)).isFalse();
        assertThat(two.knows(65_536)).isFalse();
    }

    @Test
    void messages_to_a_replica_that_is_not_there_are_dropped() {
        one.to(9).ping(1, 1);
        one.to(1).ping(1, 1);
        two.close();
        one.to(2).ping(1, 1);
        one.flush();
        assertThat(one.poll(received, 10)).isZero();
        assertThat(one.stats().droppedDisconnected()).isEqualTo(3);
        assertThat(two.poll(received, 10)).isZero();
    }

    @Test
    void a_value_too_long_is_dropped_and_counted() {
        one.to(2).forward(1, new UnsafeBuffer(new byte[2_000]), 0, 2_000);
        assertThat(one.stats().droppedOversized()).isEqualTo(1);
        assertThat(two.poll(received, 10)).isZero();
    }

    @Test
    void a_replica_that_comes_back_receives_only_what_was_sent_since() {
        one.to(2).ping(1, 1);
        two.close();
        try (InProcessTransport again = network.transport(2)) {
            assertThat(again.poll(received, 10)).isZero();
            one.to(2).ping(1, 2);
            assertThat(again.poll(received, 10)).isEqualTo(1);
            assertThat(received.last()).containsExactly("ping", 1, 2L);
        }
    }

    @Test
    void one_replica_has_one_transport() {
        assertThatThrownBy(() -> network.transport(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_mailbox_too_small_for_the_longest_value_is_refused() {
        final int fits = 64 * 1024 / 8 - FrameLayout.frameLengthMax(0);
        assertThat(new InProcessNetwork(64 << 10, fits)).isNotNull();
        assertThatThrownBy(() -> new InProcessNetwork(64 << 10, fits + 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new InProcessNetwork(60_000, 10)).hasMessageContaining("power of two");
    }

    @Test
    void a_wakeup_before_the_wait_ends_the_wait() {
        one.wakeup();
        one.await(LONG_NS);
    }

    @Test
    void a_message_before_the_wait_ends_the_wait() {
        one.to(2).ping(1, 1);
        two.await(LONG_NS);
        assertThat(two.poll(received, 1)).isEqualTo(1);
    }

    @Test
    void no_arrival_and_no_wakeup_is_lost_between_two_that_take_turns_to_sleep() throws InterruptedException {
        final int rounds = 20_000;
        final Thread echo = new Thread(() -> {
            final AtomicLong round = new AtomicLong();
            while (round.get() < rounds) {
                two.poll(
                        new IgnoredMessages() {
                            @Override
                            public void ping(final int from, final long number) {
                                round.set(number);
                                two.to(1).ping(2, number);
                            }
                        },
                        10);
                two.flush();
                two.await(LONG_NS);
            }
        });
        echo.start();
        final AtomicLong answered = new AtomicLong();
        for (int round = 1; round <= rounds; round++) {
            one.to(2).ping(1, round);
            one.flush();
            while (answered.get() < round) {
                one.await(LONG_NS);
                one.poll(
                        new IgnoredMessages() {
                            @Override
                            public void ping(final int from, final long number) {
                                answered.set(number);
                            }
                        },
                        10);
            }
        }
        two.wakeup();
        echo.join();
        assertThat(answered.get()).isEqualTo(rounds);
    }

    @Test
    void closing_twice_is_closing_once_and_nothing_works_afterwards() {
        one.close();
        one.close();
        one.to(2).ping(1, 1);
        one.flush();
        one.await(LONG_NS);
        assertThat(two.poll(received, 10)).isZero();
    }
}
