package io.paxos.testkit.sim;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The steps of a run, as plain data that can be printed, shrunk and stored.
 *
 * @param members how many the cluster has, 1..7
 * @param steps in their order
 */
public record Schedule(int members, List<Step> steps) {
    public Schedule {
        if (members < 1 || members > 7) {
            throw new IllegalArgumentException("a simulated cluster has 1..7 members, not " + members);
        }
        steps = List.copyOf(steps);
    }

    /**
     * Only the steps at these places, counted from 0, in their order.
     *
     * @throws IllegalArgumentException if a place does not exist
     */
    public Schedule keeping(final List<Integer> places) {
        for (final int place : places) {
            if (place < 0 || place >= steps.size()) {
                throw new IllegalArgumentException(
                        "step " + place + " does not exist: the schedule has steps 0.." + (steps.size() - 1));
            }
        }
        return new Schedule(members, places.stream().map(steps::get).toList());
    }

    /** The Java expression that creates this schedule, for a test. */
    public String source() {
        return steps.stream()
                .map(step -> "new Step(Step.Kind." + step.kind() + ", " + step.node() + ", " + step.amount() + ")")
                .collect(Collectors.joining(", ", "new Schedule(" + members + ", List.of(", "))"));
    }

    /** One line for each step, with its virtual time. */
    @Override
    public String toString() {
        return StepText.of(this);
    }
}
