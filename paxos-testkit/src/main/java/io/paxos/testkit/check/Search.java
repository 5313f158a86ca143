package io.paxos.testkit.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Wing and Gong's search for an order of the operations of one key, with Lowe's memo.
 *
 * <p>Calls and returns are in a list, by time. The search walks through it. At a call whose action the model allows, it
 * linearizes the operation: call and return leave the list, and the walk begins anew. At a return, the search has
 * missed an operation that had to come before. Then it puts the last linearized operation back, and tries the next one
 * instead. Example: {@code write a} and {@code write b} overlap, and a read after both returns a. The search linearizes
 * {@code write a}, then {@code write b}, and meets the return of the read, which cannot come next. It puts both writes
 * back, linearizes {@code write b} first, and finds {@code write b, write a, read}.
 *
 * <p>An operation that changes no state and can come next is linearized without alternatives.
 *
 * <p>Operations of unknown outcome never return, and an order need not contain them. They are in a list of their own.
 * They are tried last, at a return: they are seldom needed, and each one tried in vain costs a search.
 *
 * @see <a href="https://doi.org/10.1002/cpe.3928">Lowe, Testing for Linearizability, 2017</a>
 * @see <a href="https://doi.org/10.1006/jpdc.1993.1015">Wing and Gong, Testing and Verifying Concurrent Objects,
 *     1993</a>
 */
final class Search<S, A> {
    private static final int NONE = -1;

    private final Model<S, A> model;
    private final List<Operation<A>> operations; // known ones by their call, then unknown ones by theirs
    private final int known; // how many are known
    private final int knownHead; // the entry at which the list of known calls and returns begins and ends
    private final int unknownHead; // the entry at which the list of unknown calls begins and ends
    private final int firstReturn; // the entry of the return of operation 0

    // Entry i < operations.size() is the call of operation i; entry firstReturn + i is the return of known operation i.
    private final int[] next;
    private final int[] previous;
    private final Configurations<S> configurations;
    private final int[] order; // what is linearized, in this order
    private final boolean[] isFree; // by place in the order: whether nothing else need be tried there
    private final List<S> states = new ArrayList<>(); // states.get(i): before order[i]; the last one: now
    private final long stepsMax;

    private int depth; // how many operations are linearized; states has one element more
    private int knownLinearized; // how many of them are known; all of them: the search has found an order
    private long steps; // of the model; only grows, ends the search at stepsMax
    private int[] longest = {}; // the longest order found; never gets shorter
    private int stuck = NONE; // the known operation whose return ended it; NONE before the first dead end

    Search(final Model<S, A> model, final List<Operation<A>> history, final long stepsMax) {
        this.model = model;
        this.stepsMax = stepsMax;
        operations = history.stream()
                .filter(operation -> !operation.isUnknown() || !model.isRead(operation.action()))
                .sorted(Comparator.<Operation<A>, Boolean>comparing(Operation::isUnknown)
                        .thenComparingLong(Operation::callNs))
                .toList();
        known = (int)
                operations.stream().filter(operation -> !operation.isUnknown()).count();
        knownHead = operations.size();
        unknownHead = knownHead + 1;
        firstReturn = unknownHead + 1;
        next = new int[firstReturn + known];
        previous = new int[firstReturn + known];
        configurations = new Configurations<>(known, operations.size() - known);
        order = new int[operations.size()];
        isFree = new boolean[operations.size()];
        states.add(model.initial());
        link();
    }

    Verdict run() {
        while (knownLinearized < known) {
            if (steps >= stepsMax) {
                return gaveUp();
            }
            final int free = freeOperation();
            final boolean goesOn = free == NONE ? choose(next[knownHead]) : linearize(free, states.get(depth), true);
            if (!goesOn && !goBack()) {
                return depth == 0 ? Verdict.NO : gaveUp();
            }
        }
        return Verdict.YES;
    }

    long steps() {
        return steps;
    }

    /** The longest order found before the search failed. */
    List<Operation<A>> longest() {
        return Arrays.stream(longest).<Operation<A>>mapToObj(operations::get).toList();
    }

    /** The operation whose return ended {@link #longest}; null if no return was met. */
    Operation<A> stuck() {
        return stuck == NONE ? null : operations.get(stuck);
    }

