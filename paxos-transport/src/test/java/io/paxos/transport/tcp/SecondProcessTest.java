package io.paxos.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.transport.wire.GivenHandshake;
import io.paxos.transport.wire.LogLines;
import io.paxos.transport.wire.ReceivedMessages;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two processes under one id: the one that is connected and sends is not replaced; one that has ended is. */
@Timeout(60)
class SecondProcessTest {
    private static final long MS = 1_000_000;

    private final ManualClock clock = new ManualClock();
    private final LogLines log = new LogLines();
    private TcpFixture fixture;
    private TcpTransport second; // another process with the id of replica 2

    @AfterEach
    void close() {
        if (second != null) {
            second.close();
        }
        fixture.close();
        log.close();
    }

    /** Replicas 1 and 2 are connected, and replica 1 has just delivered a frame of replica 2. */
    private void connected(final SocketKind kind) {
        fixture = new TcpFixture(kind, 2);
        fixture.open(1, builder -> builder.clock(clock)).handshake(new GivenHandshake("one"));
        fixture.open(2, builder -> builder.clock(clock)).handshake(new GivenHandshake("two"));
        fixture.until(() -> fixture.transports.values().stream()
                .allMatch(transport -> transport.stats().connectedPeers() == 1));
        pingFromTwo();
    }

    private void pingFromTwo() {
        final int before = fixture.received(1);
        fixture.sender(2, 1).ping(2, 1);
        fixture.until(() -> fixture.received(1) > before);
    }

    private void openSecond(final SocketKind kind, final String card) {
        final Map<Integer, InetSocketAddress> addresses = new HashMap<>(fixture.addresses);
        addresses.put(2, TcpFixture.freeAddress());
        final TcpTransportBuilder builder =
                TcpTransport.builder(2).addresses(addresses).clock(clock);
        second = (kind == SocketKind.NIO ? builder.withoutEpoll() : builder).open();
        second.handshake(new GivenHandshake(card));
    }

    private void turn() {
        second.poll(new ReceivedMessages(), 10);
        second.flush();
        fixture.turn();
    }

    private boolean isSecondConnected() {
        turn();
        return second.stats().connectedPeers() == 1;
    }

    /** F29, F23. */
    @ParameterizedTest
    @EnumSource
    void a_second_process_is_refused_and_both_sides_log_where_the_first_one_is(final SocketKind kind) {
        connected(kind);
        openSecond(kind, "the other two");
        fixture.until(() -> {
            clock.advance(MS);
            pingFromTwo();
            turn();
            return fixture.transports.get(1).stats().handshakesRefused() >= 3;
        });
        final String text = "replica 2 is connected from 127.0.0.1:";
        assertThat(log.with("replica 1 refused 127.0.0.1:", text, "ms ago, as another process"))
                .hasSize(1);
        assertThat(log.with("replica 2 cannot send to replica 1", text, "ms ago, as another process"))
                .hasSize(1);
        assertThat(second.stats().connects()).isZero();
        assertThat(fixture.transports.get(2).stats().connects())
                .as("the first one stays")
                .isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void the_same_process_replaces_its_connection_at_once(final SocketKind kind) {
        connected(kind);
        openSecond(kind, "two");
        fixture.until(this::isSecondConnected); // the clock stands still
        assertThat(fixture.transports.get(1).stats().handshakesRefused()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void a_process_that_was_restarted_is_admitted_as_soon_as_the_old_connection_has_ended(final SocketKind kind) {
        connected(kind);
        openSecond(kind, "two after a restart");
        for (int i = 0; i < 50; i++) {
            assertThat(isSecondConnected()).isFalse(); // waits, and the clock stands still
        }
        fixture.close(2);
        fixture.until(this::isSecondConnected);
        assertThat(fixture.transports.get(1).stats().handshakesRefused()).isZero();
        assertThat(log.with("replica 1 refused")).isEmpty();
    }

    /** The receiver was busy, and reads late that the connection with the old card has ended. */
    @ParameterizedTest
    @EnumSource
    void a_process_with_a_new_card_is_not_taken_for_another_one_while_its_old_connection_sends_nothing(
            final SocketKind kind) {
        connected(kind);
        openSecond(kind, "two with a new card");
        for (int i = 0; i < 50; i++) {
            assertThat(isSecondConnected()).isFalse();
        }
        for (int i = 0; i < 50; i++) {
            clock.advance(10 * MS);
            assertThat(isSecondConnected()).isFalse();
        }
        assertThat(log.with("replica 1 refused")).isEmpty();
        fixture.close(2);
        fixture.until(this::isSecondConnected);
        assertThat(fixture.transports.get(1).stats().handshakesRefused()).isZero();
        assertThat(log.with("replica 1 refused")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_process_whose_machine_has_gone_silent_is_replaced_after_a_second(final SocketKind kind) {
        connected(kind);
        clock.advance(1_001 * MS);
        openSecond(kind, "two on another machine");
        fixture.until(this::isSecondConnected);
        assertThat(fixture.transports.get(1).stats().handshakesRefused()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void a_process_that_has_sent_nothing_yet_does_not_keep_another_one_out(final SocketKind kind) {
        fixture = new TcpFixture(kind, 2);
        fixture.open(1, builder -> builder.clock(clock)).handshake(new GivenHandshake("one"));
        fixture.open(2, builder -> builder.clock(clock)).handshake(new GivenHandshake("two"));
        fixture.until(() -> fixture.transports.get(2).stats().connectedPeers() == 1);
        openSecond(kind, "the other two");
        fixture.until(this::isSecondConnected);
    }
}
