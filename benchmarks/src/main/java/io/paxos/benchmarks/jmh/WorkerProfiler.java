package io.paxos.benchmarks.jmh;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * What the measuring threads use per operation: {@code worker.cpu.norm} in ns of processor time, which a busy
 * machine distorts less than the score, and {@code worker.alloc.norm} in bytes, without the garbage of other threads.
 * Both include what is set up and torn down within an iteration, the end of a trial in its last one: let iterations be
 * long. Use it with {@code -prof io.paxos.benchmarks.jmh.WorkerProfiler}.
 */
public final class WorkerProfiler implements InternalProfiler {
    private static final String WORKER_NAME = "-jmh-worker-";

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long cpuNsBefore;
    private long bytesBefore;

    @Override
    public String getDescription() {
        return "processor time and allocation of the measuring threads, per operation";
    }

    @Override
    public void beforeIteration(final BenchmarkParams benchmark, final IterationParams iteration) {
        final long[] workers = workers();
        cpuNsBefore = sum(threads.getThreadCpuTime(workers));
        bytesBefore = sum(threads.getThreadAllocatedBytes(workers));
    }

    @Override
    public List<? extends Result<?>> afterIteration(
            final BenchmarkParams benchmark, final IterationParams iteration, final IterationResult result) {
        final long[] workers = workers();
        final long operations = Math.max(1, result.getMetadata().getAllOps());
        final double cpuNs = sum(threads.getThreadCpuTime(workers)) - cpuNsBefore;
        final double bytes = sum(threads.getThreadAllocatedBytes(workers)) - bytesBefore;
        return List.of(
                new ScalarResult("worker.cpu.norm", cpuNs / operations, "ns/op", AggregationPolicy.AVG),
                new ScalarResult("worker.alloc.norm", bytes / operations, "B/op", AggregationPolicy.AVG));
    }

    private long[] workers() {
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().contains(WORKER_NAME))
                .mapToLong(thread -> thread.getThreadId())
                .toArray();
    }

    private static long sum(final long[] values) {
        return Arrays.stream(values).sum();
    }
}
