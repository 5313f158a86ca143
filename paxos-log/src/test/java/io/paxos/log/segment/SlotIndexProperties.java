package io.paxos.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SlotIndexProperties {
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
