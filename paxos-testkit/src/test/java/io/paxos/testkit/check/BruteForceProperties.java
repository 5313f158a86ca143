package io.paxos.testkit.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;

/**
 * The search has the verdict that trying every order has, on small histories full of overlaps, repeated values and
 * unknown outcomes.
 */
class BruteForceProperties {
    private static final int OPERATIONS_MAX = 7;
    private static final long SLOTS = 4;
    private static final long NOWHERE = Placed.UNKNOWN;
    private static final List<String> VALUES = List.of("a", "b");

    @Property(tries = 10_000, edgeCases = EdgeCasesMode.NONE)
    @StatisticsReport(StatisticsReport.StatisticsReportMode.OFF)
    void a_register_is_judged_as_by_brute_force(
            @ForAll("registers") final List<Operation<Register.Action<String>>> history) {
        requireAgreement(new Register<>(), history);
    }

    @Property(tries = 5_000, edgeCases = EdgeCasesMode.NONE)
    @StatisticsReport(StatisticsReport.StatisticsReportMode.OFF)
    void a_counter_is_judged_as_by_brute_force(@ForAll("counters") final List<Operation<Counter.Action>> history) {
        requireAgreement(new Counter(), history);
    }

    @Property(tries = 5_000, edgeCases = EdgeCasesMode.NONE)
    @StatisticsReport(StatisticsReport.StatisticsReportMode.OFF)
    void slots_are_judged_as_by_brute_force(@ForAll("placed") final List<Placed<Register.Action<String>>> history) {
        final Register<String> model = new Register<>();
        final boolean expected = slotsExplain(model, history, new long[history.size()], 0);
        final Report<Register.Action<String>> report =
                SlotOrderChecker.of(model).check(history);
        requireBothVerdicts(report.verdict());
        assertThat(report.verdict()).as(report::explanation).isEqualTo(expected ? Verdict.YES : Verdict.NO);
        if (expected) {
            final Report<Register.Action<String>> bySearch =
                    LinearizabilityChecker.of(model).check(Histories.operations(history));
            assertThat(bySearch.verdict()).as(bySearch::explanation).isEqualTo(Verdict.YES);
        }
    }

    private static <S, A> void requireAgreement(final Model<S, A> model, final List<Operation<A>> history) {
        final boolean expected = anyOrderExplains(model, model.initial(), history);
        final Report<A> report = LinearizabilityChecker.of(model).check(history);
        requireBothVerdicts(report.verdict());
        assertThat(report.verdict()).as(report::explanation).isEqualTo(expected ? Verdict.YES : Verdict.NO);
        if (!expected) {
            requireSense(model, report, history);
        }
    }

    /** The model and real time allow the prefix, and it does not contain the operation that it is stuck at. */
    private static <S, A> void requireSense(
            final Model<S, A> model, final Report<A> report, final List<Operation<A>> history) {
        S state = model.initial();
        final List<Operation<A>> rest = new ArrayList<>(history);
        for (final Operation<A> operation : report.prefix()) {
            assertThat(rest).noneMatch(other -> other.returnNs() < operation.callNs());
            assertThat(rest.remove(operation)).isTrue();
            state = after(model, state, operation);
            assertThat(state).isNotNull();
        }
        assertThat(rest).contains(report.stuck());
    }

    /** Tries each operation that none precedes as the first, then the rest. No memo, no lists. */
    private static <S, A> boolean anyOrderExplains(
            final Model<S, A> model, final S state, final List<Operation<A>> rest) {
        if (rest.stream().allMatch(Operation::isUnknown)) {
            return true;
        }
        for (final Operation<A> first : rest) {
            final boolean isPreceded = rest.stream().anyMatch(other -> other.returnNs() < first.callNs());
            final S after = isPreceded ? null : after(model, state, first);
            if (after != null && anyOrderExplains(model, after, without(rest, first))) {
                return true;
            }
        }
        return false;
    }

    /** For each command of unknown outcome, from this index on: tries each slot, and tries to leave it out. */
    private static <S, A> boolean slotsExplain(
            final Model<S, A> model, final List<Placed<A>> history, final long[] slots, final int index) {
        if (index == slots.length) {
            return inTime(model, history, slots) && answersFollow(model, model.initial(), history, slots.clone());
        }
        if (history.get(index).slot() != Placed.UNKNOWN) {
            slots[index] = history.get(index).slot();
            return slotsExplain(model, history, slots, index + 1);
        }
        for (long slot = 0; slot <= SLOTS; slot++) {
            slots[index] = slot == 0 ? NOWHERE : slot;
            if (slotsExplain(model, history, slots, index + 1)) {
                return true;
            }
        }
        return false;
    }

