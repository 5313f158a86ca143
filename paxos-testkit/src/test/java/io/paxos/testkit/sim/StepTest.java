package io.paxos.testkit.sim;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A step is legal in every state. */
class StepTest {

    @Test
    void a_schedule_may_ask_for_anything_at_any_time() {
        for (final Step.Kind kind : Step.Kind.values()) {
            final SimCluster cluster = Setup.of(2).start();
            for (final int number : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 7}) {
                final List<Step> steps = List.of(
                        new Step(kind, number, number),
                        new Step(kind, 1, number),
                        new Step(Step.Kind.RUN, 0, 20),
                        new Step(Step.Kind.CRASH, 0, 0),
                        new Step(kind, 0, number),
                        new Step(Step.Kind.RESTART, 0, 0));
                cluster.run(new Schedule(2, steps));
            }
            cluster.heal().converge();
        }
    }
}
