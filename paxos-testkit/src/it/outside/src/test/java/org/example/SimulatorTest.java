package org.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.paxos.testkit.sim.Diagrams;
import io.paxos.testkit.sim.Schedule;
import io.paxos.testkit.sim.Setup;
import io.paxos.testkit.sim.SimCluster;
import io.paxos.testkit.sim.Simulation;
import io.paxos.testkit.sim.Step;
import io.paxos.testkit.trace.SpaceTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatorTest {
    private static final long MS = 1_000_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void a_seed_is_a_run(final long seed) {
        final Simulation.Result once = Simulation.run(seed);
        assertEquals(once.traceHash(), Simulation.run(seed).traceHash());
        assertTrue(once.acknowledged() > 0);
    }

    @Test
    void a_command_survives_the_leader_that_took_it() {
        final SimCluster cluster = Setup.of(3).start();
        assertTrue(cluster.runUntil(() -> cluster.agreedLeader() != 0, 1_000 * MS));
        final int leader = cluster.leader();
        final long command = cluster.submitTo(leader);
        assertTrue(cluster.runUntil(() -> cluster.isAcknowledged(command), 1_000 * MS));
        cluster.crash(leader);
        cluster.heal().converge();
        for (int id = 1; id <= 3; id++) {
            assertTrue(cluster.executed(id).contains(command));
        }
    }

    @Property(tries = 50)
    void no_schedule_breaks_a_rule(@ForAll("schedules") final Schedule schedule) {
        Setup.of(3).start().run(schedule).heal().converge();
    }

    @Provide
    Arbitrary<Schedule> schedules() {
        final Arbitrary<Step> steps = Combinators.combine(
                        Arbitraries.of(Step.Kind.class),
                        Arbitraries.integers().between(Step.LEADER, 2),
                        Arbitraries.integers().between(0, 999))
                .as(Step::new);
        return steps.list().ofMaxSize(40).map(list -> new Schedule(3, list));
    }

    @Test
    void a_run_becomes_a_picture() throws IOException {
        final SpaceTime run = Diagrams.ofSeed(1);
        assertNull(run.violation());
        final Path page = Diagrams.write("seed-1", run);
        assertTrue(Files.readString(page).contains("Seed 1"), page::toString);
    }
}
