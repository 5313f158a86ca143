package io.paxos.testkit.check;

import java.util.Comparator;
import java.util.List;

/**
 * Checks whether a history of a replicated log is linearizable in the order of the log: by slot, and within a slot
 * commands before reads.
 *
 * <p>It replays the model once along the slots. It also checks that the slots respect real time, over all keys: an
 * operation that was called after another one had returned is in a later slot, or reads at least through that slot. The
 * time is O(n log n), so a history can have any length. An acknowledgement does not tell the order within a slot, so
 * commands of one slot and key are tried in each order. A command of unknown outcome is tried in each slot that real
 * time allows. That can take a search, which has a bound as in {@link LinearizabilityChecker}.
 *
 * <p>A history that passes is linearizable. A history that fails can still be linearizable in another order, but then
 * the log or its slots are wrong. The history must be complete: a missing command that changed something is reported as
 * a fault.
 *
 * <p>Immutable; any thread.
 */
public final class SlotOrderChecker<S, A> {
    private final PlacedModel<S, A> model;
    private final LinearizabilityChecker<PlacedModel.State<S>, Placed<A>> checker;

    private SlotOrderChecker(
            final PlacedModel<S, A> model, final LinearizabilityChecker<PlacedModel.State<S>, Placed<A>> checker) {
        this.model = model;
        this.checker = checker;
    }

    public static <S, A> SlotOrderChecker<S, A> of(final Model<S, A> model) {
        final PlacedModel<S, A> placed = new PlacedModel<>(model);
        return new SlotOrderChecker<>(
                placed,
                LinearizabilityChecker.of(placed)
                        .named(operation -> operation.action().toString()));
    }

    /** A checker that gives up on a key after so many steps of the model, >= 1; 5,000,000 unless set. */
    public SlotOrderChecker<S, A> stepsMax(final long newStepsMax) {
        return new SlotOrderChecker<>(model, checker.stepsMax(newStepsMax));
    }

    /** Checks a history, in any order. */
    public Report<A> check(final List<Placed<A>> history) {
        final List<Placed<A>> bySlot = history.stream()
                .filter(placed -> placed.slot() != Placed.UNKNOWN)
                .sorted(Comparator.comparingLong(model::rank))
                .toList();
        final Report<A> outOfTime = outOfTime(bySlot);
        if (outOfTime != null) {
            return outOfTime;
        }
        final Report<Placed<A>> report = checker.check(alongSlots(history, bySlot));
        return new Report<>(
                report.verdict(),
                report.key(),
                report.prefix().stream()
                        .map(operation -> operation.action().operation())
                        .toList(),
                report.stuck() == null ? null : report.stuck().action().operation(),
                report.steps(),
                "in the order of the slots: " + report.explanation());
    }

    /**
     * Finds two operations that real time and the slots put in different orders: one returned before the other was
     * called, but the other has a lower rank, or the same rank. Null if there are none.
     */
    private Report<A> outOfTime(final List<Placed<A>> bySlot) {
        Placed<A> lastCalled = null; // of the ranks looked at so far
        int begin = 0;
        while (begin < bySlot.size()) {
            int limit = begin + 1;
            while (limit < bySlot.size() && model.rank(bySlot.get(limit)) == model.rank(bySlot.get(begin))) {
                limit++;
            }
            final List<Placed<A>> peers = bySlot.subList(begin, limit);
            final boolean areReads = model.isRead(peers.get(0));
            final Placed<A> lastOfPeers = lastCalled(peers, lastCalled);
            final Placed<A> later = areReads ? lastCalled : lastOfPeers; // reads of one slot may come in any order
            for (final Placed<A> placed : peers) {
                if (later != null
                        && placed.operation().returnNs() < later.operation().callNs()) {
                    return outOfTime(placed, later);
                }
            }
            lastCalled = lastOfPeers;
            begin = limit;
        }
        return null;
    }

    private static <A> Placed<A> lastCalled(final List<Placed<A>> peers, final Placed<A> before) {
        Placed<A> last = before == null ? peers.get(0) : before;
        for (final Placed<A> placed : peers) {
            last = placed.operation().callNs() > last.operation().callNs() ? placed : last;
        }
        return last;
    }

    private static <A> Report<A> outOfTime(final Placed<A> earlier, final Placed<A> later) {
        final String explanation = "the slots do not respect real time:\n    " + earlier
                + "\nhad returned before the call of\n    " + later
                + "\nwhich is therefore after it, but not by its slot";
        return new Report<>(
                Verdict.NO, later.operation().key(), List.of(earlier.operation()), later.operation(), 0, explanation);
    }

    /** The history with slots for times, so that operations overlap only if their slots leave the order open. */
    private List<Operation<Placed<A>>> alongSlots(final List<Placed<A>> history, final List<Placed<A>> bySlot) {
        final long[] slotThrough = new long[bySlot.size()]; // the highest slot of those that returned so far
        final List<Placed<A>> byReturn = bySlot.stream()
                .sorted(Comparator.comparingLong(placed -> placed.operation().returnNs()))
                .toList();
        final long[] returnsNs = new long[bySlot.size()];
        for (int i = 0; i < returnsNs.length; i++) {
            returnsNs[i] = byReturn.get(i).operation().returnNs();
            slotThrough[i] =
                    Math.max(i == 0 ? 0 : slotThrough[i - 1], byReturn.get(i).slot());
        }
        return history.stream()
                .map(placed -> {
                    final Operation<A> operation = placed.operation();
                    final boolean isUnknown = operation.isUnknown();
                    final long rank = isUnknown
                            ? 2 * (slotThroughAt(operation.callNs(), returnsNs, slotThrough) + 1)
                            : model.rank(placed);
                    return new Operation<>(
                            operation.client(),
                            operation.key(),
                            2 * rank,
                            isUnknown ? Operation.NEVER : 2 * rank + 1,
                            placed);
                })
                .toList();
    }

    /** The highest slot of the operations that returned before this time; 0 if none did. */
    private static long slotThroughAt(final long timeNs, final long[] returnsNs, final long[] slotThrough) {
        int low = 0;
        int high = returnsNs.length;
        while (low < high) {
            final int middle = (low + high) >>> 1;
            if (returnsNs[middle] < timeNs) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? 0 : slotThrough[low - 1];
    }
}
