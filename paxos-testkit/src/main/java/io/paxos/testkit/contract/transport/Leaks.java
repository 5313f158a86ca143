package io.paxos.testkit.contract.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Threads and file descriptors that a round leaves behind. What is created once per JVM does not count.
 */
final class Leaks {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd"); // Linux

    private Leaks() {}

    /**
     * Requires that each further round leaves less than one thread and less than one descriptor behind, on average.
     *
     * @param patienceNs how long to wait for what was closed to be gone
     */
    static void requireNone(final Runnable round, final int rounds, final long patienceNs) {
        round.run(); // creates what is created once per JVM
        final Set<Thread> threadsBefore = threads();
        final long descriptorsBefore = descriptors();
        for (int i = 0; i < rounds; i++) {
            round.run();
        }
        if (!until(patienceNs, () -> newThreads(threadsBefore).size() < rounds)) {
            throw TransportPromise.NO_LEFT_THREADS.broken(
                    "after " + rounds + " rounds of open and close these still run: " + newThreads(threadsBefore));
        }
        if (!until(patienceNs, () -> descriptors() - descriptorsBefore < rounds)) {
            throw TransportPromise.NO_LEFT_FILES.broken("after " + rounds + " rounds of open and close there are "
                    + descriptors() + " file descriptors, before there were " + descriptorsBefore);
        }
    }

    private static Set<Thread> newThreads(final Set<Thread> before) {
        final Set<Thread> now = threads();
        now.removeAll(before);
        return now;
    }

    private static Set<Thread> threads() {
        return new HashSet<>(Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread != Thread.currentThread())
                .collect(Collectors.toSet()));
    }

    /** How many are open; 0 where this cannot be seen. */
    private static long descriptors() {
        if (!Files.isDirectory(DESCRIPTORS)) {
            return 0;
        }
        try (Stream<Path> entries = Files.list(DESCRIPTORS)) {
            return entries.count();
        } catch (final IOException e) {
            return 0;
        }
    }

    private static boolean until(final long timeoutNs, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + timeoutNs;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }
}
