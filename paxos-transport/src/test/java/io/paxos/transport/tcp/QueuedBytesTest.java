package io.paxos.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.spi.IgnoredMessages;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What still waits to be sent, in bytes with values. */
class QueuedBytesTest {
    private static final int LENGTH = 100_000;

    private final UnsafeBuffer value = new UnsafeBuffer(new byte[LENGTH]);

    /** F1: a leader that cannot see what waits repeats it. */
    @ParameterizedTest
    @EnumSource
    void what_the_socket_has_not_taken_is_told_apart_from_what_has_left(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            final TcpTransport one = fixture.transports.get(1);
            final long values = fill(one);
            assertThat(one.queued(2)).isBetween(values * LENGTH, values * (LENGTH + 100));
            assertThat(one.queued(2) - one.written(2)).as("still queued").isBetween(2L << 20, 8L << 20);
            final long queued = one.queued(2);
            one.to(2).ping(1, 77); // passes the values, and is none
            assertThat(one.queued(2)).isEqualTo(queued);
            long before = one.written(2);
            fixture.until(() -> fixture.received(2) > values / 2);
            assertThat(one.written(2)).isGreaterThan(before);
            fixture.until(() -> fixture.received(2) == values + 1);
            assertThat(one.written(2)).isEqualTo(queued).isEqualTo(one.queued(2));
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_was_dropped_with_its_connection_waits_no_more(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            final TcpTransport one = fixture.transports.get(1);
            fill(one);
            final long queued = one.queued(2);
            fixture.transports.get(2).close();
            fixture.until(() -> !one.isReachable(2));
            assertThat(one.queued(2)).isEqualTo(queued);
            assertThat(one.written(2)).isEqualTo(queued);
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothing_is_told_of_a_replica_that_is_no_peer(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            assertThat(fixture.transports.get(1).queued(9)).isZero();
            assertThat(fixture.transports.get(1).written(9)).isZero();
        }
    }

    /** Sends values until one is dropped; the receiver does not read meanwhile. Returns how many are queued. */
    private long fill(final TcpTransport one) {
        long slot = 0;
        while (one.stats().droppedFull() == 0) {
            one.to(2).accept(1, 1, ++slot, 0, value, 0, LENGTH);
            one.flush();
            one.poll(IgnoredMessages.ALL, 1);
        }
        return slot - 1;
    }
}
