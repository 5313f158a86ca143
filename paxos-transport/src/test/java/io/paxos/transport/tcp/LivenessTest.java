package io.paxos.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.transport.wire.FrameIdentity;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** F22, F42: a connection that does not carry is found within the timeout, and no other one is taken for dead. */
class LivenessTest {
    private static final long MS = 1_000_000;
    private static final long TIMEOUT_MS = 1_000;
    private static final long STEP_MS = 130; // just behind each check

    private final LinkState link = new LinkState();
    private long heardNs = Liveness.NEVER_NS;
    private final Liveness liveness = new Liveness(2, options(), peer -> heardNs);
    private long nowNs;

    private static TcpOptions options() {
        final InetAddress host = InetAddress.getLoopbackAddress();
        return new TcpOptions(
                new FrameIdentity(0, 0, 0, 1),
                Map.of(1, new InetSocketAddress(host, 7101), 2, new InetSocketAddress(host, 7102)),
                1 << 20,
                1 << 10,
                SocketKind.NIO,
                new ManualClock(),
                TIMEOUT_MS * MS,
                TIMEOUT_MS * MS,
                TIMEOUT_MS * MS,
                1);
    }

    private boolean isDead() {
        nowNs += STEP_MS * MS;
        return liveness.isDead(link, nowNs);
    }

    /** How long until it is dead, in ms; 0 if it is not within ten timeouts. */
    private long untilDeadMs(final boolean isWaiting, final boolean isAnswering, final long rttMs) {
        liveness.begin(nowNs);
        liveness.watch(nowNs);
        final long beginNs = nowNs;
        while (nowNs - beginNs < 10 * TIMEOUT_MS * MS) {
            final long ageNs = isAnswering ? 0 : nowNs + STEP_MS * MS - beginNs;
            link.known(isWaiting, !isAnswering, ageNs, rttMs * MS);
            if (isDead()) {
                return (nowNs - beginNs) / MS;
            }
        }
        return 0;
    }

    /** F22: TCP waits for 25 s. */
    @Test
    void a_peer_whose_kernel_acknowledges_nothing_is_dead_after_the_timeout() {
        assertThat(untilDeadMs(true, false, 1)).isBetween(TIMEOUT_MS, TIMEOUT_MS + 2 * STEP_MS);
    }

    @Test
    void a_peer_whose_kernel_acknowledges_is_alive_however_long_its_process_is_silent() {
        assertThat(untilDeadMs(true, true, 1)).isZero();
    }

    @Test
    void nothing_is_due_from_a_peer_that_has_acknowledged_all() {
        assertThat(untilDeadMs(false, false, 1)).isZero();
        assertThat(liveness.isWatching()).isFalse();
    }

    @Test
    void a_long_round_trip_is_not_silence() {
        assertThat(untilDeadMs(true, false, 600)).isGreaterThan(4 * 600);
    }

    @Test
    void a_connection_that_was_idle_for_long_is_not_dead_at_its_next_message() {
        liveness.begin(nowNs);
        nowNs += 100 * TIMEOUT_MS * MS;
        liveness.watch(nowNs);
        link.known(true, false, 100 * TIMEOUT_MS * MS, MS);
        assertThat(isDead()).isFalse();
    }

    @Test
    void a_replica_that_had_stopped_itself_blames_nobody() {
        liveness.begin(nowNs);
        liveness.watch(nowNs);
        nowNs += 10 * TIMEOUT_MS * MS;
        link.known(true, false, 10 * TIMEOUT_MS * MS, MS);
        assertThat(isDead()).isFalse();
    }

    @Test
    void without_the_word_of_the_kernel_a_peer_that_has_spoken_must_speak() {
        link.unknown();
        liveness.begin(nowNs);
        liveness.watch(nowNs);
        for (int i = 0; i < 100; i++) {
            assertThat(isDead()).as("it has not spoken").isFalse();
        }
        heardNs = nowNs;
        int checks = 1;
        while (!isDead()) {
            checks++;
        }
        assertThat(checks * STEP_MS).isBetween(TIMEOUT_MS, TIMEOUT_MS + 2 * STEP_MS);
    }

    /** F42: the dead connection was kept. */
    @Test
    void a_peer_that_dials_anew_ends_our_connection_only_if_that_repeats_in_vain() {
        link.known(true, true, 0, MS);
        assertThat(liveness.isDoubtful(link, nowNs)).isTrue();
        link.known(true, false, 0, MS);
        assertThat(liveness.isDoubtful(link, nowNs)).isFalse();
    }

    @Test
    void without_the_word_of_the_kernel_it_ends_it_if_the_peer_was_silent_and_the_connection_is_not_new() {
        link.unknown();
        liveness.begin(nowNs);
        heardNs = nowNs;
        assertThat(liveness.isDoubtful(link, nowNs + TIMEOUT_MS * MS)).as("new").isFalse();
        assertThat(liveness.isDoubtful(link, nowNs + TIMEOUT_MS * MS + 1)).isTrue();
        heardNs = nowNs + TIMEOUT_MS * MS;
        assertThat(liveness.isDoubtful(link, nowNs + TIMEOUT_MS * MS + 1))
                .as("just heard")
                .isFalse();
    }
}
