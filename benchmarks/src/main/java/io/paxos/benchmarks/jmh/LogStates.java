package io.paxos.benchmarks.jmh;

import java.io.IOException;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The log that is written, or the file to compare it with. New for each iteration, so that the disk does not fill up.
 */
final class LogStates {
    private LogStates() {}

    /** A log. */
    @State(Scope.Thread)
    public abstract static class OfLog {
        private Workspace workspace;
        LogFiller filler;

        abstract int valueLength();

        @Setup(Level.Iteration)
        public void open() throws IOException {
            workspace = new Workspace();
            filler = new LogFiller(workspace.directory(), valueLength());
        }

        @TearDown(Level.Iteration)
        public void close() throws IOException {
            filler.close();
            workspace.close();
        }
    }

    /** A plain file. */
    @State(Scope.Thread)
    public abstract static class OfFile {
        private Workspace workspace;
        RawFile file;

        abstract int valueLength();

        @Setup(Level.Iteration)
        public void open() throws IOException {
            workspace = new Workspace();
            file = new RawFile(workspace.directory(), valueLength());
        }

        @TearDown(Level.Iteration)
        public void close() throws IOException {
            file.close();
            workspace.close();
        }
    }
}
