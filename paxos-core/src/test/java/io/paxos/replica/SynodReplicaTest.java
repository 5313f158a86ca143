package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.ManualLog;
import io.paxos.Members;
import io.paxos.SynodListener;
import io.paxos.SynodReplica;
import io.paxos.UndecidedException;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What an embedder sees of one member whose neighbours are silent but for what the test lets arrive. */
class SynodReplicaTest {
    private static final long BALLOT = 1 << 16 | 2;

    private final ManualTransport transport = new ManualTransport();
    private final ManualLog log = new ManualLog();
    private final List<String> told = new ArrayList<>();

    @Test
    void a_member_that_knows_what_was_decided_says_so_without_asking_anybody() {
        final SynodReplica synod = alone(1 << 20);
        learn(1, 10);
        synod.doWork();

        final byte[] answer = synod.propose(1, new byte[] {99}).join();
        assertThat(answer).containsExactly(10);
        answer[0] = 0; // the receiver's own
        assertThat(synod.propose(1, new byte[] {99}).join()).containsExactly(10);
    }

    @Test
    void a_proposal_that_waits_is_answered_by_what_was_learned_since() {
        final SynodReplica synod = alone(1 << 20);
        final var early = synod.propose(1, new byte[] {99});
        synod.doWork();
        assertThat(synod.status().pendingDecrees()).isEqualTo(1);
        final var late = synod.propose(1, new byte[] {98});
        learn(1, 10);
        synod.doWork();
        assertThat(List.of(early.join(), late.join())).containsOnly(new byte[] {10});
        assertThat(synod.status().pendingDecrees()).isZero();
    }

    @Test
    void what_is_known_can_be_read_without_a_proposal() {
        final SynodReplica synod = alone(1 << 20);
        assertThat(synod.known(1)).isEmpty();
        learn(1, 10);
        synod.doWork();
        assertThat(synod.known(1)).hasValue(new byte[] {10});
        assertThat(synod.known(2)).isEmpty();
        assertThatThrownBy(() -> synod.known(0)).hasMessage("a decree must be at least 1: 0");
    }

    @Test
    void the_listener_is_told_once_of_each_decided_decree() {
        final SynodReplica synod = alone(1 << 20);
        learn(1, 10);
        learn(1, 10);
        learn(7, 70);
        synod.doWork();
        assertThat(told).containsExactly("1: 10", "7: 70");
    }

    @Test
    void a_second_value_for_a_decided_decree_stops_the_member() {
        final SynodReplica synod = alone(1 << 20);
        learn(1, 10);
        synod.doWork();
        learn(1, 11);
        synod.doWork();
        assertThat(synod.status().isStopped()).isTrue();
        assertThat(synod.status().fault()).hasMessageContaining("the value of decree 1 never changes");
        assertThat(synod.known(1)).hasValue(new byte[] {10});
    }

    @Test
    void when_there_is_no_room_the_first_learned_are_forgotten() {
        final SynodReplica synod = alone(2 * 129);
        learn(1, 10);
        learn(2, 20);
        learn(3, 30);
        synod.doWork();
        assertThat(synod.status().knownDecrees()).isEqualTo(2);
        assertThat(synod.known(1)).isEmpty();
        assertThat(synod.known(2)).isPresent();
        assertThat(synod.known(3)).isPresent();
    }

    @Test
    void status_tells_who_it_is_and_whether_it_runs() {
        final SynodReplica synod = alone(1 << 20);
        assertThat(synod.status().id()).isEqualTo(1);
        assertThat(synod.status().members()).isEqualTo(3);
        assertThat(synod.status().isStopped()).isFalse();
        learn(5, 50);
        synod.doWork();
        synod.close();
        assertThat(synod.status().isStopped()).isTrue();
        assertThat(synod.status().fault()).isNull();
        assertThat(synod.propose(5, new byte[0]).join()).containsExactly(50); // still known
        assertThatThrownBy(() -> synod.propose(6, new byte[0]).join())
                .hasCauseInstanceOf(UndecidedException.class)
                .hasMessageContaining("the replica is closed");
    }

    @Test
    void after_a_fault_failures_name_it() {
        final SynodReplica synod = alone(1 << 20);
        transport.arriving.add(receiver -> {
            throw new IllegalStateException("planted");
        });
        synod.doWork();
        assertThat(told).containsExactly("fault: planted");
        assertThat(synod.status().fault()).hasMessage("planted");
        assertThatThrownBy(() -> synod.propose(6, new byte[0]).join()).hasMessageContaining("planted");
    }

    private SynodReplica alone(final int knownBytes) {
        return SynodReplica.builder(1)
                .members(Members.of(1, 2, 3))
                .log(log)
                .transport(transport)
                .knownBytes(knownBytes)
                .listener(new SynodListener() {
                    @Override
                    public void onDecided(final long decree, final byte[] value) {
                        told.add(decree + ": " + value[0]);
                        value[0] = 0; // the receiver's own
                    }

                    @Override
                    public void onFault(final Throwable cause) {
                        told.add("fault: " + cause.getMessage());
                    }
                })
                .host();
    }

    private void learn(final long decree, final int value) {
        transport.arriving.add(
                receiver -> receiver.learn(2, BALLOT, decree, new UnsafeBuffer(new byte[] {(byte) value}), 0, 1));
    }
}
