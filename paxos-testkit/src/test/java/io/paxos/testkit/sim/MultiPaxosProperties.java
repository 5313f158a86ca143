package io.paxos.testkit.sim;

import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;

/** No schedule breaks a rule. A failure shrinks to a few steps, and the report has their space-time diagram. */
@AddLifecycleHook(MultiPaxosProperties.DiagramOfFailure.class)
class MultiPaxosProperties {
    private static final int STEPS_MAX = 60;

    @Property(tries = 300)
    void no_schedule_breaks_a_rule(@ForAll("schedules") final Schedule schedule) {
        plain(schedule).start().run(schedule).heal().converge();
    }

    @Property(tries = 100)
    void no_schedule_breaks_a_rule_on_a_disk_that_forces_at_once(@ForAll("schedules") final Schedule schedule) {
        forcingAtOnce(schedule).start().run(schedule).heal().converge();
    }

    private static Setup plain(final Schedule schedule) {
        return Setup.of(schedule.members());
    }

    private static Setup forcingAtOnce(final Schedule schedule) {
        return Setup.of(schedule.members()).forceMeanNs(0).wakeDelayNs(0);
    }

    /** Runs the shrunken schedule of a failure again, and prints the address of its diagram. */
    static final class DiagramOfFailure implements AroundPropertyHook {
        @Override
        public PropagationMode propagateTo() {
            return PropagationMode.ALL_DESCENDANTS;
        }

        @Override
        public PropertyExecutionResult aroundProperty(
                final PropertyLifecycleContext context, final PropertyExecutor property) {
            final PropertyExecutionResult result = property.execute();
            final List<Object> parameters = result.falsifiedParameters().orElse(List.of());
            if (parameters.isEmpty() || !(parameters.get(0) instanceof Schedule schedule)) {
                return result;
            }
            final String name = context.targetMethod().getName();
            final Setup setup = name.endsWith("at_once") ? forcingAtOnce(schedule) : plain(schedule);
            final Path diagram = Diagrams.write(name, Diagrams.of(setup, schedule));
            final Throwable cause = result.throwable().orElse(null);
            return result.mapToFailed(new AssertionError(
                    String.join(
                            System.lineSeparator(),
                            schedule.toString(),
                            schedule.source(),
                            "its space-time diagram: " + diagram.toUri(),
                            "again, the failing schedule first, with",
                            "  mvn -q -pl paxos-testkit -am test -Dtest=MultiPaxosProperties#" + name
                                    + " -Dsurefire.failIfNoSpecifiedTests=false",
                            String.valueOf(cause)),
                    cause));
        }
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
