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
 * history is linearizable if the history of each key is.
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

    /** A checker that gives up on a key after so many steps of the model, >= 1; 5,000,000 unless set. */
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
     * Checks a history, in any order. Keys are checked in their natural order, up to the first with the verdict no.
     */
    public Report<A> check(final List<Operation<A>> history) {
        final Map<String, List<Operation<A>>> byKey =
                history.stream().collect(Collectors.groupingBy(Operation::key, TreeMap::new, Collectors.toList()));
        long steps = 0;
        Report<A> gaveUp = null;
        for (final Map.Entry<String, List<Operation<A>>> entry : byKey.entrySet()) {
            final Search<S, A> search = new Search<>(model, entry.getValue(), stepsMax);
            final Verdict verdict = search.run();
            steps += search.steps();
            if (verdict != Verdict.YES) {
                final Report<A> report =
                        report(verdict, entry.getKey(), entry.getValue().size(), search, steps);
                if (verdict == Verdict.NO) {
                    return report;
                }
                gaveUp = gaveUp == null ? report : gaveUp;
            }
        }
        if (gaveUp != null) {
            return new Report<>(Verdict.GAVE_UP, gaveUp.key(), gaveUp.prefix(), null, steps, gaveUp.explanation());
        }
        final String explanation = "linearizable: " + history.size() + " operations, " + byKey.size() + " keys";
        return new Report<>(Verdict.YES, "", List.of(), null, steps, explanation);
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
