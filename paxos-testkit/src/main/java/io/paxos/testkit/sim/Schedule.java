package io.paxos.testkit.sim;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What happens to a cluster, as plain data: so that it can be printed, shrunk and kept.
 *
 * @param members of the cluster, 1..7
 * @param steps one after another
 */
public record Schedule(int members, List<Step> steps) {
    public Schedule {
        if (members < 1 || members > 7) {
            throw new IllegalArgumentException("a simulated cluster has 1..7 members, not " + members);
        }
        steps = List.copyOf(steps);
    }

    /**
     * The steps at these places alone, from 0, in their order.
     *
     * @throws IllegalArgumentException if there is no such place
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

    /** The Java expression that makes this schedule, to be copied into a test. */
    public String source() {
        return steps.stream()
                .map(step -> "new Step(Step.Kind." + step.kind() + ", " + step.node() + ", " + step.amount() + ")")
                .collect(Collectors.joining(", ", "new Schedule(" + members + ", List.of(", "))"));
    }

    /** For people: a line for each step, with the virtual time at which it is done. */
    @Override
    public String toString() {
        return StepText.of(this);
    }
}
