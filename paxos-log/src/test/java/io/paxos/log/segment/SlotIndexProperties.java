package io.paxos.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SlotIndexProperties {
    private static final byte TRIM = 0;

    record Step(byte type, long ballot, long slot) {}

    @Property(tries = 300)
    void the_index_says_what_a_map_would(@ForAll("steps") final List<Step> steps) throws StorageException {
        final Map<Long, Long> accepted = new HashMap<>();
        final Map<Long, Long> highest = new HashMap<>();
        final Map<Long, Integer> offsets = new HashMap<>();
        long promised = 0;
        try (SlotIndex index = new SlotIndex()) {
            for (int i = 0; i < steps.size(); i++) {
                final Step step = steps.get(i);
                index.take(step.type(), step.ballot(), step.slot(), i, i + 1, i * 4);
                if (step.type() == Frame.PROMISE) {
                    promised = Math.max(promised, step.ballot());
                } else {
                    highest.merge(step.slot(), step.ballot(), Math::max);
                }
                if (step.type() == Frame.ACCEPT) {
                    accepted.put(step.slot(), step.ballot());
                    offsets.put(step.slot(), i * 4);
                }
            }
            assertThat(index.promised()).isEqualTo(promised);
            assertThat(index.chosenThrough()).isEqualTo(Math.max(0, steps.size() - 1));
            for (final Step step : steps) {
                final long slot = step.slot();
                assertThat(index.acceptedBallot(slot)).isEqualTo(accepted.getOrDefault(slot, 0L));
                assertThat(index.promised(slot)).isEqualTo(Math.max(promised, highest.getOrDefault(slot, 0L)));
                if (accepted.containsKey(slot)) {
                    assertThat(SlotIndex.offset(index.place(slot))).isEqualTo(offsets.get(slot));
                    assertThat(SlotIndex.segment(index.place(slot))).isEqualTo(offsets.get(slot) / 4 + 1);
                } else {
                    assertThat(index.place(slot)).isZero();
                }
            }
        }
    }

    @Property(tries = 300)
    void the_index_forgets_trimmed_slots_and_says_of_the_others_what_a_map_would(
            @ForAll("trims") final List<Step> steps) throws StorageException {
        final TreeMap<Long, Long> accepted = new TreeMap<>();
        long firstSlot = 1;
        try (SlotIndex index = new SlotIndex()) {
            for (int i = 0; i < steps.size(); i++) {
                final Step step = steps.get(i);
                if (step.type() == TRIM) {
                    index.trim(step.slot());
                    firstSlot = Math.max(firstSlot, step.slot() + 1);
                    accepted.headMap(firstSlot).clear();
                } else if (step.slot() >= firstSlot) {
                    index.take(Frame.ACCEPT, step.ballot(), step.slot(), 0, i + 1, i * 4);
                    accepted.put(step.slot(), step.ballot());
                }
                assertThat(index.firstSlot()).isEqualTo(firstSlot);
                assertThat(index.chosenThrough()).isEqualTo(firstSlot - 1);
            }
            for (final Step step : steps) {
                for (long slot = Math.max(1, step.slot() - 70); slot <= step.slot(); slot++) {
                    assertThat(index.acceptedBallot(slot)).isEqualTo(accepted.getOrDefault(slot, 0L));
                    assertThat(index.promised(slot)).isGreaterThanOrEqualTo(accepted.getOrDefault(slot, 0L));
                    assertThat(index.promised(slot) != 0).isEqualTo(accepted.containsKey(slot));
                    assertThat(index.place(slot) != 0).isEqualTo(accepted.containsKey(slot));
                }
            }
        }
    }

    /** F24: the memory of the index is bounded. */
    @Example
    void ten_million_slots_that_are_trimmed_as_they_come_need_the_memory_of_those_that_stay() throws StorageException {
        final long kept = 100_000;
        try (SlotIndex index = new SlotIndex()) {
            for (long slot = 1; slot <= 10_000_000; slot++) {
                index.take(Frame.ACCEPT, 5, slot, slot - 1, 1, 4);
                if (slot % 10_000 == 0 && slot > kept) {
                    index.trim(slot - kept);
                }
            }
            assertThat(index.arenas()).isLessThanOrEqualTo(8); // 16,384 slots each
            assertThat(index.acceptedBallot(10_000_000 - kept)).isZero();
            assertThat(index.acceptedBallot(10_000_001 - kept)).isEqualTo(5);
        }
    }

    @Provide
    Arbitrary<List<Step>> trims() {
        return Combinators.combine(
                        Arbitraries.of(Frame.ACCEPT, Frame.ACCEPT, Frame.ACCEPT, TRIM),
                        Arbitraries.longs().greaterOrEqual(1),
                        Arbitraries.oneOf(
                                Arbitraries.longs().between(1, 2000),
                                Arbitraries.longs().between(1, 1L << 40)))
                .as(Step::new)
                .list()
                .ofMaxSize(200);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        final Arbitrary<Long> slots = Arbitraries.oneOf(
                Arbitraries.longs().between(1, 200), Arbitraries.longs().greaterOrEqual(1));
        return Combinators.combine(
                        Arbitraries.of(Frame.PROMISE, Frame.PROMISE_SLOT, Frame.ACCEPT),
                        Arbitraries.longs().greaterOrEqual(1),
                        slots)
                .as(Step::new)
                .list()
                .ofMaxSize(600);
    }
}
