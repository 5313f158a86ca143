package io.paxos.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.paxos.spi.IgnoredMessages;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is refused before anything runs, and what is left when it is over. */
@Timeout(60)
class OpenAndCloseTest {
    private static InetSocketAddress local(final int port) {
        return address(127, 0, 0, 1, port);
    }

    private static InetSocketAddress address(final int a, final int b, final int c, final int d, final int port) {
        try {
            final byte[] bytes = {(byte) a, (byte) b, (byte) c, (byte) d};
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (final UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void addresses_that_cannot_be_right_are_refused_with_one_clear_line() {
        assertThatThrownBy(() -> TcpTransport.listen(3, Map.of(1, local(7101))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("replica 3 is not among the addresses, which are of [1]");
        assertThatThrownBy(() -> TcpTransport.listen(1, Map.of(1, local(7101), 2, local(7101))))
                .hasMessage("replicas 1 and 2 have the same address 127.0.0.1:7101");
        assertThatThrownBy(() -> TcpTransport.listen(1, Map.of(1, local(0))))
                .hasMessage("port 0 of replica 1 is not in 1..65535");
        assertThatThrownBy(() ->
                        TcpTransport.listen(1, Map.of(1, InetSocketAddress.createUnresolved("no.such.host", 7101))))
                .hasMessage("host of replica 1 is unknown: no.such.host");
        assertThatThrownBy(() -> TcpTransport.listen(1, Map.of(1, local(7101), 70_000, local(7102))))
                .hasMessage("replica id 70000 is not in 1..65535");
        assertThatThrownBy(() -> TcpTransport.builder(1)
                        .addresses(Map.of(1, local(7101)))
                        .sendBufferBytes(1_000)
                        .valueLengthMax(1_000)
                        .open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("less than twice the longest frame");
    }

    @Test
    void a_setting_that_is_missing_or_cannot_work_is_refused_with_one_clear_line() {
        final Map<Integer, InetSocketAddress> one = Map.of(1, local(7101));
        assertThatThrownBy(() -> TcpTransport.builder(1).open())
                .hasMessage("addresses must be given: where each replica listens, by its id");
        assertThatThrownBy(() -> TcpTransport.listen(1, null))
                .hasMessage("addresses must be given: where each replica listens, by its id");
        final Map<Integer, InetSocketAddress> incomplete = new HashMap<>(one);
        incomplete.put(2, null);
        assertThatThrownBy(() -> TcpTransport.listen(1, incomplete))
                .hasMessage("replica 2 has the address null; neither an id nor an address may be null");
        assertThatThrownBy(() -> TcpTransport.listen(1, Map.of(1, local(7101), 2, address(0, 0, 0, 0, 7102))))
                .hasMessage("address of replica 2 is 0.0.0.0:7102, to which nothing can connect;"
                        + " give an address of its machine");
        assertThatThrownBy(() -> TcpTransport.builder(1)
                        .addresses(one)
                        .handshakeTimeoutNs(0)
                        .open())
                .hasMessage("handshakeTimeoutNs 0 is not positive");
        assertThatThrownBy(() -> TcpTransport.builder(1)
                        .addresses(one)
                        .stallTimeoutNs(-1)
                        .open())
                .hasMessage("stallTimeoutNs -1 is not positive");
        assertThatThrownBy(() ->
                        TcpTransport.builder(1).addresses(one).valueLengthMax(0).open())
                .hasMessage("valueLengthMax 0 is not positive");
        assertThatThrownBy(
                        () -> TcpTransport.builder(1).addresses(one).clock(null).open())
                .hasMessage("clock must not be null");
        assertThatThrownBy(() -> TcpTransport.builder(0).addresses(one).open())
                .hasMessage("replica id 0 is not in 1..65535");
    }

    @Test
    void an_address_that_cannot_be_bound_says_why_and_advises_what_helps() {
        assertThat(BindFailedException.of(local(80), new IOException("Permission denied")))
                .hasMessage("cannot listen on 127.0.0.1:80: Permission denied;"
                        + " choose a port above 1023 or give the process the privilege");
        assertThat(BindFailedException.of(local(7101), new IOException("Too many open files")))
                .hasMessage("cannot listen on 127.0.0.1:7101: Too many open files");
    }

    @ParameterizedTest
    @EnumSource
    void a_transport_knows_its_own_id_and_those_that_have_an_address(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            final TcpTransport two = fixture.open(2);
            assertThat(two.self()).isEqualTo(2);
            assertThat(two.knows(1)).isTrue();
            assertThat(two.knows(2)).isTrue();
            assertThat(two.knows(3)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_port_in_use_says_which_and_what_to_do(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 1)) {
            fixture.open(1);
            final InetSocketAddress address = fixture.addresses.get(1);
            assertThatThrownBy(() -> fixture.open(1))
                    .isInstanceOf(BindFailedException.class)
                    .hasMessage("address already in use: " + TcpOptions.text(address)
                            + ", stop the other process or choose another port");
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_address_of_another_machine_is_refused(final SocketKind kind) {
        final TcpFixture fixture = new TcpFixture(kind, 1);
        fixture.addresses.put(1, address(192, 0, 2, 1, 7101)); // TEST-NET-1: of no machine
        assertThatThrownBy(() -> fixture.open(1))
                .isInstanceOf(BindFailedException.class)
                .hasMessageStartingWith("cannot listen on 192.0.2.1:7101: ")
                .hasMessageEndingWith("; the address must be one of this machine");
    }

    @ParameterizedTest
    @EnumSource
    void closing_twice_is_closing_once_and_the_port_is_free_again(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            final TcpTransport one = fixture.transports.get(1);
            one.close();
            one.close();
            assertThat(one.poll(IgnoredMessages.ALL, 1)).isZero();
            assertThat(one.flush()).isZero();
            one.await(TcpFixture.PATIENCE_NS);
            one.wakeup();
            one.to(2).ping(1, 1);
            assertThat(one.stats().connectedPeers()).isZero();
            fixture.open(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_transport_that_was_never_polled_closes(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 1)) {
            fixture.open(1).close();
            fixture.open(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void closing_from_another_thread_happens_at_the_next_call_of_the_owner(final SocketKind kind)
            throws InterruptedException {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            final TcpTransport one = fixture.transports.get(1);
            final Thread closer = new Thread(one::close);
            closer.start();
            one.await(TcpFixture.PATIENCE_NS); // is woken
            closer.join();
            assertThat(one.poll(IgnoredMessages.ALL, 1)).isZero();
            fixture.open(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_transport_whose_owner_has_ended_is_closed_by_anybody(final SocketKind kind) throws InterruptedException {
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            final TcpTransport one = fixture.open(1);
            fixture.open(2);
            final TcpTransport two = fixture.transports.remove(2);
            final Thread owner = new Thread(() -> {
                while (two.stats().connectedPeers() == 0 || one.stats().connectedPeers() == 0) {
                    two.poll(IgnoredMessages.ALL, 1);
                }
            });
            owner.start();
            fixture.until(() -> !owner.isAlive());
            owner.join();
            two.close();
            fixture.until(() -> one.stats().connectedPeers() == 0);
            fixture.open(2);
        }
    }

    /** L23: ozone #885, RATIS-2065: what is closed is given back. */
    @ParameterizedTest
    @EnumSource
    void nothing_leaks(final SocketKind kind) {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        final long before = UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
        for (int i = 0; i < 5; i++) {
            try (TcpFixture fixture = new TcpFixture(kind, 3).connected()) {
                fixture.sender(1, 2).ping(1, 1);
                fixture.sender(2, 3).ping(2, 1); // not flushed
                fixture.transports.get(1).flush();
            }
        }
        assertThat(UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()).isEqualTo(before);
    }
}
