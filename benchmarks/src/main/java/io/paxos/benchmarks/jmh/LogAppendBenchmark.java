package io.paxos.benchmarks.jmh;

import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Isolates the append of one record to the log, without waiting for any force; rolls to new segments included. Beside it,
 * a plain write of the same bytes to a file.
 */
public class LogAppendBenchmark extends Suite {
    /** A new log for each iteration, so that the disk does not fill up. */
    @State(Scope.Thread)
    public static class ChronicleState {
        @Param({"64", "1024", "16384"})
        public int valueLength;

        private Workspace workspace;
        private LogFiller filler;

        @Setup(Level.Iteration)
        public void open() throws IOException {
            workspace = new Workspace();
            filler = new LogFiller(workspace.directory(), valueLength);
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
        @Param({"64", "1024", "16384"})
        public int valueLength;

        private Workspace workspace;
        private RawFile file;

        @Setup(Level.Iteration)
        public void open() throws IOException {
            workspace = new Workspace();
            file = new RawFile(workspace.directory(), valueLength);
        }

        @TearDown(Level.Iteration)
        public void close() throws IOException {
            file.close();
            workspace.close();
        }
    }

    @Benchmark
    public void chronicle(final ChronicleState state) {
        state.filler.append();
    }

    @Benchmark
    public void raw(final RawState state) throws IOException {
        state.file.append();
    }
}
