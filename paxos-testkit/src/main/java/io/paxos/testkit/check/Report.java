package io.paxos.testkit.check;

import java.util.List;

/**
 * What a checker found.
 *
 * @param verdict over all keys: one {@link Verdict#NO} decides; else one {@link Verdict#GAVE_UP} does
 * @param key the key that decided; empty with {@link Verdict#YES}
 * @param prefix the operations of this key that could be put in order, at the longest; empty with {@link Verdict#YES}
 * @param stuck the operation that had to come next at the latest, and could not; null unless {@link Verdict#NO}
 * @param steps how many steps of the model were tried, over all keys
 * @param explanation all of this for people, in several lines
 */
public record Report<A>(
        Verdict verdict, String key, List<Operation<A>> prefix, Operation<A> stuck, long steps, String explanation) {
    public Report {
        prefix = List.copyOf(prefix);
    }

    /**
     * Does nothing if the verdict is {@link Verdict#YES}.
     *
     * @throws AssertionError otherwise, with the explanation
     */
    public void requireYes() {
        if (verdict != Verdict.YES) {
            throw new AssertionError(explanation);
        }
    }

    @Override
    public String toString() {
        return explanation;
    }
}
