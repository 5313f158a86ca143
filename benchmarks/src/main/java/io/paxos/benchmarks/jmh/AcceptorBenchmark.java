package io.paxos.benchmarks.jmh;

import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.protocol.Acceptor;
import io.paxos.protocol.Configuration;
import io.paxos.spi.Claims;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import io.paxos.spi.Probe;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Isolates phase 2b of one acceptor: the check of the promise, the append and the vote.
 *
 * <p>The log is a ring in memory, and the vote is dropped. With a length of 0 only the rule and the bookkeeping of the
 * ring remain.
 */
@State(Scope.Thread)
public class AcceptorBenchmark extends Suite {
    private static final int SELF = 1;
    private static final int LEADER = 2;
    private static final long BALLOT = 1L << 16 | LEADER;
    private static final int WINDOW_SLOTS = 256;

    @Param({"0", "64", "1024"})
    public int valueLength;

    private final Sink votes = new Sink();
    private UnsafeBuffer value;
    private Acceptor acceptor;
    private long slot;

    @Setup
    public void open() {
        value = new UnsafeBuffer(new byte[valueLength]);
        acceptor = new Acceptor(
                Configuration.first(SELF, Members.of(SELF, LEADER), Quorums.majority(2)),
                new RingLog(1024, 1 << 20),
                new DroppingSink(),
                Probe.NONE,
                WINDOW_SLOTS);
        slot = 0;
    }

    @Benchmark
    public long accept() {
        slot++;
        acceptor.accept(LEADER, BALLOT, slot, slot - 1, value, 0, valueLength);
        return votes.received();
    }

    private final class DroppingSink implements Outbox {
        @Override
        public Messages now(final int to) {
            return votes;
        }

        @Override
        public Claims afterSync(final int to) {
            return votes;
        }
    }
}
