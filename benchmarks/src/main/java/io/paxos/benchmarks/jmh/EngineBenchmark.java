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
 * Isolates the engine: from {@code offer} to chosen and executed, without disk and socket. All three replicas run on
 * one thread, so the score is commands per second and core, and includes the work of the followers.
 *
 * <p>{@code waiting} commands are submitted together, and the next ones when all of these have their outcome. The
 * engine puts waiting commands into one value, up to 64 KiB. Each of the {@code unbatched} commands has its own slot.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class EngineBenchmark extends Suite {
    /** The engine with its default batches. */
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

    /** The cost of a turn of one replica without work. A command that is alone in flight takes four turns. */
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
