package io.paxos.testkit.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Shortens the schedule of a failing seed. Leaves steps out as long as the run breaks the same rule.
 *
 * <p>Runs and events are limited, not time, so that a seed shrinks to the same steps on any machine.
 *
 * @see <a href="https://doi.org/10.1109/32.988498">Zeller, Hildebrandt: Simplifying and Isolating Failure-Inducing
 *     Input, 2002 (ddmin)</a>
 */
public final class Shrinker {
    private static final int RUNS_MAX = 3_000;
    private static final long EVENTS_MAX = 10_000_000;

    private final long seed;
    private final String rule;
    private List<Integer> places; // of the shortest list of steps so far that breaks the rule
    private int runs;
    private long events;

    private Shrinker(final long seed, final String rule) {
        this.seed = seed;
        this.rule = rule;
        places = IntStream.range(0, Simulation.schedule(seed).steps().size())
                .boxed()
                .toList();
    }

    /**
     * A short schedule. It breaks the same rule as the schedule of this seed, in the same cluster.
     *
     * @throws IllegalArgumentException if this seed breaks no rule
     */
    public static Schedule shrink(final long seed) {
        final Schedule schedule = Simulation.schedule(seed);
        final Simulation.Attempt whole = Simulation.attempt(
                seed, IntStream.range(0, schedule.steps().size()).boxed().toList());
        if (whole.violation() == null) {
            throw new IllegalArgumentException("seed " + seed + " breaks no rule");
        }
        return schedule.keeping(places(seed, whole.violation().rule()));
    }

    /** The places of a few steps of a seed that break this rule; null if the whole schedule does not break it. */
    static List<Integer> places(final long seed, final String rule) {
        final Shrinker shrinker = new Shrinker(seed, rule);
        return shrinker.isStillBroken(shrinker.places) ? shrinker.shrink() : null;
    }

    private List<Integer> shrink() {
        int chunk = Math.max(1, places.size() / 2);
        while (chunk >= 1 && hasBudget()) {
            final boolean removed = removeChunks(chunk);
            if (!removed || chunk > places.size()) {
                chunk /= 2;
            }
        }
        return places;
    }

    private boolean removeChunks(final int chunk) {
        boolean removed = false;
        int from = 0;
        while (from < places.size() && hasBudget()) {
            final List<Integer> fewer = new ArrayList<>(places.subList(0, from));
            fewer.addAll(places.subList(Math.min(from + chunk, places.size()), places.size()));
            if (isStillBroken(fewer)) {
                places = fewer;
                removed = true;
            } else {
                from += chunk;
            }
        }
        return removed;
    }

    private boolean hasBudget() {
        return runs < RUNS_MAX && events < EVENTS_MAX;
    }

    private boolean isStillBroken(final List<Integer> candidate) {
        final Simulation.Attempt attempt = Simulation.attempt(seed, candidate);
        runs++;
        events += attempt.events();
        return attempt.violation() != null && attempt.violation().rule().equals(rule);
    }
}
