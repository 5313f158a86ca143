package io.paxos.testkit.check;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Checks whether a history is linearizable: each operation happens at one instant between its call and its return, and
 * every answer is the one that the model gives. The checker looks for such instants.
 *
 * <p>An operation of unknown outcome happens at some instant after its call, or never. Keys are checked one by one. A
 * history is linearizable if the history of each key is. Keys take turns: each key is searched for up to 5,000 steps of
 * the model, then each one that is undecided anew for up to ten times as many, and so on up to {@link #stepsMax}. So a
 * key that is hard hides no other one that is wrong. Example: the first of five keys needs more than 5,000,000 steps,
 * and another one says no after 2,000. The report says no after about 7,000 steps.
 *
 * <p>The search is exponential at worst. Without unknown outcomes, tens of thousands of operations of ten clients on
 * one key take less than a second; each unknown outcome on a key may double that. So use many keys, about 200
 * operations each, and values that are written only once. If the slots of the operations are known, use {@link
 * SlotOrderChecker} as well.
 *
 * <p>Immutable; any thread.
 */
public final class LinearizabilityChecker<S, A> {
    /** Takes some seconds, and a GB in the worst case. */
    private static final long STEPS_MAX = 5_000_000;

    /** The bound on the steps of each key in the first turn. */
    static final long FIRST_STEPS = 5_000;

    private static final long GROWTH = 10; // of the bound from turn to turn

    private final Model<S, A> model;
    private final long stepsMax;
    private final Function<Operation<A>, String> name;

    private LinearizabilityChecker(
            final Model<S, A> model, final long stepsMax, final Function<Operation<A>, String> name) {
        this.model = Objects.requireNonNull(model, "model");
        this.stepsMax = stepsMax;
        this.name = name;
    }

    public static <S, A> LinearizabilityChecker<S, A> of(final Model<S, A> model) {
        return new LinearizabilityChecker<>(model, STEPS_MAX, Operation::toString);
    }

    /** A checker that gives up on a key after so many steps of the model in one turn, >= 1; 5,000,000 unless set. */
    public LinearizabilityChecker<S, A> stepsMax(final long newStepsMax) {
        if (newStepsMax < 1) {
            throw new IllegalArgumentException("stepsMax=" + newStepsMax);
        }
        return new LinearizabilityChecker<>(model, newStepsMax, name);
    }

    /** A checker that calls the operations by other names. */
    LinearizabilityChecker<S, A> named(final Function<Operation<A>, String> newName) {
        return new LinearizabilityChecker<>(model, stepsMax, newName);
    }

    /**
     * Checks a history, in any order. Keys get turns in their natural order, each up to the bound of the turn. The
     * first key with the verdict {@link Verdict#NO} ends the check. {@link Verdict#GAVE_UP} means that the history is
     * unknown to be right or wrong: no key has the verdict no, and each key that has none is searched up to {@code
     * stepsMax}. The report then names the first such key in natural order.
     */
    public Report<A> check(final List<Operation<A>> history) {
        final Map<String, List<Operation<A>>> undecided =
                history.stream().collect(Collectors.groupingBy(Operation::key, TreeMap::new, Collectors.toList()));
        final int keys = undecided.size();
        long steps = 0;
        long bound = keys == 1 ? stepsMax : Math.min(FIRST_STEPS, stepsMax);
        while (!undecided.isEmpty()) {
            Report<A> gaveUp = null;
            for (final String key : List.copyOf(undecided.keySet())) {
                final Search<S, A> search = new Search<>(model, undecided.get(key), bound);
                final Verdict verdict = search.run();
                steps += search.steps();
                if (verdict == Verdict.NO) {
                    return report(verdict, key, undecided.get(key).size(), search, steps);
                }
                if (verdict == Verdict.YES) {
                    undecided.remove(key);
                } else if (bound == stepsMax && gaveUp == null) {
                    gaveUp = report(verdict, key, undecided.get(key).size(), search, steps);
                }
            }
            if (gaveUp != null) {
                return new Report<>(Verdict.GAVE_UP, gaveUp.key(), gaveUp.prefix(), null, steps, gaveUp.explanation());
            }
            bound = nextBound(bound, undecided.size());
        }
        final String explanation = "linearizable: " + history.size() + " operations, " + keys + " keys";
        return new Report<>(Verdict.YES, "", List.of(), null, steps, explanation);
    }

    /** Begins each search anew, so that the memory of only one is in use. A key that is left alone needs no turns. */
    private long nextBound(final long bound, final int undecided) {
        return undecided == 1 || bound > stepsMax / GROWTH ? stepsMax : bound * GROWTH;
    }

    private Report<A> report(
            final Verdict verdict, final String key, final int size, final Search<S, A> search, final long steps) {
        final boolean isNo = verdict == Verdict.NO;
        final String found = isNo ? "not linearizable" : "gave up after " + search.steps() + " steps";
        final String explanation = found + ": key \"" + key + "\", " + size + " operations\n"
                + new Explanation<>(model, name).of(search.longest(), search.stuck(), search.candidates());
        return new Report<>(verdict, key, search.longest(), isNo ? search.stuck() : null, steps, explanation);
    }
}
