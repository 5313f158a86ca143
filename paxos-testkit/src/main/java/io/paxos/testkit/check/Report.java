package io.paxos.testkit.check;

import java.util.List;

/**
 * What a checker found.
 *
 * @param verdict over all keys: {@link Verdict#NO} if one key has it, else {@link Verdict#GAVE_UP} if one key has it
 * @param key the key that decided; empty with {@link Verdict#YES}
 * @param prefix the longest order of operations of this key that was found; empty with {@link Verdict#YES}
 * @param stuck the operation that had to come next, because it returned first, and could not; null unless {@link
 *     Verdict#NO}
 * @param steps how many steps of the model were tried, over all keys and all turns
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
