package io.paxos.testkit.contract.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Makes a failing list of inputs shorter: leaves out halves, then quarters, and so on, as long as the rest still fails
 * (delta debugging). Worked example with the failing pair {@code a, d}: {@code abcd} without {@code ab} passes, without
 * {@code cd} passes, without {@code b} fails, {@code acd} without {@code c} fails, and {@code ad} is returned.
 */
final class ListReducer {
    private static final long BUDGET_NS = 2_000_000_000;

    private ListReducer() {}

    /** {@code fails} holds for the list that is returned, or it is the one given. Stops after two seconds. */
    static <T> List<T> reduce(final List<T> failing, final Predicate<List<T>> fails) {
        final long deadlineNs = System.nanoTime() + BUDGET_NS;
        List<T> smallest = failing;
        int chunk = Math.max(1, smallest.size() / 2);
        while (!smallest.isEmpty()) {
            final List<T> smaller = withoutChunks(smallest, chunk, fails, deadlineNs);
            final boolean hasShrunk = smaller.size() < smallest.size();
            smallest = smaller;
            if (System.nanoTime() - deadlineNs > 0 || (chunk == 1 && !hasShrunk)) {
                break;
            }
            chunk = hasShrunk ? Math.min(chunk, Math.max(1, smallest.size() / 2)) : chunk / 2;
        }
        return smallest;
    }

    private static <T> List<T> withoutChunks(
            final List<T> failing, final int chunk, final Predicate<List<T>> fails, final long deadlineNs) {
        List<T> smallest = failing;
        int from = 0;
        while (from < smallest.size() && System.nanoTime() - deadlineNs < 0) {
            final List<T> candidate = new ArrayList<>(smallest.subList(0, from));
            candidate.addAll(smallest.subList(Math.min(smallest.size(), from + chunk), smallest.size()));
            if (fails.test(candidate)) {
                smallest = candidate;
            } else {
                from += chunk;
            }
        }
        return smallest;
    }
}
