package io.paxos.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Many seeds. Each one is a cluster with its own settings and faults.
 *
 * <p>{@code -Dpaxos.seeds=100000} sets the number of seeds, {@code -Dpaxos.from=N} the first one, and
 * {@code -Dpaxos.threads=N} the number of threads. {@code -Dpaxos.seed=N} runs one seed and prints its trace; together
 * with {@code -Dpaxos.steps=0,7,12} it runs only these steps of the schedule.
 */
class SimulationTest {
    private static final int SEEDS = 2_000;
    private static final int TWICE_EVERY = 20;
    private static final int ENOUGH_FOR_EVERY_SITUATION = 2_000;

    @Test
    void no_seed_breaks_a_rule_and_every_situation_is_seen() throws InterruptedException, ExecutionException {
        final Long single = Long.getLong("paxos.seed");
        if (single != null) {
            runOne(single);
            return;
        }
        final int seeds = Integer.getInteger("paxos.seeds", SEEDS);
        final Total total = run(Long.getLong("paxos.from", 1), seeds, Integer.getInteger("paxos.threads", 1));
        System.out.print(total.text(seeds));
        if (seeds >= ENOUGH_FOR_EVERY_SITUATION) {
            for (final Situation situation : Situation.values()) {
                assertThat(total.situations.count(situation))
                        .as("%s", situation)
                        .isPositive();
            }
        }
    }

    private static void runOne(final long seed) {
        final String steps = System.getProperty("paxos.steps");
        if (steps == null) {
            Simulation.runTraced(seed, System.out::println);
        } else {
            final List<Integer> places = new ArrayList<>();
            new Scanner(steps).useDelimiter(",").forEachRemaining(place -> places.add(Integer.valueOf(place)));
            Simulation.runTraced(seed, places, System.out::println);
        }
    }

    private static Total run(final long from, final int seeds, final int threads)
            throws InterruptedException, ExecutionException {
        final Total total = new Total();
        final AtomicLong next = new AtomicLong(from);
        final long limit = from + seeds;
        final ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            final List<Future<Total>> parts = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                parts.add(executor.submit(() -> {
                    final Total part = new Total();
                    for (long seed = next.getAndIncrement(); seed < limit; seed = next.getAndIncrement()) {
                        part.add(seed % TWICE_EVERY == 0 ? Simulation.runTwice(seed) : Simulation.run(seed));
                    }
                    return part;
                }));
            }
            for (final Future<Total> part : parts) {
                total.add(part.get());
            }
        } finally {
            next.set(limit); // one has failed, so the other threads stop
            executor.shutdownNow();
        }
        return total;
    }

    private static final class Total {
        private final long startNs = System.nanoTime();
        private final Situations situations = new Situations();
        private long events;
        private long acknowledged;
        private long virtualNs;

        void add(final Simulation.Result result) {
            events += result.events();
            acknowledged += result.acknowledged();
            virtualNs += result.virtualNs();
            situations.add(result.situations());
        }

        void add(final Total other) {
            events += other.events;
            acknowledged += other.acknowledged;
            virtualNs += other.virtualNs;
            situations.add(other.situations);
        }

        String text(final int runs) {
            final double seconds = (System.nanoTime() - startNs) / 1e9;
            final double hours = virtualNs / 3.6e12;
            return String.format(
                    "%,d runs, %,d events, %,d commands acknowledged, %.2f hours of virtual time in %.1f s:"
                            + " %,.0f events/s, %,.0f commands/s, %.2f virtual hours per minute%n%s",
                    runs,
                    events,
                    acknowledged,
                    hours,
                    seconds,
                    events / seconds,
                    acknowledged / seconds,
                    hours * 60 / seconds,
                    situations);
        }
    }
}
