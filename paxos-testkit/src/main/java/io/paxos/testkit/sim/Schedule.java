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

    @Override
    public String toString() {
        return members + " members: " + steps.stream().map(Step::toString).collect(Collectors.joining(" "));
    }
}
