package io.paxos.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.netty.util.ResourceLeakDetector;
import io.paxos.spi.Clock;
import io.paxos.transport.wire.Deaf;
import io.paxos.transport.wire.Heard;
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
    void everybody_hears_everybody(final SocketKind kind) {
        try (Net net = new Net(kind, 3).connected()) {
            for (int from = 1; from <= 3; from++) {
                for (int to = 1; to <= 3; to++) {
                    net.mouth(from, to).chosen(from, from * 10L, to);
                }
            }
            net.until(() -> net.heard(1) == 2 && net.heard(2) == 2 && net.heard(3) == 2);
            for (int to = 1; to <= 3; to++) {
                for (final List<Object> sentence : net.heard.get(to).sentences()) {
                    final int from = (int) sentence.get(1);
                    assertThat(from).isNotEqualTo(to);
                    assertThat(sentence).containsExactly("chosen", from, from * 10L, (long) to);
                }
                assertThat(net.transports.get(to).stats().droppedDisconnected()).isEqualTo(1); // to itself
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
        try (Net net = new Net(kind, 2)) {
            net.open(1, builder -> builder.clock(clock));
            net.open(2, builder -> builder.clock(clock));
            net.until(() -> nowNs.addAndGet(100_000) > 0
                    && net.transports.values().stream()
                            .allMatch(transport -> transport.stats().connectedPeers() == 1));
            final TcpTransport one = net.transports.get(1);
            one.holdBack(2, 1_000);
            propose(one, 1, 10);
            propose(one, 2, 10);
            staysUnheard(net);
            nowNs.addAndGet(1_000);
            net.until(() -> net.heard(2) == 2);

            propose(one, 3, 10); // its time begins anew
            staysUnheard(net);
            one.to(2).ping(1, 1);
            net.until(() -> net.heard(2) == 4);

            propose(one, 4, 64 << 10); // a frame of that size is worth its write
            net.until(() -> net.heard(2) == 5);

            propose(one, 5, 10);
            staysUnheard(net);
            one.holdBack(2, 0);
            net.until(() -> net.heard(2) == 6);
            propose(one, 6, 10);
            net.until(() -> net.heard(2) == 7);
            one.holdBack(9, 1); // nobody's
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothing_is_dropped_for_what_is_held_back(final SocketKind kind) {
        try (Net net = new Net(kind, 2)) {
            for (final int id : List.of(1, 2)) {
                net.open(id, builder -> builder.valueLengthMax(8 << 10).sendBufferBytes(32 << 10));
            }
            net.until(() -> net.transports.values().stream()
                    .allMatch(transport -> transport.stats().connectedPeers() == 1));
            final TcpTransport one = net.transports.get(1);
            one.holdBack(2, Net.PATIENCE_NS);
            propose(one, 1, 8 << 10);
            propose(one, 2, 8 << 10); // no room for it: half of the buffer is for what is being sent
            one.to(2).ping(1, 1);
            net.until(() -> net.heard(2) == 3);
            assertThat(one.stats().droppedFull()).isZero();
        }
    }

    private static void propose(final TcpTransport transport, final long slot, final int length) {
        transport.to(2).accept(1, 1, slot, 0, new UnsafeBuffer(new byte[length]), 0, length);
    }

    private static void staysUnheard(final Net net) {
        final int before = net.heard(2);
        for (int i = 0; i < 20; i++) {
            net.turn();
        }
        assertThat(net.heard(2)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void a_large_value_arrives_whole(final SocketKind kind) {
        try (Net net = new Net(kind, 2).connected()) {
            final byte[] value = new byte[1 << 20];
            new Random(1).nextBytes(value);
            for (int i = 0; i < 3; i++) {
                net.mouth(1, 2).accept(1, 1, i + 1, 0, new UnsafeBuffer(value), 0, value.length);
                net.mouth(1, 2).ping(1, i);
            }
            net.until(() -> net.heard(2) == 6);
            for (int i = 0; i < 3; i++) {
                assertThat(net.heard.get(2).sentences().get(2 * i).get(5)).isEqualTo(ByteBuffer.wrap(value));
                assertThat(net.heard.get(2).sentences().get(2 * i + 1)).containsExactly("ping", 1, (long) i);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void messages_keep_their_order_over_many_sizes(final SocketKind kind) {
        try (Net net = new Net(kind, 2).connected()) {
            final Random random = new Random(2);
            final int count = 5_000;
            final UnsafeBuffer value = new UnsafeBuffer(new byte[70_000]);
            for (int i = 0; i < count; i++) {
                final int length = random.nextInt(10) == 0 ? random.nextInt(70_000) : random.nextInt(100);
                net.mouth(1, 2).learn(1, 1, i, value, 0, length);
                if (i % 50 == 0) {
                    net.turn();
                }
            }
            net.until(() -> net.heard(2) == count);
            for (int i = 0; i < count; i++) {
                assertThat(net.heard.get(2).sentences().get(i).get(3)).isEqualTo((long) i);
            }
            assertThat(net.transports.get(1).stats().bytesSent())
                    .isEqualTo(net.transports.get(2).stats().bytesReceived());
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_poll_hands_over_no_more_than_its_limit_and_loses_nothing(final SocketKind kind) {
        try (Net net = new Net(kind, 2).connected()) {
            for (int i = 0; i < 100; i++) {
                net.mouth(1, 2).ping(1, i);
            }
            net.transports.get(1).flush();
            final Heard ears = new Heard();
            while (ears.count() < 100) {
                final int before = ears.count();
                final int delivered = net.transports.get(2).poll(ears, 7);
                assertThat(delivered).isLessThanOrEqualTo(7);
                assertThat(ears.count() - before).isEqualTo(delivered);
            }
            assertThat(ears.last()).containsExactly("ping", 1, 99L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_peer_that_restarts_is_found_again_and_hears_nothing_stale(final SocketKind kind) {
        try (Net net = new Net(kind, 2).connected()) {
            net.close(2);
            net.until(() -> net.transports.get(1).stats().connectedPeers() == 0);
            net.mouth(1, 2).ping(1, 1);
            assertThat(net.transports.get(1).stats().droppedDisconnected()).isEqualTo(1);
            net.open(2);
            net.until(() -> net.transports.get(1).stats().connectedPeers() == 1
                    && net.transports.get(2).stats().connectedPeers() == 1);
            net.mouth(1, 2).ping(1, 2);
            net.mouth(2, 1).ping(2, 3);
            net.until(() -> net.heard(1) == 1 && net.heard(2) == 1);
            assertThat(net.heard.get(2).last()).containsExactly("ping", 1, 2L);
            assertThat(net.transports.get(1).stats().connects()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_was_flushed_before_a_close_is_still_heard(final SocketKind kind) {
        try (Net net = new Net(kind, 2).connected()) {
            net.mouth(1, 2).ping(1, 7);
            net.transports.get(1).flush();
            net.close(1);
            net.until(() -> net.heard(2) == 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_value_too_long_for_the_peer_is_dropped_here(final SocketKind kind) {
        try (Net net = new Net(kind, 2)) {
            net.open(1);
            net.open(2, builder -> builder.valueLengthMax(100));
            net.until(() -> net.transports.get(1).stats().connectedPeers() == 1);
            net.mouth(1, 2).forward(1, new UnsafeBuffer(new byte[200]), 0, 200);
            net.mouth(1, 2).forward(1, new UnsafeBuffer(new byte[100]), 0, 100);
            net.until(() -> net.heard(2) == 1);
            assertThat(net.transports.get(1).stats().droppedOversized()).isEqualTo(1);
            assertThat(net.transports.get(2).stats().rejected()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_the_ears_throw_comes_out_of_poll_and_is_not_heard_again(final SocketKind kind) {
        try (Net net = new Net(kind, 2).connected()) {
            net.mouth(1, 2).ping(1, 1);
            net.mouth(1, 2).ping(1, 2);
            net.transports.get(1).flush();
            final IllegalStateException broken = new IllegalStateException("broken invariant");
            assertThatThrownBy(() -> {
                        while (true) {
                            net.transports
                                    .get(2)
                                    .poll(
                                            new Deaf() {
                                                @Override
                                                public void ping(final int from, final long round) {
                                                    throw broken;
                                                }
                                            },
                                            10);
                        }
                    })
                    .isSameAs(broken);
            net.until(() -> net.heard(2) == 1);
            assertThat(net.heard.get(2).last()).containsExactly("ping", 1, 2L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_ears_may_close_the_transport(final SocketKind kind) {
        try (Net net = new Net(kind, 2).connected()) {
            final TcpTransport two = net.transports.get(2);
            net.mouth(1, 2).ping(1, 1);
            net.transports.get(1).flush();
            final AtomicLong heard = new AtomicLong();
            while (heard.get() == 0) {
                two.poll(
                        new Deaf() {
                            @Override
                            public void ping(final int from, final long round) {
                                two.close();
                                heard.set(round);
                            }
                        },
                        10);
            }
            assertThat(two.poll(new Deaf(), 10)).isZero();
            net.transports.remove(2);
            net.until(() -> net.transports.get(1).stats().connectedPeers() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_mouth_taken_before_the_first_poll_speaks_once_there_is_a_connection(final SocketKind kind) {
        try (Net net = new Net(kind, 2)) {
            final var mouth = net.open(1).to(2);
            net.open(2);
            net.until(() -> net.transports.get(1).stats().connectedPeers() == 1);
            mouth.ping(1, 1);
            net.until(() -> net.heard(2) == 1);
        }
    }

    /** L10: sofa-jraft #830; L23: sofa-jraft #1190, sofa-jraft #1191: a slow peer costs no more than its buffer. */
    @ParameterizedTest
    @EnumSource
    void a_slow_peer_fills_the_buffer_which_drops_counts_and_recovers_without_a_torn_frame(final SocketKind kind) {
        try (Net net = new Net(kind, 2)) {
            net.open(1, builder -> builder.sendBufferBytes(1 << 20).valueLengthMax(100_000));
            net.open(2, builder -> builder.sendBufferBytes(1 << 20).valueLengthMax(100_000));
            net.until(() -> net.transports.get(1).stats().connectedPeers() == 1);
            final TcpTransport one = net.transports.get(1);
            final UnsafeBuffer value = new UnsafeBuffer(new byte[90_000]);
            long slot = 0;
            while (one.stats().droppedFull() < 20) { // replica 2 does not read meanwhile
                one.to(2).learn(1, 1, ++slot, value, 0, value.capacity() - (int) (slot % 1_000));
                one.flush();
                one.poll(new Deaf(), 1);
            }
            final long queued = slot - one.stats().droppedFull();
            net.until(() -> net.heard(2) == queued);
            one.to(2).ping(1, 1);
            net.until(() -> net.heard(2) == queued + 1);
            assertThat(net.transports.get(2).stats().rejected()).isEmpty();
            assertThat(one.stats().connects()).isEqualTo(1);
            long before = 0;
            for (final List<Object> sentence : net.heard.get(2).sentences().subList(0, (int) queued)) {
                final long at = (long) sentence.get(3);
                assertThat(at).isGreaterThan(before);
                assertThat(((ByteBuffer) sentence.get(4)).remaining()).isEqualTo(90_000 - (int) (at % 1_000));
                before = at;
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void no_message_is_garbage(final SocketKind kind) {
        Net.detectLeaks(ResourceLeakDetector.Level.DISABLED); // it writes down every touch of a buffer
        try (Net net = new Net(kind, 2).connected()) {
            // Two objects of Netty's per write or read are left, so that a thousand messages share them.
            final Counting ears = new Counting();
            for (int i = 0; i < 100; i++) {
                talk(net, ears, 1_000);
            }
            final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            final long thread = Thread.currentThread().getId();
            final long before = threads.getThreadAllocatedBytes(thread);
            for (int i = 0; i < 100; i++) {
                talk(net, ears, 1_000);
            }
            final long allocated = threads.getThreadAllocatedBytes(thread) - before;
            assertThat(allocated / 100_000).as("bytes per message").isLessThanOrEqualTo(1);
        } finally {
            Net.detectLeaks(ResourceLeakDetector.Level.PARANOID);
        }
    }

    private static void talk(final Net net, final Counting ears, final int messages) {
        final TcpTransport one = net.transports.get(1);
        final TcpTransport two = net.transports.get(2);
        final long expected = ears.count + messages;
        for (int i = 0; i < messages; i++) {
            one.to(2).ping(1, i);
        }
        one.flush();
        while (ears.count < expected) {
            two.poll(ears, messages);
        }
    }

    private static final class Counting extends Deaf {
        long count;

        @Override
        public void ping(final int from, final long round) {
            count++;
        }
    }
}
