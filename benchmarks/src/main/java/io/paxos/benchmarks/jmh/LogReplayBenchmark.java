package io.paxos.benchmarks.jmh;

import io.paxos.log.ChronicleLog;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Isolates the opening of a log with this many records of 64 bytes, from the page cache: each is read and checked once.
 * With 1 record it is the fixed part, which includes filling and forcing a segment of 32 MiB.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5)
@Measurement(iterations = 10)
@State(Scope.Thread)
public class LogReplayBenchmark extends Suite {
    private static final int VALUE_LENGTH = 64;

    @Param({"1", "10000", "100000", "1000000"})
    public int records;

    private Workspace workspace;
    private ChronicleLog log;

    /** Each opening writes something, so the next one gets a new log. */
    @Setup(Level.Iteration)
    public void fill() throws IOException {
        workspace = new Workspace();
        try (LogFiller filler = new LogFiller(workspace.directory(), VALUE_LENGTH)) {
            filler.appendDurably(records);
        }
    }

    @TearDown(Level.Iteration)
    public void close() throws IOException {
        if (log.lastSlot() != records) {
            throw new IllegalStateException("replayed " + log.lastSlot() + " of " + records + " records");
        }
        log.close();
        workspace.close();
    }

    @Benchmark
    public void open() {
        log = ChronicleLog.open(workspace.directory(), 1, 1);
    }
}
