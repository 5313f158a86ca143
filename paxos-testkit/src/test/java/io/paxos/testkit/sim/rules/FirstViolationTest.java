package io.paxos.testkit.sim.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The first broken rule is kept. */
class FirstViolationTest extends RulesFixture {

    @Test
    void the_first_violation_is_kept_though_the_replica_swallows_it() {
        promise(1, B22);
        assertThatThrownBy(() -> promise(1, B11)).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> vote(1, B11, 1, x)).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(invariants.violations::check)
                .isInstanceOfSatisfying(
                        InvariantViolation.class,
                        violation -> assertThat(violation.rule()).isEqualTo(GroundTruth.PROMISE_FALLS));
    }
}
