package io.paxos.transport.inprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.transport.wire.GivenHandshake;
import io.paxos.transport.wire.LogLines;
import io.paxos.transport.wire.ReceivedMessages;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What replicas of one JVM say of themselves before the first message, and what comes of a refusal. */
@Timeout(30)
class InProcessHandshakeTest {
    private static final long PATIENCE_NS = 20_000_000_000L;

    private final InProcessNetwork network = new InProcessNetwork(64 << 10, 1 << 10);
    private final InProcessTransport one = network.transport(1);
    private final GivenHandshake handshakeOfOne = new GivenHandshake("card of one");
    private final GivenHandshake handshakeOfTwo = new GivenHandshake("card of two");
    private final ReceivedMessages receivedByOne = new ReceivedMessages();
    private final ReceivedMessages receivedByTwo = new ReceivedMessages();

    private InProcessTransport two = network.transport(2);

    @AfterEach
    void close() {
        one.close();
        two.close();
    }

    private void turn() {
        one.poll(receivedByOne, 10);
        two.poll(receivedByTwo, 10);
        one.flush();
        two.flush();
    }

    private void until(final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("came true in time").isLessThan(deadlineNs);
            turn();
        }
    }

    /** Each sends pings until one has arrived, and no ping is under way. */
    private void exchange() {
        final int before1 = receivedByOne.count();
        final int before2 = receivedByTwo.count();
        until(() -> {
            one.to(2).ping(1, 1);
            two.to(1).ping(2, 1);
            return receivedByOne.count() > before1 && receivedByTwo.count() > before2;
        });
        turn(); // delivers the last ones
    }

    private void connect() {
        assertThat(one.handshake(handshakeOfOne)).isTrue();
        assertThat(two.handshake(handshakeOfTwo)).isTrue();
        exchange();
    }

    @Test
    void both_sides_judge_the_card_of_the_other_and_confirm_it_once_before_the_first_message() {
        one.handshake(handshakeOfOne);
        two.handshake(handshakeOfTwo);
        one.to(2).ping(1, 1);
        assertThat(one.stats().droppedDisconnected()).isEqualTo(1);
        for (int i = 0; i < 5; i++) {
            turn();
        }
        assertThat(handshakeOfOne.admitted).isNotEmpty().containsOnly("2 card of two");
        assertThat(handshakeOfTwo.admitted).isNotEmpty().containsOnly("1 card of one");
        assertThat(handshakeOfOne.confirmed).isEmpty();
        one.to(2).ping(1, 2);
        two.to(1).ping(2, 3);
        turn();
        turn();
        assertThat(receivedByTwo.last()).containsExactly("ping", 1, 2L);
        assertThat(receivedByOne.last())
                .as("the other way needs no message first")
                .containsExactly("ping", 2, 3L);
        exchange();
        assertThat(handshakeOfOne.confirmed).containsExactly("2 card of two");
        assertThat(handshakeOfTwo.confirmed).containsExactly("1 card of one");
    }

    @Test
    void replicas_that_send_nothing_are_introduced_to_all_others_also_to_one_that_comes_later() {
        one.handshake(handshakeOfOne);
        turn();
        turn();
        two.handshake(handshakeOfTwo);
        try (InProcessTransport three = network.transport(3)) {
            final GivenHandshake handshakeOfThree = new GivenHandshake("card of three");
            three.handshake(handshakeOfThree);
            for (int i = 0; i < 5; i++) {
                turn();
                three.poll(receivedByTwo, 10);
            }
            assertThat(handshakeOfOne.admitted).contains("2 card of two", "3 card of three");
            assertThat(handshakeOfTwo.admitted).contains("1 card of one", "3 card of three");
            assertThat(handshakeOfThree.admitted).contains("1 card of one", "2 card of two");
        }
    }

    @Test
    void a_poll_counts_messages_only() {
        one.handshake(handshakeOfOne);
        two.handshake(handshakeOfTwo);
        int polled = 0;
        while (receivedByTwo.count() == 0) {
            one.to(2).ping(1, 1);
            one.poll(receivedByOne, 10);
            polled += two.poll(receivedByTwo, 10);
        }
        assertThat(polled).isEqualTo(receivedByTwo.count());
    }

    @Test
    void a_refusal_is_logged_once_on_both_sides_and_tried_again() {
        handshakeOfOne.refusal = "replica 2 has disk 7, replica 1 knows disk 8 of it; stop replica 2";
        try (LogLines log = new LogLines()) {
            one.handshake(handshakeOfOne);
            two.handshake(handshakeOfTwo);
            until(() -> {
                two.to(1).ping(2, 1);
                return one.stats().handshakesRefused() >= 4;
            });
            assertThat(receivedByOne.count()).isZero();
            assertThat(receivedByTwo.count()).isZero();
            assertThat(log.with("replica 1 refused replica 2", handshakeOfOne.refusal))
                    .hasSize(1);
            assertThat(log.with("replica 1 does not send to replica 2", handshakeOfOne.refusal))
                    .hasSize(1);
            assertThat(log.with("replica 2 cannot send to replica 1", handshakeOfOne.refusal))
                    .hasSize(1);
        }
        handshakeOfOne.refusal = null;
        exchange();
    }

    @Test
    void nothing_is_delivered_of_a_process_that_is_not_confirmed_and_both_sides_log_why() {
        handshakeOfOne.refusalAtConfirm = "replica 2 is an older copy; keep it stopped";
        try (LogLines log = new LogLines()) {
            one.handshake(handshakeOfOne);
            two.handshake(handshakeOfTwo);
            until(() -> {
                two.to(1).ping(2, 1);
                two.to(1).ping(2, 2);
                return one.stats().handshakesRefused() >= 3;
            });
            assertThat(receivedByOne.count()).isZero();
            assertThat(log.with("replica 1 refused replica 2", handshakeOfOne.refusalAtConfirm))
                    .hasSize(1);
            assertThat(log.with("replica 2 cannot send to replica 1", handshakeOfOne.refusalAtConfirm))
                    .hasSize(1);
        }
    }

    @Test
    void a_failure_to_confirm_comes_out_of_poll_and_nothing_is_delivered() {
        handshakeOfOne.failureAtConfirm = new IllegalStateException("the disk is full");
        one.handshake(handshakeOfOne);
        two.handshake(handshakeOfTwo);
        assertThatThrownBy(() -> until(() -> {
                    two.to(1).ping(2, 1);
                    return false;
                }))
                .isSameAs(handshakeOfOne.failureAtConfirm);
        assertThat(receivedByOne.count()).isZero();
    }

    @Test
    void a_changed_card_is_told_before_the_next_message() {
        connect();
        handshakeOfOne.card = "another card";
        one.handshake(handshakeOfOne);
        exchange();
        assertThat(handshakeOfTwo.confirmed).containsExactly("1 card of one", "1 another card");
        assertThat(handshakeOfOne.confirmed).containsExactly("2 card of two");
    }

    @Test
    void a_replica_that_comes_back_is_judged_anew_and_its_frames_are_never_taken_for_those_before() {
        connect();
        two.to(1).ping(2, 7); // of the life that ends now
        two.close();
        two = network.transport(2);
        handshakeOfTwo.card = "second life of two";
        two.handshake(handshakeOfTwo);
        handshakeOfOne.refusal = "the second life is refused";
        for (int i = 0; i < 10; i++) {
            two.to(1).ping(2, 8);
            turn();
        }
        assertThat(receivedByOne.last()).containsExactly("ping", 2, 7L);
        assertThat(handshakeOfOne.confirmed).containsExactly("2 card of two");
        handshakeOfOne.refusal = null;
        exchange();
        assertThat(handshakeOfOne.confirmed).containsExactly("2 card of two", "2 second life of two");
    }

    @Test
    void a_peer_without_a_handshake_has_an_empty_card_and_the_replica_decides() {
        one.handshake(handshakeOfOne);
        exchange();
        assertThat(handshakeOfOne.admitted).containsOnly("2 ");
        assertThat(handshakeOfOne.confirmed).containsExactly("2 ");
    }

    @Test
    void peers_that_sent_before_the_first_handshake_are_judged_after_it() {
        exchange();
        two.to(1).ping(2, 1); // nobody has judged it
        final int before = receivedByOne.count();
        one.handshake(handshakeOfOne);
        two.handshake(handshakeOfTwo);
        turn();
        assertThat(receivedByOne.count()).isEqualTo(before);
        exchange();
        assertThat(handshakeOfOne.confirmed).containsExactly("2 card of two");
    }
}