    private static <S, A> boolean inTime(final Model<S, A> model, final List<Placed<A>> history, final long[] slots) {
        for (int i = 0; i < slots.length; i++) {
            for (int k = 0; k < slots.length; k++) {
                final Operation<A> before = history.get(i).operation();
                final Operation<A> then = history.get(k).operation();
                final long slotMin = model.isRead(then.action()) ? slots[i] : slots[i] + 1;
                if (before.returnNs() < then.callNs() && slots[k] != NOWHERE && slots[k] < slotMin) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Tries each operation that is left in the lowest slot as the first, commands before reads. */
    private static <S, A> boolean answersFollow(
            final Model<S, A> model, final S state, final List<Placed<A>> history, final long[] slots) {
        final long lowest =
                LongStream.of(slots).filter(slot -> slot != NOWHERE).min().orElse(NOWHERE);
        if (lowest == NOWHERE) {
            return true;
        }
        boolean isCommandLeft = false;
        for (int i = 0; i < slots.length; i++) {
            isCommandLeft |= slots[i] == lowest
                    && !model.isRead(history.get(i).operation().action());
        }
        for (int i = 0; i < slots.length; i++) {
            final Operation<A> operation = history.get(i).operation();
            if (slots[i] != lowest || (isCommandLeft && model.isRead(operation.action()))) {
                continue;
            }
            final S after = after(model, state, operation);
            slots[i] = NOWHERE;
            final boolean follow = after != null && answersFollow(model, after, history, slots);
            slots[i] = lowest;
            if (follow) {
                return true;
            }
        }
        return false;
    }

    private static void requireBothVerdicts(final Verdict verdict) {
        Statistics.collect(verdict);
        Statistics.coverage(coverage -> {
            coverage.check(Verdict.YES).percentage(percentage -> percentage > 10);
            coverage.check(Verdict.NO).percentage(percentage -> percentage > 10);
        });
    }

    private static <S, A> S after(final Model<S, A> model, final S state, final Operation<A> operation) {
        return operation.isUnknown()
                ? model.stepUnseen(state, operation.action())
                : model.step(state, operation.action());
    }

    private static <A> List<A> without(final List<A> list, final A element) {
        final List<A> rest = new ArrayList<>(list);
        rest.remove(element);
        return rest;
    }

    @Provide
    Arbitrary<List<Operation<Register.Action<String>>>> registers() {
        return operations(registerActions()).list().ofMaxSize(OPERATIONS_MAX);
    }

    @Provide
    Arbitrary<List<Operation<Counter.Action>>> counters() {
        final Arbitrary<Counter.Action> actions = Combinators.combine(
                        Arbitraries.longs().between(0, 2), Arbitraries.longs().between(0, 4))
                .as(Counter.Action::new);
        return operations(actions).list().ofMaxSize(OPERATIONS_MAX);
    }

    @Provide
    Arbitrary<List<Placed<Register.Action<String>>>> placed() {
        return Combinators.combine(
                        operations(registerActions()), Arbitraries.longs().between(1, SLOTS - 1))
                .as(BruteForceProperties::placed)
                .list()
                .ofMaxSize(OPERATIONS_MAX - 1);
    }

    private static Placed<Register.Action<String>> placed(
            final Operation<Register.Action<String>> operation, final long slot) {
        final long readThrough = slot - 1;
        return new Placed<>(
                operation,
                operation.isUnknown()
                        ? Placed.UNKNOWN
                        : operation.action() instanceof Register.Read<String> ? readThrough : slot);
    }

    private static Arbitrary<Register.Action<String>> registerActions() {
        final Arbitrary<String> value = Arbitraries.of(VALUES);
        return Arbitraries.oneOf(
                value.map(Register.Write::new),
                value.injectNull(0.3).map(Register.Read::new),
                Combinators.combine(value.injectNull(0.3), value, Arbitraries.of(true, false))
                        .as(Register.CompareAndSet::new));
    }

    private static <A> Arbitrary<Operation<A>> operations(final Arbitrary<A> actions) {
        return Combinators.combine(
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.longs().between(0, 12),
                        Arbitraries.longs().between(0, 6),
                        Arbitraries.integers().between(0, 5),
                        actions)
                .as((client, callNs, tookNs, fate, action) -> new Operation<>(
                        client, Histories.KEY, callNs, fate == 0 ? Operation.NEVER : callNs + tookNs, action));
    }
}
