package io.paxos.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.spi.IgnoredMessages;
import io.paxos.transport.wire.ReceivedMessages;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sleeping, and being woken: a lost wake-up makes these run into their timeout. */
@Timeout(60)
class AwaitTest {
    private static final long FOREVER_NS = 600_000_000_000L;

    @ParameterizedTest
    @EnumSource
    void a_wakeup_before_the_wait_ends_it(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 1)) {
            final TcpTransport one = fixture.open(1);
            one.wakeup(); // even before anybody polls
            one.await(FOREVER_NS);
            one.wakeup();
            one.wakeup();
            one.await(FOREVER_NS);
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_time_ends_the_wait(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 1)) {
            final TcpTransport one = fixture.open(1);
            final long startNs = System.nanoTime();
            while (System.nanoTime() - startNs < 30_000_000) {
                one.await(10_000_000); // comes back, each time
            }
            one.await(0);
            one.await(-1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void no_wakeup_is_lost(final SocketKind kind) throws InterruptedException {
        try (TcpFixture fixture = new TcpFixture(kind, 1)) {
            final TcpTransport one = fixture.open(1);
            final int rounds = 20_000;
            final AtomicInteger asked = new AtomicInteger();
            final AtomicInteger seen = new AtomicInteger();
            final Thread waker = new Thread(() -> {
                for (int round = 1; round <= rounds; round++) {
                    asked.set(round);
                    one.wakeup();
                    while (seen.get() < round) {
                        Thread.onSpinWait();
                    }
                }
            });
            waker.start();
            while (seen.get() < rounds) {
                one.await(FOREVER_NS);
                seen.set(asked.get());
            }
            waker.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void data_ends_the_wait_and_is_delivered_at_the_next_poll_not_before(final SocketKind kind)
            throws InterruptedException {
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            final TcpTransport one = fixture.open(1);
            final TcpTransport two = fixture.open(2);
            final int rounds = 2_000;
            final CountDownLatch over = new CountDownLatch(1);
            final Thread other = new Thread(() -> {
                try (two) {
                    echo(two, 1, over);
                }
            });
            other.start();
            final ReceivedMessages receiver = new ReceivedMessages();
            while (one.stats().connectedPeers() == 0 || two.stats().connectedPeers() == 0) {
                one.poll(receiver, 10);
                one.await(1_000_000);
            }
            int round = 0;
            while (round < rounds) {
                one.to(2).ping(1, ++round);
                one.flush();
                final long deadlineNs = System.nanoTime() + TcpFixture.PATIENCE_NS;
                while (receiver.count() < round) {
                    final int before = receiver.count();
                    one.await(FOREVER_NS);
                    assertThat(receiver.count()).isEqualTo(before);
                    one.poll(receiver, 10);
                    assertThat(System.nanoTime()).isLessThan(deadlineNs);
                }
            }
            over.countDown();
            two.wakeup();
            other.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_is_held_back_ends_the_wait_when_it_is_due(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            final TcpTransport one = fixture.transports.get(1);
            one.linger(2, 3_000_000);
            final long startNs = System.nanoTime();
            one.to(2).accept(1, 1, 1, 0, new UnsafeBuffer(new byte[1]), 0, 1);
            while (one.flush() == 0) {
                one.await(FOREVER_NS);
            }
            while (fixture.received(2) == 0) {
                fixture.transports.get(2).poll(fixture.received.get(2), 1);
            }
            assertThat(System.nanoTime() - startNs).isGreaterThanOrEqualTo(3_000_000);
        }
    }

    private static void echo(final TcpTransport transport, final int to, final CountDownLatch over) {
        final IgnoredMessages receiver = new IgnoredMessages() {
            @Override
            public void ping(final int from, final long round) {
                transport.to(to).ping(2, round);
            }
        };
        while (over.getCount() > 0) {
            transport.poll(receiver, 10);
            transport.flush();
            transport.await(FOREVER_NS);
        }
    }

    @ParameterizedTest
    @EnumSource
    void frames_that_were_read_but_not_delivered_end_the_wait(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            fixture.sender(1, 2).ping(1, 1);
            fixture.sender(1, 2).ping(1, 2);
            fixture.transports.get(1).flush();
            final ReceivedMessages receiver = new ReceivedMessages();
            while (receiver.count() == 0) {
                fixture.transports.get(2).poll(receiver, 1);
            }
            fixture.transports.get(2).await(FOREVER_NS);
            fixture.transports.get(2).await(FOREVER_NS);
            assertThat(fixture.transports.get(2).poll(receiver, 1)).isEqualTo(1);
        }
    }
}
