package io.paxos.benchmarks.jmh;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Isolates the group commit: {@code records} of 1 KiB each are appended, forced together and waited for; the score is the
 * time of the whole group. The log forces on its own thread, so it pays for two wake-ups that the raw file does not.
 */
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LogForceBenchmark extends Suite {
    private static final int VALUE_LENGTH = 1024;

    /** A new log for each iteration, so that the disk does not fill up. */
    @State(Scope.Thread)
    public static class ChronicleState {
        @Param({"1", "32", "256"})
        public int records;

        private Workspace workspace;
        private LogFiller filler;

        @Setup(Level.Iteration)
        public void open() throws IOException {
            workspace = new Workspace();
            filler = new LogFiller(workspace.directory(), VALUE_LENGTH);
        }

        @TearDown(Level.Iteration)
        public void close() throws IOException {
            filler.close();
            workspace.close();
        }
    }

    /** The file to compare with. */
    @State(Scope.Thread)
    public static class RawState {
        @Param({"1", "32", "256"})
        public int records;

        private Workspace workspace;
        private RawFile file;

        @Setup(Level.Iteration)
        public void open() throws IOException {
            workspace = new Workspace();
            file = new RawFile(workspace.directory(), VALUE_LENGTH);
        }

        @TearDown(Level.Iteration)
        public void close() throws IOException {
            file.close();
            workspace.close();
        }
    }

    @Benchmark
    public void chronicle(final ChronicleState state) {
        state.filler.appendDurably(state.records);
    }

    @Benchmark
    public void raw(final RawState state) throws IOException {
        for (int i = 0; i < state.records; i++) {
            state.file.append();
        }
        state.file.force();
    }
}
