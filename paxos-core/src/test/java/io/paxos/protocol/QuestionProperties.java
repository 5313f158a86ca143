package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.agrona.DirectBuffer;

/** No question about leadership or reads changes anything, see docs/lessons.md. */
class QuestionProperties {
    private static final DirectBuffer X = SentMessages.value("x");
    private static final int SLOTS = 8;

    /** A question, or an answer to one, that must change nothing. */
    record Question(String message, int from, long ballot, long round, long slot, boolean happy) {
        void isReceivedBy(final MultiPaxos core) {
            switch (message) {
                case "ping" -> core.ping(from, round);
                case "pong" -> core.pong(from, round, ballot, happy, slot);
                case "askRead" -> core.askRead(from, round);
                case "confirm" -> core.confirm(from, ballot, round);
                case "confirmed" -> core.confirmed(from, ballot, round);
                case "fetch" -> core.fetch(from, slot, slot + 2);
                default -> throw new IllegalArgumentException(message);
            }
        }
    }

    /**
     * L8: ra #608, CCF #8094, sofa-jraft #15: questions of elections and reads, and their answers. State before ==
     * state after.
     *
     * <p>L5: nor does a heartbeat choose anything (aeron #2147).
     */
    @Property(tries = 300)
    void who_is_asked_how_it_is_writes_nothing_promises_nothing_and_claims_nothing(
            @ForAll final Role role, @ForAll("questions") final List<Question> questions) {
        final ProtocolFixture fixture = fixture(role);
        final List<Long> before = state(fixture);
        for (final Question question : questions) {
            question.isReceivedBy(fixture.core);
            fixture.core.flushDecisions();
            assertThat(state(fixture)).as("after %s", question).isEqualTo(before);
        }
        assertThat(fixture.sent.take()).noneMatch(line -> line.startsWith("afterSync"));
    }

    @Provide
    Arbitrary<List<Question>> questions() {
        final Arbitrary<Long> ballots = Combinators.combine(
                        Arbitraries.longs().between(1, 6),
                        Arbitraries.integers().between(1, 4))
                .as(Ballot::of);
        return Combinators.combine(
                        Arbitraries.of("ping", "pong", "askRead", "confirm", "confirmed", "fetch"),
                        Arbitraries.integers().between(2, 4), // 4 is no member
                        ballots,
                        Arbitraries.longs().between(0, 3).map(round -> (1L << Integer.SIZE) + round),
                        Arbitraries.longs().between(1, SLOTS),
                        Arbitraries.of(true, false))
                .as(Question::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(30);
    }

    /** Replica 1 of 3 in this role, which has accepted two values. */
    private static ProtocolFixture fixture(final Role role) {
        final ProtocolFixture fixture = new ProtocolFixture(1, SLOTS, 1, 2, 3);
        fixture.core.accept(2, Ballot.of(1, 2), 1, 0, X, 0, 1);
        fixture.core.accept(2, Ballot.of(1, 2), 2, 1, X, 0, 1);
        fixture.core.applied(1);
        fixture.sync();
        if (role != Role.FOLLOWER) {
            fixture.campaign();
        }
        if (role == Role.LEADER) {
            fixture.core.promise(2, fixture.core.following(), 1, 1);
            fixture.sync();
        }
        assertThat(fixture.core.role()).isEqualTo(role);
        fixture.sent.take();
        return fixture;
    }

    /** Everything that an acceptor is bound by, and what is chosen. */
    private static List<Long> state(final ProtocolFixture fixture) {
        final List<Long> state = new ArrayList<>(List.of(
                fixture.log.appendedPosition(),
                fixture.log.promised(),
                fixture.core.promised(),
                fixture.core.chosenThrough()));
        for (long slot = 1; slot <= SLOTS; slot++) {
            state.add(fixture.log.acceptedBallot(slot));
        }
        return state;
    }
}
