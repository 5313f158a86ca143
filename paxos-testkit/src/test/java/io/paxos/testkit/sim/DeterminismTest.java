package io.paxos.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeterminismTest {
    private static final int SEEDS = 100;

    /** L24: camunda #13093; tigerbeetle, VOPR: everything that is not deterministic is injected. */
    @Test
    void the_same_seed_is_the_same_run() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            final Simulation.Result first = Simulation.run(seed);
            final Simulation.Result second = Simulation.run(seed);
            assertThat(second.traceHash()).as("seed %d", seed).isEqualTo(first.traceHash());
            assertThat(second.events()).as("seed %d", seed).isEqualTo(first.events());
        }
    }

    @Test
    void a_second_run_is_compared_with_the_first_byte_for_byte() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            assertThat(Simulation.runTwice(seed).traceHash())
                    .isEqualTo(Simulation.run(seed).traceHash());
        }
    }

    @Test
    void another_seed_is_another_run() {
        final Set<Long> hashes = new HashSet<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            hashes.add(Simulation.run(seed).traceHash());
        }
        assertThat(hashes).hasSize(SEEDS);
    }

    /** L24: tigerbeetle, VOPR: a seed is a bug report. */
    @Test
    void two_traces_of_one_seed_have_the_same_text() {
        final List<String> first = new ArrayList<>();
        final List<String> second = new ArrayList<>();
        final long plain = Simulation.run(7).traceHash();
        final long traced = Simulation.runTraced(7, first::add).traceHash();
        Simulation.runTraced(7, second::add);
        assertThat(traced).isEqualTo(plain);
        assertThat(second).isEqualTo(first).isNotEmpty();
    }
}
