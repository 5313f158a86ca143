package io.paxos.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.channel.ChannelException;
import io.paxos.spi.IgnoredMessages;
import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.LogLines;
import io.paxos.transport.wire.TransportCounters;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a peer is found again, whatever became of the attempts before. */
@Timeout(60)
class DialTest {
    private static final long MS = 1_000_000;

    private final ManualClock clock = new ManualClock();

    /** F22, F42: TCP asks again after 1, 2, 4 s. */
    @ParameterizedTest
    @EnumSource
    void an_attempt_that_gets_no_answer_does_not_delay_the_next_ones(final SocketKind kind) throws IOException {
        final TcpFixture fixture = new TcpFixture(kind, 2);
        final InetSocketAddress address = fixture.addresses.get(2);
        final List<SocketChannel> pending = new ArrayList<>();
        try (fixture;
                ServerSocket full = new ServerSocket(address.getPort(), 1, address.getAddress())) {
            assertThat(full.isBound()).isTrue();
            for (int i = 0; i < 4; i++) { // the kernel drops what asks for more than that
                pending.add(SocketChannel.open());
                pending.get(i).configureBlocking(false);
                pending.get(i).connect(address);
            }
            final TcpTransport one = fixture.open(1, builder -> builder.clock(clock));
            for (int timeMs = 0; timeMs < 3_500; timeMs += 20) {
                one.poll(IgnoredMessages.ALL, 1);
                clock.advance(20 * MS);
            }
            assertThat(one.stats().dialsFailed()).as("those of the first 1.5 s").isGreaterThanOrEqualTo(7);
        } finally {
            for (final SocketChannel channel : pending) {
                channel.close();
            }
        }
    }

    /** F33: Netty's own exceptions are no IOException. */
    @Test
    void no_failure_of_an_attempt_is_more_than_a_failure_of_an_attempt() {
        final List<Exception> failures = List.of(
                new IOException("Too many open files"),
                new ChannelException("Too many open files"),
                new IllegalStateException("planted"));
        final int[] attempts = {0};
        final TransportCounters counters = new TransportCounters();
        final TcpOptions options = new TcpOptions(
                new FrameIdentity(0, 0, 0, 1),
                Map.of(1, TcpFixture.freeAddress()),
                1 << 20,
                1 << 10,
                SocketKind.NIO,
                clock,
                MS,
                MS,
                MS,
                1);
        final Dialler dialler = new Dialler(
                2,
                options,
                (listener, nowNs) -> {
                    throw failures.get(attempts[0]++ % failures.size());
                },
                counters,
                new Random(1),
                null);
        final IoLoop loop = IoLoop.of(options, new WakeUp());
        try (LogLines log = new LogLines()) {
            dialler.start(loop);
            for (int timeMs = 0; timeMs < 9_000; timeMs++) {
                dialler.onTimer(clock.nanoTime());
                clock.advance(MS);
            }
            assertThat(attempts[0]).isBetween(10, 30);
            assertThat(counters.snapshot().dialsFailed()).isEqualTo(attempts[0]);
            assertThat(log.with("no attempt to connect to replica 2 can begin, trying again", "Too many open files"))
                    .hasSize(1);
        } finally {
            loop.close();
        }
    }

    /** A peer whose process stands still has a kernel that acknowledges. */
    @Test
    void a_peer_whose_process_stands_still_keeps_its_connection() {
        assumeThat(SocketKind.best()).as("what the kernel tells").isEqualTo(SocketKind.EPOLL);
        try (TcpFixture fixture = new TcpFixture(SocketKind.EPOLL, 2)) {
            fixture.open(1, builder -> builder.silenceTimeoutNs(400 * MS));
            fixture.open(2);
            fixture.until(() -> fixture.transports.values().stream()
                    .allMatch(transport -> transport.stats().connectedPeers() == 1));
            fixture.sender(2, 1).ping(2, 1);
            fixture.until(() -> fixture.received(1) == 1);
            final TcpTransport one = fixture.transports.get(1);
            final long endNs = System.nanoTime() + 1_500 * MS;
            while (System.nanoTime() - endNs < 0) { // replica 2 does nothing
                one.to(2).ping(1, 1);
                one.flush();
                one.poll(IgnoredMessages.ALL, 1);
                one.await(MS);
            }
            assertThat(one.stats().hangUps()).isZero();
        }
    }

    /** F22: the sockets of the JDK do not tell what is acknowledged. */
    @Test
    void without_epoll_a_peer_that_has_gone_silent_is_dialled_anew_and_both_directions_end() throws IOException {
        try (TcpFixture fixture = new TcpFixture(SocketKind.NIO, 2)) {
            fixture.open(1, builder -> builder.silenceTimeoutNs(50 * MS));
            final InetSocketAddress address = fixture.addresses.get(2);
            try (ServerSocket silent = new ServerSocket(address.getPort(), 10, address.getAddress());
                    SocketChannel two = fixture.rawChannel(1)) {
                silent.setSoTimeout(1);
                two.write(ByteBuffer.wrap(HostilePeerTest.helloAndFrameOfTwo()));
                final List<Socket> accepted = new ArrayList<>();
                fixture.until(() -> {
                    try {
                        accepted.add(silent.accept());
                        accepted.get(accepted.size() - 1)
                                .getOutputStream()
                                .write(HandshakeReply.welcome(2, 1 << 20, new UnsafeBuffer(new byte[0]))
                                        .bytes());
                    } catch (final IOException e) {
                        fixture.sender(1, 2).ping(1, 1); // no new connection: on with the old one
                    }
                    return fixture.transports.get(1).stats().connects() >= 2;
                });
                assertThat(fixture.transports.get(1).stats().hangUps()).isPositive();
                final ByteBuffer rest = ByteBuffer.allocate(4_096);
                fixture.until(() -> {
                    try {
                        rest.clear();
                        return two.read(rest) < 0;
                    } catch (final IOException e) {
                        return true; // reset
                    }
                });
                for (final Socket socket : accepted) {
                    socket.close();
                }
            }
        }
    }
}
