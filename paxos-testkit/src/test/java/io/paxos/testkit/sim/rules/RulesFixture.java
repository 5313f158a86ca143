package io.paxos.testkit.sim.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.Quorums;
import io.paxos.protocol.Ballot;
import io.paxos.testkit.sim.value.SimCommands;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;

/** Three members with a history that a test writes by hand. It breaks one rule and no other. */
abstract class RulesFixture {
    static final long B11 = Ballot.of(1, 1);
    static final long B22 = Ballot.of(2, 2);
    static final long B33 = Ballot.of(3, 3);

    Invariants invariants;
    GroundTruth truth;
    History history;
    int x; // the number of a value that holds command 1
    int y; // the number of a value that holds command 2

    @BeforeEach
    void three_members() {
        invariants = new Invariants(Quorums.majority(3));
        truth = invariants.truth;
        history = invariants.history;
        history.submit(1, 1);
        history.submit(1, 1);
        x = value(1);
        y = value(2);
    }

    void broken(final String rule, final ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        InvariantViolation.class,
                        violation -> assertThat(violation.rule()).isEqualTo(rule));
    }

    void promise(final int replica, final long ballot) {
        truth.promiseAppended(replica, ballot, 0);
        truth.promiseDurable(replica, ballot, 0);
    }

    void vote(final int replica, final long ballot, final long slot, final int value) {
        truth.acceptAppended(replica, ballot, slot, 0, value);
        truth.acceptDurable(replica, ballot, slot, value);
    }

    void choose(final long slot, final int value) {
        vote(1, B11, slot, value);
        vote(2, B11, slot, value);
    }

    int value(final long number) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[24]);
        SimCommands.write(new UnsafeBuffer(buffer, 4, SimCommands.LENGTH_MIN), number, SimCommands.LENGTH_MIN);
        return invariants.values.number(buffer, 0, buffer.capacity());
    }

    DirectBuffer bytes(final int value) {
        return invariants.values.bytes(value);
    }
}
