package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.spi.Probe;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

/** The calls that a probe gets, one by one: replica 1 of 3, voters 0 to 2. */
class ProbeTest {
    private static final DirectBuffer X = SentMessages.value("x");

    /** Writes each call down. */
    private static final class Recording implements Probe {
        private final List<String> calls = new ArrayList<>();

        List<String> take() {
            final List<String> taken = List.copyOf(calls);
            calls.clear();
            return taken;
        }

        @Override
        public void configuration(final int epoch) {
            calls.add("configuration " + epoch);
        }

        @Override
        public void follower(final long ballot) {
            calls.add("follower " + Ballot.text(ballot));
        }

        @Override
        public void candidate(final long ballot) {
            calls.add("candidate " + Ballot.text(ballot));
        }

        @Override
        public void leader(final long ballot) {
            calls.add("leader " + Ballot.text(ballot));
        }

        @Override
        public void promised(final long ballot) {
            calls.add("promised " + Ballot.text(ballot));
        }

        @Override
        public void accepted(final long ballot, final long slot, final int length) {
            calls.add("accepted " + Ballot.text(ballot) + " " + slot + " " + length);
        }

        @Override
        public void voted(final int voter, final long ballot, final long fromSlot, final long throughSlot) {
            calls.add("voted " + voter + " " + Ballot.text(ballot) + " " + fromSlot + " " + throughSlot);
        }

        @Override
        public void chosen(final long throughSlot) {
            calls.add("chosen " + throughSlot);
        }

        @Override
        public void stalled(final long durationNs) {
            calls.add("stalled " + durationNs);
        }
    }

    private final Recording probe = new Recording();

    @Test
    void a_new_replica_tells_its_configuration_and_what_it_follows() {
        new ProtocolFixture(probe, Long.MAX_VALUE / 2, 1, 8, 1, 2, 3);
        assertThat(probe.take()).containsExactly("configuration 1", "follower 0.0");
    }

    @Test
    void an_election_and_a_choice_are_told_in_order() {
        final ProtocolFixture fixture = new ProtocolFixture(probe, Long.MAX_VALUE / 2, 1, 8, 1, 2, 3);
        probe.take();
        fixture.campaign();
        assertThat(probe.take()).containsExactly("candidate 1.1", "promised 1.1");
        fixture.core.promise(2, fixture.core.following(), 0, 0);
        assertThat(probe.take()).containsExactly("leader 1.1");
        fixture.core.propose(X, 0, 1);
        assertThat(probe.take()).containsExactly("accepted 1.1 1 1");
        fixture.sync();
        assertThat(probe.take()).containsExactly("voted 0 1.1 1 1");
        fixture.accepted(2, 1);
        assertThat(probe.take()).containsExactly("voted 1 1.1 1 1", "chosen 1");
        fixture.accepted(2, 1);
        assertThat(probe.take()).as("a vote that is repeated").containsExactly("voted 1 1.1 1 1");
        fixture.core.accepted(3, Ballot.of(1, 2), 1, 1);
        assertThat(probe.take()).as("a vote in another ballot").isEmpty();
        fixture.core.reject(2, Ballot.of(2, 2), 2);
        assertThat(probe.take().get(0)).isEqualTo("follower 2.2");
    }

    @Test
    void a_follower_tells_what_it_accepts_and_learns() {
        final ProtocolFixture fixture = new ProtocolFixture(probe, Long.MAX_VALUE / 2, 1, 8, 1, 2, 3);
        probe.take();
        final long ballot = Ballot.of(1, 2);
        fixture.core.accept(2, ballot, 1, 0, X, 0, 1);
        assertThat(probe.take()).containsExactly("promised 1.2", "accepted 1.2 1 1", "follower 1.2");
        fixture.core.accept(2, ballot, 2, 0, X, 0, 1);
        fixture.core.accept(2, ballot, 2, 0, X, 0, 1);
        assertThat(probe.take()).as("a value that is repeated").containsExactly("accepted 1.2 2 1");
        fixture.core.chosen(2, ballot, 2);
        assertThat(probe.take()).containsExactly("chosen 2");
        fixture.core.learn(2, ballot, 3, X, 0, 1);
        assertThat(probe.take()).containsExactly("accepted 1.2 3 1", "chosen 3");
        fixture.core.ping(2, 7);
        assertThat(probe.take()).as("a question").isEmpty();
    }

    @Test
    void a_leader_followed_already_is_not_told_again() {
        final ProtocolFixture fixture = new ProtocolFixture(probe, Long.MAX_VALUE / 2, 1, 8, 1, 2, 3);
        fixture.core.accept(2, Ballot.of(1, 2), 1, 0, X, 0, 1);
        probe.take();
        fixture.happyPong(2, Ballot.of(1, 2));
        fixture.core.pong(2, Long.MAX_VALUE, Ballot.of(1, 2), true, 0);
        assertThat(probe.take()).isEmpty();
    }

    @Test
    void a_log_without_progress_is_told_once_per_round_with_its_duration() {
        final long stallNs = 5 * ProtocolFixture.INTERVAL_NS;
        final ProtocolFixture fixture = new ProtocolFixture(probe, stallNs, 1, 8, 1, 2, 3);
        fixture.tick();
        fixture.core.accept(2, Ballot.of(1, 2), 1, 0, X, 0, 1); // appended, and never forced
        probe.take();
        for (int i = 0; i < 5; i++) {
            fixture.tick();
        }
        assertThat(probe.take()).isEmpty();
        fixture.tick();
        fixture.core.tick(fixture.nowNs());
        assertThat(probe.take()).containsExactly("stalled " + 6 * ProtocolFixture.INTERVAL_NS);
        fixture.sync();
        fixture.tick();
        assertThat(probe.take()).isEmpty();
    }
}
