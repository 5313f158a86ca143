package io.paxos.benchmarks.load;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a process has used so far, and how busy the machine was so far.
 *
 * @param cpuNs processor time of this process
 * @param allocatedBytes on the heap, by all threads that are alive
 * @param collectMs time spent on garbage collection
 * @param machineCpuNs processor time of all processes; 0 where {@code /proc/stat} is missing
 */
record ProcessUsage(long cpuNs, long allocatedBytes, long collectMs, long machineCpuNs) {
    private static final Path STAT = Path.of("/proc/stat");
    private static final long TICK_NS = 10_000_000;
    private static final int[] BUSY = {1, 2, 3, 6, 7}; // user, nice, system, irq, softirq

    /** The usage now. The first call takes tens of milliseconds, which load classes: make it before you measure. */
    static ProcessUsage now() {
        final long machineCpuNs = machineBusyNs();
        final var process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long collectMs = 0;
        for (final GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            collectMs += Math.max(0, collector.getCollectionTime());
        }
        return new ProcessUsage(process.getProcessCpuTime(), allocatedByThreads(), collectMs, machineCpuNs);
    }

    ProcessUsage since(final ProcessUsage before) {
        return new ProcessUsage(
                cpuNs - before.cpuNs,
                allocatedBytes - before.allocatedBytes,
                collectMs - before.collectMs,
                machineCpuNs - before.machineCpuNs);
    }

    /** The sum for two processes that were asked at about the same time. */
    ProcessUsage plus(final ProcessUsage other) {
        return new ProcessUsage(
                cpuNs + other.cpuNs,
                allocatedBytes + other.allocatedBytes,
                collectMs + other.collectMs,
                Math.max(machineCpuNs, other.machineCpuNs));
    }

    private static long allocatedByThreads() {
        final var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (final long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
            sum += Math.max(0, bytes);
        }
        return sum;
    }

    private static long machineBusyNs() {
        if (!Files.isReadable(STAT)) {
            return 0;
        }
        try {
            final String[] total = Files.readAllLines(STAT).get(0).split(" +", -1);
            long ticks = 0;
            for (final int column : BUSY) {
                ticks += Long.parseLong(total[column]);
            }
            return ticks * TICK_NS;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