    /** The operations that were called before {@link #stuck} returned, and are not in {@link #longest}. */
    List<Operation<A>> candidates() {
        final List<Operation<A>> candidates = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            final int operation = i;
            if (stuck != NONE
                    && i != stuck
                    && operations.get(i).callNs() <= operations.get(stuck).returnNs()
                    && Arrays.stream(longest).noneMatch(other -> other == operation)) {
                candidates.add(operations.get(i));
            }
        }
        return candidates;
    }

    private Verdict gaveUp() {
        longest = depth > longest.length ? Arrays.copyOf(order, depth) : longest;
        return Verdict.GAVE_UP;
    }

    /**
     * Finds an operation that can come next and changes no state. No other place has to be tried for it: if an order
     * has it at a later place, then the same order with it at this place is one too.
     */
    private int freeOperation() {
        final S now = states.get(depth);
        for (int entry = next[knownHead]; !isReturn(entry); entry = next[entry]) {
            final A action = operations.get(entry).action();
            if (model.changedNothing(action)) {
                steps++;
                if (model.step(now, action) != null) {
                    return entry;
                }
            }
        }
        return NONE;
    }

    /** Linearizes the first operation that can come next, from this entry of the known operations on. */
    private boolean choose(final int first) {
        int entry = first;
        while (!isReturn(entry)) {
            steps++;
            final S after = model.step(states.get(depth), operations.get(entry).action());
            if (after != null && linearize(entry, after, false)) {
                return true;
            }
            entry = next[entry];
        }
        return chooseUnknown(next[unknownHead], entry) || remember(entry);
    }

    /**
     * Linearizes the first unknown operation, from this entry on, that was called before this return and changes the
     * state.
     */
    private boolean chooseUnknown(final int first, final int beforeReturn) {
        final S now = states.get(depth);
        final long limitNs = operations.get(beforeReturn - firstReturn).returnNs();
        for (int entry = first;
                entry != unknownHead && operations.get(entry).callNs() <= limitNs;
                entry = next[entry]) {
            steps++;
            final S after = model.stepUnseen(now, operations.get(entry).action());
            if (!after.equals(now) && linearize(entry, after, false)) {
                return true; // one that changes nothing can be left out
            }
        }
        return false;
    }

    /** Puts back the last linearized operation, and tries those after it. Repeats this until one can be linearized. */
    private boolean goBack() {
        while (depth > 0 && steps < stepsMax) {
            final int operation = unlinearize();
            if (!isFree[depth]
                    && (operation < known ? choose(next[operation]) : chooseUnknown(next[operation], nextReturn()))) {
                return true;
            }
        }
        return false;
    }

    /** Linearizes the operation, unless the same operations with the same state were tried before, in another order. */
    private boolean linearize(final int operation, final S after, final boolean isFreeOperation) {
        if (!configurations.addIfNew(operation, after)) {
            return false;
        }
        unlink(operation);
        if (operation < known) {
            unlink(firstReturn + operation);
            knownLinearized++;
        }
        isFree[depth] = isFreeOperation;
        order[depth++] = operation;
        states.add(after);
        return true;
    }

    private int unlinearize() {
        final int operation = order[--depth];
        states.remove(depth + 1);
        configurations.remove(operation);
        if (operation < known) {
            knownLinearized--;
            relink(firstReturn + operation);
        }
        relink(operation);
        return operation;
    }

    /** Keeps this dead end if its order is the longest so far. Returns false. */
    private boolean remember(final int returned) {
        if (stuck == NONE || depth > longest.length) {
            longest = Arrays.copyOf(order, depth);
            stuck = returned - firstReturn;
        }
        return false;
    }

    private int nextReturn() {
        int entry = next[knownHead];
        while (!isReturn(entry)) {
            entry = next[entry];
        }
        return entry;
    }

    private boolean isReturn(final int entry) {
        return entry >= firstReturn;
    }

    /** Calls come before returns at the same time: the operations then overlap. */
    private void link() {
        final List<Integer> entries = new ArrayList<>();
        for (int i = 0; i < known; i++) {
            entries.add(i);
            entries.add(firstReturn + i);
        }
        entries.sort(Comparator.<Integer>comparingLong(entry -> isReturn(entry)
                        ? operations.get(entry - firstReturn).returnNs()
                        : operations.get(entry).callNs())
                .thenComparing(this::isReturn));
        chain(knownHead, entries);
        final List<Integer> calls = new ArrayList<>();
        for (int i = known; i < operations.size(); i++) {
            calls.add(i);
        }
        chain(unknownHead, calls);
    }

    private void chain(final int head, final List<Integer> entries) {
        int last = head;
        for (final int entry : entries) {
            next[last] = entry;
            previous[entry] = last;
            last = entry;
        }
        next[last] = head;
        previous[head] = last;
    }

    private void unlink(final int entry) {
        next[previous[entry]] = next[entry];
        previous[next[entry]] = previous[entry];
    }

    private void relink(final int entry) {
        next[previous[entry]] = entry;
        previous[next[entry]] = entry;
    }
}
