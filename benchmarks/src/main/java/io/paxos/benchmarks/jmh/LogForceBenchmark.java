package io.paxos.benchmarks.jmh;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Isolates the group commit: {@code records} of 1 KiB each are appended, forced together and waited for; the score is
 * the time of the whole group. The log forces on its own thread, so it pays for two wake-ups that the raw file does
 * not.
 */
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LogForceBenchmark extends Suite {
    private static final int VALUE_LENGTH = 1024;

    /** The log. */
    @State(Scope.Thread)
    public static class ChronicleState extends LogStates.OfLog {
        @Param({"1", "32", "256"})
        public int records;

        @Override
        int valueLength() {
            return VALUE_LENGTH;
        }
    }

    /** The file to compare with. */
    @State(Scope.Thread)
    public static class RawState extends LogStates.OfFile {
        @Param({"1", "32", "256"})
        public int records;

        @Override
        int valueLength() {
            return VALUE_LENGTH;
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
