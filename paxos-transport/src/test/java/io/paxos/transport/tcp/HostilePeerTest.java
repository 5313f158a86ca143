package io.paxos.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.spi.Clock;
import io.paxos.spi.IgnoredMessages;
import io.paxos.transport.wire.Checksum;
import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.FrameSink;
import io.paxos.transport.wire.FrameVerdict;
import io.paxos.transport.wire.FrameWriter;
import io.paxos.transport.wire.LamportClock;
import io.paxos.transport.wire.LogLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Wrong bytes cost the connection that they came on, and nothing else. */
@Timeout(60)
class HostilePeerTest {
    private static final FrameIdentity TWO = new FrameIdentity(0, 0, 0, 2);
    private static final UnsafeBuffer NO_CARD = new UnsafeBuffer(new byte[0]);

    /** What replica 2 would send for one message. */
    private static byte[] frameOfTwo() {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1_000]);
        final int[] length = {0};
        new FrameWriter(TWO, new LamportClock(), new FrameSink() {
                    @Override
                    public MutableDirectBuffer reserve(final int needed) {
                        length[0] = needed;
                        return buffer;
                    }

                    @Override
                    public int offset() {
                        return 0;
                    }

                    @Override
                    public void commit() {}
                })
                .forward(2, new UnsafeBuffer(new byte[100]), 0, 100);
        final byte[] frame = new byte[length[0]];
        buffer.getBytes(0, frame);
        return frame;
    }

    static byte[] helloAndFrameOfTwo() {
        return join(Hello.to(1, TWO, NO_CARD).bytes(), frameOfTwo());
    }

    private static byte[] join(final byte[]... parts) {
        final ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (final byte[] part : parts) {
            whole.writeBytes(part);
        }
        return whole.toByteArray();
    }

    private static void write(final TcpFixture fixture, final SocketChannel channel, final byte[] bytes)
            throws IOException {
        final ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            channel.write(rest);
            fixture.turn();
        }
    }

    /** Reads, while everybody turns, until that many bytes or the end; returns what came. */
    private static byte[] read(final TcpFixture fixture, final SocketChannel channel, final int count) {
        final ByteBuffer bytes = ByteBuffer.allocate(count);
        fixture.until(() -> {
            try {
                return channel.read(bytes) < 0 || !bytes.hasRemaining();
            } catch (final IOException e) {
                return true; // reset: the end as well
            }
        });
        final byte[] read = new byte[bytes.position()];
        bytes.flip().get(read);
        return read;
    }

    /** Reads one reply of replica 1, as long as it says that it is. */
    private static HandshakeReply readReply(final TcpFixture fixture, final SocketChannel channel) {
        final UnsafeBuffer reply = new UnsafeBuffer(new byte[HandshakeReply.LENGTH_MAX]);
        int length = 0;
        while (length < HandshakeReply.lengthOf(reply, length)) {
            final byte[] next = read(fixture, channel, HandshakeReply.lengthOf(reply, length) - length);
            assertThat(next).as("the rest of the reply").isNotEmpty();
            reply.putBytes(length, next);
            length += next.length;
        }
        return HandshakeReply.read(reply, length, 1);
    }

    private static void assertClosed(final TcpFixture fixture, final SocketChannel channel) {
        assertThat(read(fixture, channel, 1)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_frame_that_comes_byte_by_byte_is_delivered(final SocketKind kind) throws IOException {
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            fixture.open(1);
            try (SocketChannel two = fixture.rawChannel(1)) {
                final byte[] bytes = join(Hello.to(1, TWO, NO_CARD).bytes(), frameOfTwo(), frameOfTwo());
                for (final byte one : bytes) {
                    write(fixture, two, new byte[] {one});
                }
                fixture.until(() -> fixture.received(1) == 2);
                assertThat(readReply(fixture, two).admission()).isEqualTo(Admission.WELCOME);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void garbage_instead_of_a_hello_closes_that_connection_only(final SocketKind kind) throws IOException {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            for (int seed = 0; seed < 10; seed++) {
                try (SocketChannel unknown = fixture.rawChannel(1)) {
                    final byte[] garbage = new byte[1 + seed * 100];
                    new Random(seed).nextBytes(garbage);
                    write(fixture, unknown, garbage);
                    if (garbage.length >= Hello.HEAD_LENGTH) {
                        assertClosed(fixture, unknown);
                    }
                }
            }
            fixture.sender(2, 1).ping(2, 1);
            fixture.until(() -> fixture.received(1) == 1);
            assertThat(fixture.transports.get(1).stats().handshakesRefused()).isEqualTo(9);
            assertThat(fixture.transports.get(2).stats().connects()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_bad_frame_is_counted_and_closes_its_connection(final SocketKind kind) throws IOException {
        final byte[] damaged = frameOfTwo();
        damaged[60] ^= 1;
        final byte[] oversized = frameOfTwo();
        new UnsafeBuffer(oversized).putInt(0, 1 << 30, ByteOrder.LITTLE_ENDIAN);
        final byte[] tiny = frameOfTwo();
        new UnsafeBuffer(tiny).putInt(0, 3, ByteOrder.LITTLE_ENDIAN);
        try (TcpFixture fixture = new TcpFixture(kind, 3)) {
            fixture.open(1);
            for (final byte[] bad : List.of(damaged, oversized, tiny)) {
                final int before = fixture.received(1);
                try (SocketChannel two = fixture.rawChannel(1)) {
                    write(fixture, two, join(Hello.to(1, TWO, NO_CARD).bytes(), frameOfTwo(), bad, frameOfTwo()));
                    assertThat(readReply(fixture, two).admission()).isEqualTo(Admission.WELCOME);
                    assertClosed(fixture, two);
                }
                assertThat(fixture.received(1)).isEqualTo(before + 1);
            }
            assertThat(fixture.transports.get(1).stats().rejected())
                    .containsEntry(FrameVerdict.BAD_CRC, 1L)
                    .containsEntry(FrameVerdict.OVERSIZED, 1L)
                    .containsEntry(FrameVerdict.MALFORMED, 1L)
                    .hasSize(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_frame_that_names_another_sender_is_refused(final SocketKind kind) throws IOException {
        try (TcpFixture fixture = new TcpFixture(kind, 3)) {
            fixture.open(1);
            try (SocketChannel three = fixture.rawChannel(1)) {
                write(
                        fixture,
                        three,
                        join(Hello.to(1, new FrameIdentity(0, 0, 0, 3), NO_CARD).bytes(), frameOfTwo()));
                readReply(fixture, three);
                assertClosed(fixture, three);
                assertThat(fixture.transports.get(1).stats().rejected()).containsEntry(FrameVerdict.WRONG_SENDER, 1L);
                assertThat(fixture.received(1)).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_hello_that_is_meant_for_another_replica_gets_the_reason_as_reply(final SocketKind kind) throws IOException {
        final List<Hello> hellos = List.of(
                Hello.to(2, TWO, NO_CARD),
                Hello.to(1, new FrameIdentity(9, 0, 0, 2), NO_CARD),
                Hello.to(1, new FrameIdentity(0, 9, 0, 2), NO_CARD),
                Hello.to(1, new FrameIdentity(0, 0, 9, 2), NO_CARD),
                Hello.to(1, new FrameIdentity(0, 0, 0, 7), NO_CARD),
                Hello.to(1, new FrameIdentity(0, 0, 0, 1), NO_CARD),
                new Hello(3, 4, 1, TWO, NO_CARD));
        final List<Admission> replies = new ArrayList<>();
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            fixture.open(1);
            for (final Hello hello : hellos) {
                try (SocketChannel two = fixture.rawChannel(1)) {
                    write(fixture, two, hello.bytes());
                    replies.add(readReply(fixture, two).admission());
                    assertClosed(fixture, two);
                }
            }
            assertThat(fixture.transports.get(1).stats().handshakesRefused()).isEqualTo(hellos.size());
        }
        assertThat(replies)
                .containsExactly(
                        Admission.WRONG_RECEIVER,
                        Admission.FOREIGN_CLUSTER,
                        Admission.FOREIGN_GROUP,
                        Admission.WRONG_EPOCH,
                        Admission.NOT_A_MEMBER,
                        Admission.NOT_A_MEMBER,
                        Admission.NO_COMMON_FORMAT);
    }

    @ParameterizedTest
    @EnumSource
    void a_hello_with_a_card_that_is_damaged_or_too_long_closes_that_connection_only(final SocketKind kind)
            throws IOException {
        final byte[] damaged = Hello.to(1, TWO, new UnsafeBuffer(new byte[100])).bytes();
        damaged[80] ^= 1;
        final byte[] lying = Hello.to(1, TWO, new UnsafeBuffer(new byte[100])).bytes();
        new UnsafeBuffer(lying).putShort(Hello.HEAD_LENGTH, (short) 0xFFFF, ByteOrder.LITTLE_ENDIAN);
        final byte[] shorter = Hello.to(1, TWO, new UnsafeBuffer(new byte[100])).bytes();
        new UnsafeBuffer(shorter).putShort(Hello.HEAD_LENGTH, (short) 50, ByteOrder.LITTLE_ENDIAN);
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            for (final byte[] bad : List.of(damaged, lying, shorter)) {
                try (SocketChannel two = fixture.rawChannel(1)) {
                    write(fixture, two, bad);
                    assertClosed(fixture, two);
                }
            }
            assertThat(fixture.transports.get(1).stats().handshakesRefused()).isEqualTo(3);
            fixture.sender(2, 1).ping(2, 1);
            fixture.until(() -> fixture.received(1) == 1);
            assertThat(fixture.transports.get(2).stats().connects()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_hello_whose_card_does_not_come_is_closed_in_time(final SocketKind kind) throws IOException {
        final byte[] hello = Hello.to(1, TWO, new UnsafeBuffer(new byte[100])).bytes();
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            fixture.open(1, builder -> builder.handshakeTimeoutNs(50_000_000));
            for (final int length : List.of(Hello.HEAD_LENGTH, Hello.HEAD_LENGTH + 1, hello.length - 1)) {
                try (SocketChannel two = fixture.rawChannel(1)) {
                    write(fixture, two, Arrays.copyOf(hello, length));
                    assertClosed(fixture, two);
                }
            }
            assertThat(fixture.transports.get(1).stats().handshakesRefused()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_longest_card_is_taken_with_frames_right_behind_it(final SocketKind kind) throws IOException {
        final byte[] hello = Hello.to(1, TWO, new UnsafeBuffer(new byte[2048])).bytes();
        assertThat(hello).hasSize(Hello.LENGTH_MAX);
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            fixture.open(1);
            try (SocketChannel two = fixture.rawChannel(1)) {
                write(fixture, two, join(hello, frameOfTwo(), frameOfTwo()));
                fixture.until(() -> fixture.received(1) == 2);
            }
        }
    }

    /** What a build of the first format sends and reads. */
    @ParameterizedTest
    @EnumSource
    void a_peer_of_the_first_format_gets_a_reply_that_it_understands(final SocketKind kind) throws IOException {
        final byte[] hello = Arrays.copyOf(new Hello(1, 1, 1, TWO, NO_CARD).bytes(), Hello.HEAD_LENGTH);
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            fixture.open(1);
            try (SocketChannel two = fixture.rawChannel(1)) {
                write(fixture, two, hello);
                final UnsafeBuffer reply = new UnsafeBuffer(read(fixture, two, HandshakeReply.HEAD_LENGTH));
                assertThat(reply.capacity()).isEqualTo(HandshakeReply.HEAD_LENGTH);
                assertThat(reply.getByte(8)).isEqualTo((byte) Admission.NO_COMMON_FORMAT.code());
                assertThat(reply.getInt(16, ByteOrder.LITTLE_ENDIAN)).isEqualTo(new Checksum().of(reply, 0, 16));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusals_of_strangers_are_logged_once_each_and_bounded_in_number(final SocketKind kind) throws IOException {
        try (LogLines log = new LogLines();
                TcpFixture fixture = new TcpFixture(kind, 2)) {
            fixture.open(1);
            for (int stranger = 3; stranger < 103; stranger++) {
                for (int i = 0; i < 2; i++) {
                    try (SocketChannel unknown = fixture.rawChannel(1)) {
                        write(
                                fixture,
                                unknown,
                                Hello.to(1, new FrameIdentity(0, 0, 0, stranger), NO_CARD)
                                        .bytes());
                        assertThat(readReply(fixture, unknown).admission()).isEqualTo(Admission.NOT_A_MEMBER);
                    }
                }
            }
            assertThat(log.with("replica 3 is not among the addresses of replica 1", "[1, 2]", "127.0.0.1:"))
                    .hasSize(1);
            assertThat(log.with("is not among the addresses")).hasSizeBetween(60, 64);
        }
    }

    /** L16: rabbitmq #15725: a message of another cluster is not delivered. */
    @ParameterizedTest
    @EnumSource
    void replicas_of_two_clusters_do_not_connect(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            fixture.open(1, builder -> builder.clusterId(1));
            fixture.open(2, builder -> builder.clusterId(2));
            fixture.until(() -> fixture.transports.get(1).stats().handshakesRefused() >= 2
                    && fixture.transports.get(2).stats().handshakesRefused() >= 2);
            assertThat(fixture.transports.get(1).stats().connects()).isZero();
            assertThat(fixture.transports.get(2).stats().connects()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_newest_connection_of_a_peer_is_the_one_that_counts(final SocketKind kind) throws IOException {
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            fixture.open(1);
            try (SocketChannel old = fixture.rawChannel(1);
                    SocketChannel young = fixture.rawChannel(1)) {
                write(fixture, old, Hello.to(1, TWO, NO_CARD).bytes());
                readReply(fixture, old);
                write(fixture, young, Hello.to(1, TWO, NO_CARD).bytes());
                readReply(fixture, young);
                assertClosed(fixture, old);
                write(fixture, young, frameOfTwo());
                fixture.until(() -> fixture.received(1) == 1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_caller_that_says_nothing_is_closed_in_time(final SocketKind kind) throws IOException {
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            fixture.open(1, builder -> builder.handshakeTimeoutNs(50_000_000));
            try (SocketChannel silent = fixture.rawChannel(1);
                    SocketChannel slow = fixture.rawChannel(1)) {
                write(fixture, slow, new byte[] {1, 2, 3});
                assertClosed(fixture, silent);
                assertClosed(fixture, slow);
                assertThat(fixture.transports.get(1).stats().handshakesRefused())
                        .isEqualTo(2);
            }
        }
    }

    /** L23: MicroRaft #52: nothing that others can make grow is without bound. */
    @ParameterizedTest
    @EnumSource
    void callers_that_say_nothing_are_bounded_in_number(final SocketKind kind) throws IOException {
        final List<SocketChannel> channels = new ArrayList<>();
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            for (int i = 0; i < 100; i++) {
                channels.add(fixture.rawChannel(1));
                fixture.turn();
            }
            fixture.until(() -> fixture.transports.get(1).stats().handshakesRefused() >= 36);
            fixture.sender(2, 1).ping(2, 1);
            fixture.until(() -> fixture.received(1) == 1);
        } finally {
            for (final SocketChannel channel : channels) {
                channel.close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_reply_of_another_program_is_no_connection(final SocketKind kind) throws IOException {
        final TcpFixture fixture = new TcpFixture(kind, 2);
        final InetSocketAddress address = fixture.addresses.get(2);
        try (fixture;
                ServerSocket web = new ServerSocket(address.getPort(), 10, address.getAddress())) {
            web.setSoTimeout(1);
            fixture.open(1);
            final Socket[] accepted = {null};
            fixture.until(() -> {
                try {
                    accepted[0] = web.accept();
                } catch (final IOException e) {
                    return false; // no connection yet
                }
                return true;
            });
            accepted[0].getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            accepted[0].setSoTimeout(1);
            fixture.until(() -> {
                try {
                    return accepted[0].getInputStream().read() < 0;
                } catch (final SocketTimeoutException e) {
                    return false;
                } catch (final IOException e) {
                    return true;
                }
            });
            accepted[0].close();
            assertThat(fixture.transports.get(1).stats().connects()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_peer_that_takes_nothing_is_connected_anew(final SocketKind kind) throws IOException {
        final TcpFixture fixture = new TcpFixture(kind, 2);
        final InetSocketAddress address = fixture.addresses.get(2);
        final List<Socket> sockets = new ArrayList<>();
        try (fixture;
                ServerSocket frozen = new ServerSocket(address.getPort(), 10, address.getAddress())) {
            frozen.setSoTimeout(1);
            // Time begins when the buffer is full, however slow the machine is.
            final AtomicLong dropped = new AtomicLong();
            final long startNs = System.nanoTime();
            final Clock clock = new Clock() {
                @Override
                public long nanoTime() {
                    return dropped.get() == 0 ? startNs : System.nanoTime();
                }

                @Override
                public long epochMillis() {
                    return 0;
                }
            };
            final TcpTransport one =
                    fixture.open(1, builder -> builder.clock(clock).stallTimeoutNs(100_000_000));
            final UnsafeBuffer value = new UnsafeBuffer(new byte[500_000]);
            fixture.until(() -> {
                try {
                    sockets.add(frozen.accept());
                    final byte[] welcome =
                            HandshakeReply.welcome(2, 1 << 20, NO_CARD).bytes();
                    sockets.get(sockets.size() - 1).getOutputStream().write(welcome);
                } catch (final IOException e) {
                    one.to(2).forward(1, value, 0, value.capacity()); // no new connection: on with the old one
                }
                dropped.set(one.stats().droppedFull());
                return one.stats().connects() >= 2;
            });
            assertThat(one.stats().droppedFull()).isPositive();
            assertThat(one.poll(IgnoredMessages.ALL, 1)).isZero();
        } finally {
            for (final Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
