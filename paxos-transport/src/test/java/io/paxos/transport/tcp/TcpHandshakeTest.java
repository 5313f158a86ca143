package io.paxos.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.spi.IgnoredMessages;
import io.paxos.transport.wire.GivenHandshake;
import io.paxos.transport.wire.LogLines;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What replicas say of themselves before the first message, and what comes of a refusal. */
@Timeout(60)
class TcpHandshakeTest {
    private static final int REDIALS = 4; // enough to see that a line is not logged for each

    private final GivenHandshake one = new GivenHandshake("card of one");
    private final GivenHandshake two = new GivenHandshake("card of two");

    private TcpFixture open(final SocketKind kind) {
        return open(kind, UnaryOperator.identity());
    }

    private TcpFixture open(final SocketKind kind, final UnaryOperator<TcpTransportBuilder> change) {
        final TcpFixture fixture = new TcpFixture(kind, 2);
        assertThat(fixture.open(1, change).handshake(one)).isTrue();
        assertThat(fixture.open(2, change).handshake(two)).isTrue();
        return fixture;
    }

    private static void connect(final TcpFixture fixture) {
        fixture.until(() -> fixture.transports.values().stream()
                .allMatch(transport -> transport.stats().connectedPeers() == 1));
    }

    private static void exchange(final TcpFixture fixture) {
        final int before1 = fixture.received(1);
        final int before2 = fixture.received(2);
        fixture.sender(1, 2).ping(1, 1);
        fixture.sender(2, 1).ping(2, 1);
        fixture.until(() -> fixture.received(1) > before1 && fixture.received(2) > before2);
    }

    private static long refused(final TcpFixture fixture, final int replica) {
        return fixture.transports.get(replica).stats().handshakesRefused();
    }

    @ParameterizedTest
    @EnumSource
    void both_sides_judge_the_card_of_the_other_and_confirm_it_once_before_the_first_message(final SocketKind kind) {
        try (TcpFixture fixture = open(kind)) {
            connect(fixture);
            assertThat(one.admitted).isNotEmpty().containsOnly("2 card of two");
            assertThat(two.admitted).isNotEmpty().containsOnly("1 card of one");
            assertThat(one.confirmed).isEmpty();
            exchange(fixture);
            exchange(fixture);
            assertThat(one.confirmed).containsExactly("2 card of two");
            assertThat(two.confirmed).containsExactly("1 card of one");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_refusal_is_logged_once_on_both_sides_with_the_same_text(final SocketKind kind) {
        one.refusal = "replica 2 has disk 7, replica 1 knows disk 8 of it; stop replica 2";
        try (LogLines log = new LogLines();
                TcpFixture fixture = open(kind)) {
            fixture.until(() -> refused(fixture, 1) >= 2 * REDIALS);
            assertThat(log.with("replica 1 refused 127.0.0.1:", one.refusal)).hasSize(1);
            assertThat(log.with("replica 2 cannot send to replica 1", one.refusal))
                    .hasSize(1);
            assertThat(log.with("replica 1 does not send to replica 2", one.refusal))
                    .hasSize(1);
            assertThat(fixture.transports.get(1).stats().connectedPeers()).isZero();
            assertThat(fixture.transports.get(2).stats().connectedPeers()).isZero();
            one.refusal = null;
            connect(fixture);
            exchange(fixture);
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothing_is_delivered_of_a_process_that_is_not_confirmed_and_both_sides_log_why(final SocketKind kind) {
        one.refusalAtConfirm = "replica 2 is an older copy; keep it stopped";
        try (LogLines log = new LogLines();
                TcpFixture fixture = open(kind)) {
            fixture.until(() -> {
                fixture.sender(2, 1).ping(2, 1);
                fixture.sender(2, 1).ping(2, 2);
                return refused(fixture, 1) >= REDIALS
                        && !log.with("replica 2 cannot send to replica 1", one.refusalAtConfirm)
                                .isEmpty();
            });
            assertThat(fixture.received(1)).isZero();
            assertThat(log.with("replica 1 refused", one.refusalAtConfirm)).hasSize(1);
            assertThat(log.with("replica 2 cannot send to replica 1", one.refusalAtConfirm))
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_failure_to_confirm_comes_out_of_poll_and_nothing_is_delivered(final SocketKind kind) {
        try (TcpFixture fixture = open(kind)) {
            connect(fixture);
            one.failureAtConfirm = new IllegalStateException("the disk is full");
            fixture.sender(2, 1).ping(2, 1);
            fixture.transports.get(2).flush();
            assertThatThrownBy(() -> {
                        while (true) {
                            fixture.transports.get(1).poll(IgnoredMessages.ALL, 10);
                        }
                    })
                    .isSameAs(one.failureAtConfirm);
            assertThat(fixture.received(1)).isZero();
        }
    }

    /** The clock stands still, so that a pause between two attempts would never end. */
    @ParameterizedTest
    @EnumSource
    void a_changed_card_is_told_at_once_over_a_new_connection(final SocketKind kind) {
        final ManualClock clock = new ManualClock();
        try (TcpFixture fixture = open(kind, builder -> builder.clock(clock))) {
            connect(fixture);
            exchange(fixture);
            one.card = "another card";
            fixture.transports.get(1).handshake(one);
            fixture.until(() -> two.admitted.contains("1 another card")
                    && fixture.transports.get(1).stats().connectedPeers() == 1);
            exchange(fixture);
            assertThat(two.confirmed).containsExactly("1 card of one", "1 another card");
            assertThat(one.confirmed).as("the peer need not connect anew").containsExactly("2 card of two");
            assertThat(fixture.transports.get(2).stats().connects()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_peer_without_a_handshake_has_an_empty_card_and_the_replica_decides(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2)) {
            fixture.open(1).handshake(one);
            fixture.open(2);
            connect(fixture);
            exchange(fixture);
            assertThat(one.admitted).containsOnly("2 ");
            assertThat(one.confirmed).containsExactly("2 ");
        }
    }

    @ParameterizedTest
    @EnumSource
    void peers_that_connected_before_the_first_handshake_are_judged_after_it(final SocketKind kind) {
        try (TcpFixture fixture = new TcpFixture(kind, 2).connected()) {
            exchange(fixture);
            fixture.transports.get(1).handshake(one);
            fixture.transports.get(2).handshake(two);
            fixture.until(() -> one.admitted.contains("2 card of two") && two.admitted.contains("1 card of one"));
            connect(fixture);
            exchange(fixture);
            assertThat(one.confirmed).isNotEmpty().doesNotContain("2 ");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_foreign_cluster_is_refused_in_one_line_on_each_side_that_names_both_ids(final SocketKind kind) {
        try (LogLines log = new LogLines();
                TcpFixture fixture = new TcpFixture(kind, 2)) {
            fixture.open(1, builder -> builder.clusterId(77));
            fixture.open(2);
            fixture.until(() -> refused(fixture, 1) >= REDIALS && refused(fixture, 2) >= REDIALS);
            final List<String> ids = List.of("cluster 77", "cluster 0 (none was given)", "correct the cluster id");
            for (final String side : List.of(
                    "replica 1 refused 127.0.0.1:",
                    "replica 2 refused 127.0.0.1:",
                    "replica 1 cannot send to replica 2",
                    "replica 2 cannot send to replica 1")) {
                assertThat(log.with(side, ids.get(0), ids.get(1), ids.get(2)))
                        .as(side)
                        .hasSize(1);
            }
            assertThat(fixture.transports.get(1).clusterId()).isEqualTo(77);
            assertThat(fixture.transports.get(2).clusterId()).isZero();
        }
    }
}
