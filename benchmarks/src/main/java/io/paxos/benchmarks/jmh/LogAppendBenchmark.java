package io.paxos.benchmarks.jmh;

import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Isolates the append of one record to the log, without waiting for any force; rolls to new segments included. Beside
 * it, a plain write of the same bytes to a file.
 */
public class LogAppendBenchmark extends Suite {
    /** The log. */
    @State(Scope.Thread)
    public static class ChronicleState extends LogStates.OfLog {
        @Param({"64", "1024", "16384"})
        public int valueLength;

        @Override
        int valueLength() {
            return valueLength;
        }
    }

    /** The file to compare with. */
    @State(Scope.Thread)
    public static class RawState extends LogStates.OfFile {
        @Param({"64", "1024", "16384"})
        public int valueLength;

        @Override
        int valueLength() {
            return valueLength;
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
