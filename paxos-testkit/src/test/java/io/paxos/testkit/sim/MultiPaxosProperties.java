package io.paxos.testkit.sim;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Schedules as plain data: a failure shrinks to the few steps that it takes. */
class MultiPaxosProperties {
    private static final int STEPS_MAX = 60;

    @Property(tries = 300)
    void no_schedule_breaks_a_rule(@ForAll("schedules") final Schedule schedule) {
        Setup.of(schedule.members()).start().run(schedule).heal().converge();
    }

    @Property(tries = 100)
    void no_schedule_breaks_a_rule_on_a_disk_that_forces_at_once(@ForAll("schedules") final Schedule schedule) {
        Setup.of(schedule.members())
                .forceMeanNs(0)
                .wakeDelayNs(0)
                .start()
                .run(schedule)
                .heal()
                .converge();
    }

    @Provide
    Arbitrary<Schedule> schedules() {
        return Combinators.combine(
                        Arbitraries.integers().between(1, 5), step().list().ofMaxSize(STEPS_MAX))
                .as(Schedule::new);
    }

    private static Arbitrary<Step> step() {
        final Arbitrary<Step.Kind> kind = Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.just(Step.Kind.RUN)),
                Tuple.of(3, Arbitraries.just(Step.Kind.SUBMIT)),
                Tuple.of(5, Arbitraries.of(Step.Kind.class)));
        return Combinators.combine(
                        kind,
                        Arbitraries.integers().between(Step.LEADER, 4),
                        Arbitraries.integers().between(0, 999))
                .as(Step::new);
    }
}
