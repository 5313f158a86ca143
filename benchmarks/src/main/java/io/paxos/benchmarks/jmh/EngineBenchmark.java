package io.paxos.benchmarks.jmh;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Isolates the engine: from {@code offer} to chosen and executed, without disk and socket, all three replicas on one thread;
 * so the score is commands per second and core, the work of the followers included.
 *
 * <p>{@code waiting} commands are submitted at once, and the next when all of them have their outcome; the engine puts what
 * waits into one value, up to 64 KiB. {@code unbatched} have a slot each.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class EngineBenchmark extends Suite {
    /** The engine as it is unless told otherwise. */
    @State(Scope.Thread)
    public static class Batching {
        @Param("64")
        public int commandLength;

        private UnsafeBuffer command;
        private Trio trio;

        @Setup
        public void open() {
            command = new UnsafeBuffer(new byte[commandLength]);
            trio = new Trio(64 * 1024);
        }

        @TearDown
        public void close() {
            trio.close();
        }
    }

    /** The engine that puts no two commands into one value. */
    @State(Scope.Thread)
    public static class OneByOne {
        private static final int BATCH_BYTES_LEAST = 40;

        @Param("64")
        public int commandLength;

        private UnsafeBuffer command;
        private Trio trio;

        @Setup
        public void open() {
            command = new UnsafeBuffer(new byte[commandLength]);
            trio = new Trio(BATCH_BYTES_LEAST);
        }

        @TearDown
        public void close() {
            trio.close();
        }
    }

    /** Nothing waits: what a turn of one replica costs in itself; a command alone in flight takes four turns. */
    @Benchmark
    @OperationsPerInvocation(3)
    public void idleTurn(final Batching engine) {
        engine.trio.turn();
    }

    @Benchmark
    public void waiting0001(final Batching engine) {
        engine.trio.execute(engine.command, 1);
    }

    @Benchmark
    @OperationsPerInvocation(16)
    public void waiting0016(final Batching engine) {
        engine.trio.execute(engine.command, 16);
    }

    @Benchmark
    @OperationsPerInvocation(256)
    public void waiting0256(final Batching engine) {
        engine.trio.execute(engine.command, 256);
    }

    @Benchmark
    @OperationsPerInvocation(4096)
    public void waiting4096(final Batching engine) {
        engine.trio.execute(engine.command, 4096);
    }

    /** As many slots as fit into half the window are open at once. */
    @Benchmark
    @OperationsPerInvocation(64)
    public void unbatched64(final OneByOne engine) {
        engine.trio.execute(engine.command, 64);
    }
}
