package io.paxos.testkit.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes the schedule of a failing seed short: leaves steps out as long as the same rule is still broken.
 *
 * @see <a href="https://doi.org/10.1109/32.988498">Zeller, Hildebrandt: Simplifying and Isolating Failure-Inducing Input, 2002
 *     (ddmin)</a>
 */
public final class Shrinker {
    private static final int RUNS_MAX = 3_000;

    private final long seed;
    private final String rule;
    private final int members;
    private List<Step> steps;
    private int runs;

    private Shrinker(final long seed, final Schedule schedule, final String rule) {
        this.seed = seed;
        this.rule = rule;
        members = schedule.members();
        steps = schedule.steps();
    }

    /**
     * A short schedule that breaks, in the cluster of this seed, the rule that its own schedule breaks.
     *
     * @throws IllegalArgumentException if this seed breaks no rule
     */
    public static Schedule shrink(final long seed) {
        final Schedule schedule = Simulation.schedule(seed);
        final InvariantViolation violation = Simulation.violation(seed, schedule);
        if (violation == null) {
            throw new IllegalArgumentException("seed " + seed + " breaks no rule");
        }
        return new Shrinker(seed, schedule, violation.rule()).shrink();
    }

    private Schedule shrink() {
        int chunk = Math.max(1, steps.size() / 2);
        while (chunk >= 1 && runs < RUNS_MAX) {
            final boolean removed = removeChunks(chunk);
            if (!removed || chunk > steps.size()) {
                chunk /= 2;
            }
        }
        return new Schedule(members, steps);
    }

    private boolean removeChunks(final int chunk) {
        boolean removed = false;
        int from = 0;
        while (from < steps.size() && runs < RUNS_MAX) {
            final List<Step> shorter = new ArrayList<>(steps.subList(0, from));
            shorter.addAll(steps.subList(Math.min(from + chunk, steps.size()), steps.size()));
            if (isStillBroken(shorter)) {
                steps = shorter;
                removed = true;
            } else {
                from += chunk;
            }
        }
        return removed;
    }

    private boolean isStillBroken(final List<Step> candidate) {
        runs++;
        final InvariantViolation violation = Simulation.violation(seed, new Schedule(members, candidate));
        return violation != null && violation.rule().equals(rule);
    }
}
