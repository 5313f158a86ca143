package io.paxos.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.testkit.sim.SynodCluster.Kind;
import io.paxos.testkit.sim.SynodCluster.Step;
import io.paxos.testkit.sim.rules.InvariantViolation;
import io.paxos.testkit.sim.schedule.SimRandom;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Single-decree Paxos: under all faults, a decree gets one proposed value, and each caller gets that value. */
class SynodProperties {
    private static final int SEEDS = Integer.getInteger("paxos.seeds", 2_000) / 4;

    private static final List<Kind> KINDS = List.of(Kind.values());

    @Property(tries = 300)
    void no_schedule_breaks_a_decree(
            @ForAll @IntRange(min = 1, max = 5) final int members, @ForAll("schedules") final List<Step> schedule) {
        new SynodCluster(members, 1).run(schedule).converge();
    }

    @Test
    void no_seed_breaks_a_decree() {
        long answers = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            final SimRandom random = new SimRandom(seed);
            final List<Step> steps = new ArrayList<>();
            final int count = (int) random.between(5, 60);
            while (steps.size() < count) {
                final Kind kind = KINDS.get(random.below(KINDS.size()));
                steps.add(new Step(kind, random.below(5), random.below(1_000_000)));
                steps.add(new Step(random.below(3) == 0 ? Kind.PROPOSE : Kind.RUN, random.below(5), random.below(100)));
            }
            try {
                answers += new SynodCluster(1 + random.below(5), seed)
                        .run(steps)
                        .converge()
                        .answers();
            } catch (final InvariantViolation violation) {
                throw new InvariantViolation(violation, "seed " + seed + ", schedule " + steps);
            }
        }
        assertThat(answers).isGreaterThan(SEEDS);
    }

    @Provide
    Arbitrary<List<Step>> schedules() {
        final Arbitrary<Kind> kind = Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.just(Kind.RUN)),
                Tuple.of(3, Arbitraries.just(Kind.PROPOSE)),
                Tuple.of(4, Arbitraries.of(Kind.class)));
        return Combinators.combine(
                        kind,
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.integers().between(0, 999))
                .as(Step::new)
                .list()
                .ofMaxSize(40);
    }
}
