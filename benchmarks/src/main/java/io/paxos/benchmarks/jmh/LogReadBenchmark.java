package io.paxos.benchmarks.jmh;

import io.paxos.spi.AcceptorLog;
import java.io.IOException;
import org.agrona.DirectBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Isolates the read of one slot, as it is done to apply a value and for a replica that catches up: slot after slot,
 * from the page cache, the CRC of each checked.
 */
@State(Scope.Thread)
public class LogReadBenchmark extends Suite implements AcceptorLog.ValueReader {
    private static final int SLOTS = 50_000;

    @Param({"64", "1024"})
    public int valueLength;

    private Workspace workspace;
    private LogFiller filler;
    private long slot;
    private long bytes;

    @Setup
    public void fill() throws IOException {
        workspace = new Workspace();
        filler = new LogFiller(workspace.directory(), valueLength);
        filler.appendDurably(SLOTS);
        slot = 0;
        bytes = 0;
    }

    @TearDown
    public void close() throws IOException {
        filler.close();
        workspace.close();
    }

    @Benchmark
    public long read() {
        slot = slot == SLOTS ? 1 : slot + 1;
        if (filler.log().read(slot, this) != AcceptorLog.ReadResult.FOUND) {
            throw new IllegalStateException("slot " + slot + " is empty");
        }
        return bytes;
    }

    @Override
    public void value(
            final long readSlot, final long ballot, final DirectBuffer buffer, final int offset, final int length) {
        bytes += length;
    }
}
