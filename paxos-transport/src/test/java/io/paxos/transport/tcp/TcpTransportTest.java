package io.paxos.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.netty.util.ResourceLeakDetector;
import io.paxos.spi.Clock;
import io.paxos.spi.IgnoredMessages;
import io.paxos.transport.wire.ReceivedMessages;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What replicas can rely on while everybody behaves. */
@Timeout(60)
class TcpTransportTest {
    @ParameterizedTest
    @EnumSource
    void each_replica_receives_from_every_other(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 3).connected()) {
            for (int from = 1; from <= 3; from++) {
                for (int to = 1; to <= 3; to++) {
                    fixture.sender(from, to).chosen(from, from * 10L, to);
                }
            }
            fixture.until(() -> fixture.received(1) == 2 && fixture.received(2) == 2 && fixture.received(3) == 2);
            for (int to = 1; to <= 3; to++) {
                for (final List<Object> message : fixture.received.get(to).messages()) {
                    final int from = (int) message.get(1);
                    assertThat(from).isNotEqualTo(to);
                    assertThat(message).containsExactly("chosen", from, from * 10L, (long) to);
                }
                assertThat(fixture.transports.get(to).stats().droppedDisconnected())
                        .isEqualTo(1); // to itself
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void proposals_may_be_held_back_until_their_time_or_another_word(final SocketKind kind) {
        final AtomicLong nowNs = new AtomicLong();
        final Clock clock = new Clock() {
            @Override
            public long nanoTime() {
                return nowNs.get();
            }

            @Override
            public long epochMillis() {
                return 0;
            }
        };
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            fixture.open(1, builder -> builder.clock(clock));
            fixture.open(2, builder -> builder.clock(clock));
            fixture.until(() -> nowNs.addAndGet(100_000) > 0
                    && fixture.transports.values().stream()
                            .allMatch(transport -> transport.stats().connectedPeers() == 1));
            final TcpTransport one = fixture.transports.get(1);
            one.linger(2, 1_000);
            propose(one, 1, 10);
            propose(one, 2, 10);
            isNotDelivered(fixture);
            nowNs.addAndGet(1_000);
            fixture.until(() -> fixture.received(2) == 2);

            propose(one, 3, 10); // its time begins anew
            isNotDelivered(fixture);
            one.to(2).ping(1, 1);
            fixture.until(() -> fixture.received(2) == 4);

            propose(one, 4, 64 << 10); // a frame of that size is worth its write
            fixture.until(() -> fixture.received(2) == 5);

            propose(one, 5, 10);
            isNotDelivered(fixture);
            one.linger(2, 0);
            fixture.until(() -> fixture.received(2) == 6);
            propose(one, 6, 10);
            fixture.until(() -> fixture.received(2) == 7);
            one.linger(9, 1); // not a peer
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothing_is_dropped_for_what_is_held_back(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            for (final int id : List.of(1, 2)) {
                fixture.open(id, builder -> builder.valueLengthMax(8 << 10).sendBufferBytes(32 << 10));
            }
            fixture.until(() -> fixture.transports.values().stream()
                    .allMatch(transport -> transport.stats().connectedPeers() == 1));
            final TcpTransport one = fixture.transports.get(1);
            one.linger(2, TcpFixture.PATIENCE_NS);
            propose(one, 1, 8 << 10);
            propose(one, 2, 8 << 10); // no room for it: half of the buffer is for what is being sent
            one.to(2).ping(1, 1);
            fixture.until(() -> fixture.received(2) == 3);
            assertThat(one.stats().droppedFull()).isZero();
        }
    }

    private static void propose(final TcpTransport transport, final long slot, final int length) {
        transport.to(2).accept(1, 1, slot, 0, new UnsafeBuffer(new byte[length]), 0, length);
    }

    private static void isNotDelivered(final TcpFixture fixture) {
        final int before = fixture.received(2);
        for (int i = 0; i < 20; i++) {
            fixture.turn();
        }
        assertThat(fixture.received(2)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void a_large_value_arrives_whole(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            final byte[] value = new byte[1 << 20];
            new Random(1).nextBytes(value);
            for (int i = 0; i < 3; i++) {
                fixture.sender(1, 2).accept(1, 1, i + 1, 0, new UnsafeBuffer(value), 0, value.length);
                fixture.sender(1, 2).ping(1, i);
            }
            fixture.until(() -> fixture.received(2) == 6);
            assertThat(fixture.received.get(2).messages().stream()
                            .filter(message -> message.get(0).equals("accept"))
                            .map(message -> message.get(5)))
                    .containsExactly(ByteBuffer.wrap(value), ByteBuffer.wrap(value), ByteBuffer.wrap(value));
            assertThat(fixture.received.get(2).messages().stream()
                            .filter(message -> message.get(0).equals("ping"))
                            .map(message -> message.get(2)))
                    .containsExactly(0L, 1L, 2L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void messages_keep_their_order_over_many_sizes(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            final Random random = new Random(2);
            final int count = 5_000;
            final UnsafeBuffer value = new UnsafeBuffer(new byte[70_000]);
            for (int i = 0; i < count; i++) {
                final int length = random.nextInt(10) == 0 ? random.nextInt(70_000) : random.nextInt(100);
                fixture.sender(1, 2).learn(1, 1, i, value, 0, length);
                if (i % 50 == 0) {
                    fixture.turn();
                }
            }
            fixture.until(() -> fixture.received(2) == count);
            for (int i = 0; i < count; i++) {
                assertThat(fixture.received.get(2).messages().get(i).get(3)).isEqualTo((long) i);
            }
            assertThat(fixture.transports.get(1).stats().bytesSent())
                    .isEqualTo(fixture.transports.get(2).stats().bytesReceived());
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_poll_hands_over_no_more_than_its_limit_and_loses_nothing(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            for (int i = 0; i < 100; i++) {
                fixture.sender(1, 2).ping(1, i);
            }
            fixture.transports.get(1).flush();
            final ReceivedMessages receiver = new ReceivedMessages();
            while (receiver.count() < 100) {
                final int before = receiver.count();
                final int delivered = fixture.transports.get(2).poll(receiver, 7);
                assertThat(delivered).isLessThanOrEqualTo(7);
                assertThat(receiver.count() - before).isEqualTo(delivered);
            }
            assertThat(receiver.last()).containsExactly("ping", 1, 99L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_peer_that_restarts_is_found_again_and_receives_nothing_stale(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            fixture.close(2);
            fixture.until(() -> fixture.transports.get(1).stats().connectedPeers() == 0);
            fixture.sender(1, 2).ping(1, 1);
            assertThat(fixture.transports.get(1).stats().droppedDisconnected()).isEqualTo(1);
            fixture.open(2);
            fixture.until(() -> fixture.transports.get(1).stats().connectedPeers() == 1
                    && fixture.transports.get(2).stats().connectedPeers() == 1);
            fixture.sender(1, 2).ping(1, 2);
            fixture.sender(2, 1).ping(2, 3);
            fixture.until(() -> fixture.received(1) == 1 && fixture.received(2) == 1);
            assertThat(fixture.received.get(2).last()).containsExactly("ping", 1, 2L);
            assertThat(fixture.transports.get(1).stats().connects()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_was_flushed_before_a_close_is_still_delivered(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            fixture.sender(1, 2).ping(1, 7);
            fixture.transports.get(1).flush();
            fixture.close(1);
            fixture.until(() -> fixture.received(2) == 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_value_too_long_for_the_peer_is_dropped_here(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            fixture.open(1);
            fixture.open(2, builder -> builder.valueLengthMax(100));
            fixture.until(() -> fixture.transports.get(1).stats().connectedPeers() == 1);
            fixture.sender(1, 2).forward(1, new UnsafeBuffer(new byte[200]), 0, 200);
            fixture.sender(1, 2).forward(1, new UnsafeBuffer(new byte[100]), 0, 100);
            fixture.until(() -> fixture.received(2) == 1);
            assertThat(fixture.transports.get(1).stats().droppedOversized()).isEqualTo(1);
            assertThat(fixture.transports.get(2).stats().rejected()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_exception_of_the_receiver_comes_out_of_poll_and_its_message_is_not_delivered_again(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            fixture.sender(1, 2).ping(1, 1);
            fixture.sender(1, 2).ping(1, 2);
            fixture.transports.get(1).flush();
            final IllegalStateException broken = new IllegalStateException("broken invariant");
            assertThatThrownBy(() -> {
                        while (true) {
                            fixture.transports
                                    .get(2)
                                    .poll(
                                            new IgnoredMessages() {
                                                @Override
                                                public void ping(final int from, final long round) {
                                                    throw broken;
                                                }
                                            },
                                            10);
                        }
                    })
                    .isSameAs(broken);
            fixture.until(() -> fixture.received(2) == 1);
            assertThat(fixture.received.get(2).last()).containsExactly("ping", 1, 2L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_ears_may_close_the_transport(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            final TcpTransport two = fixture.transports.get(2);
            fixture.sender(1, 2).ping(1, 1);
            fixture.transports.get(1).flush();
            final AtomicLong received = new AtomicLong();
            while (received.get() == 0) {
                two.poll(
                        new IgnoredMessages() {
                            @Override
                            public void ping(final int from, final long round) {
                                two.close();
                                received.set(round);
                            }
                        },
                        10);
            }
            assertThat(two.poll(IgnoredMessages.ALL, 10)).isZero();
            fixture.transports.remove(2);
            fixture.until(() -> fixture.transports.get(1).stats().connectedPeers() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_sender_taken_before_the_first_poll_sends_once_there_is_a_connection(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            final var sender = fixture.open(1).to(2);
            fixture.open(2);
            fixture.until(() -> fixture.transports.get(1).stats().connectedPeers() == 1);
            sender.ping(1, 1);
            fixture.until(() -> fixture.received(2) == 1);
        }
    }

    /** L10: sofa-jraft #830; L23: sofa-jraft #1190, sofa-jraft #1191: a slow peer costs no more than its buffer. */
    @ParameterizedTest
    @EnumSource
    void a_slow_peer_fills_the_buffer_which_drops_counts_and_recovers_without_a_torn_frame(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            fixture.open(1, builder -> builder.sendBufferBytes(1 << 20).valueLengthMax(100_000));
            fixture.open(2, builder -> builder.sendBufferBytes(1 << 20).valueLengthMax(100_000));
            fixture.until(() -> fixture.transports.get(1).stats().connectedPeers() == 1);
            final TcpTransport one = fixture.transports.get(1);
            final UnsafeBuffer value = new UnsafeBuffer(new byte[90_000]);
            long slot = 0;
            while (one.stats().droppedFull() < 20) { // replica 2 does not read meanwhile
                one.to(2).learn(1, 1, ++slot, value, 0, value.capacity() - (int) (slot % 1_000));
                one.flush();
                one.poll(IgnoredMessages.ALL, 1);
            }
            final long queued = slot - one.stats().droppedFull();
            fixture.until(() -> fixture.received(2) == queued);
            one.to(2).ping(1, 1);
            fixture.until(() -> fixture.received(2) == queued + 1);
            assertThat(fixture.transports.get(2).stats().rejected()).isEmpty();
            assertThat(one.stats().connects()).isEqualTo(1);
            long before = 0;
            for (final List<Object> message : fixture.received.get(2).messages().subList(0, (int) queued)) {
                final long at = (long) message.get(3);
                assertThat(at).isGreaterThan(before);
                assertThat(((ByteBuffer) message.get(4)).remaining()).isEqualTo(90_000 - (int) (at % 1_000));
                before = at;
            }
        }
    }

    /** F1: what tells that a member lives, and how it votes, does not wait behind values. */
    @ParameterizedTest
    @EnumSource
    void a_short_message_passes_the_values_that_wait(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            final TcpTransport one = fixture.transports.get(1);
            final UnsafeBuffer value = new UnsafeBuffer(new byte[100_000]);
            long slot = 0;
            while (one.stats().droppedFull() == 0) { // replica 2 does not read meanwhile
                one.to(2).accept(1, 1, ++slot, 0, value, 0, value.capacity());
                one.flush();
                one.poll(IgnoredMessages.ALL, 1);
            }
            one.to(2).ping(1, 77);
            one.to(2).chosen(1, 1, slot); // keeps its place behind the values
            final long values = slot - 1;
            fixture.until(() -> fixture.received(2) == values + 2);
            assertThat(fixture.received.get(2).last().get(0)).isEqualTo("chosen");
            final List<List<Object>> messages = fixture.received.get(2).messages();
            int at = 0;
            while (!messages.get(at).get(0).equals("ping")) {
                at++;
            }
            assertThat(values - at).as("values that the ping has passed").isGreaterThan(30);
        }
    }

    @ParameterizedTest
    @EnumSource
    void no_message_is_garbage(final SocketKind kind) {
        TcpFixture.detectLeaks(ResourceLeakDetector.Level.DISABLED); // it writes down every touch of a buffer
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            // Two objects of Netty's per write or read are left, so that a thousand messages share them.
            final Counting receiver = new Counting();
            for (int i = 0; i < 100; i++) {
                talk(fixture, receiver, 1_000);
            }
            final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            final long thread = Thread.currentThread().getId();
            final long before = threads.getThreadAllocatedBytes(thread);
            for (int i = 0; i < 100; i++) {
                talk(fixture, receiver, 1_000);
            }
            final long allocated = threads.getThreadAllocatedBytes(thread) - before;
            assertThat(allocated / 100_000).as("bytes per message").isLessThanOrEqualTo(1);
        } finally {
            TcpFixture.detectLeaks(ResourceLeakDetector.Level.PARANOID);
        }
    }

    private static void talk(final TcpFixture fixture, final Counting receiver, final int messages) {
        final TcpTransport one = fixture.transports.get(1);
        final TcpTransport two = fixture.transports.get(2);
        final long expected = receiver.count + messages;
        for (int i = 0; i < messages; i++) {
            one.to(2).ping(1, i);
        }
        one.flush();
        while (receiver.count < expected) {
            two.poll(receiver, messages);
        }
    }

    private static final class Counting extends IgnoredMessages {
        long count;

        @Override
        public void ping(final int from, final long round) {
            count++;
        }
    }
}
