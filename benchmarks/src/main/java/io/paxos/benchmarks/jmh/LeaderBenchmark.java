package io.paxos.benchmarks.jmh;

import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.protocol.Configuration;
import io.paxos.protocol.MultiPaxos;
import io.paxos.protocol.ProtocolHost;
import io.paxos.protocol.ProtocolSettings;
import io.paxos.protocol.Role;
import io.paxos.spi.Claims;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import io.paxos.spi.Probe;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Isolates phase 2 at the leader: one value proposed to all members, the votes of all of them counted, the slot chosen.
 *
 * <p>It calls {@link MultiPaxos}, as production does. The other members are simulated, and no frame is written. The
 * leader's own acceptor takes part, with a log that is a ring in memory. The value is short, so that copying it costs
 * little.
 */
@State(Scope.Thread)
public class LeaderBenchmark extends Suite {
    private static final int SELF = 1;
    private static final int ROUNDS_MAX = 100;
    private static final long ROUND_NS = TimeUnit.MILLISECONDS.toNanos(50);

    @Param({"3", "5"})
    public int members;

    private final UnsafeBuffer value = new UnsafeBuffer(new byte[64]);
    private final Others others = new Others();
    private MultiPaxos leader;
    private long ballot;
    private long slot;

    @Setup
    public void elect() {
        leader = new MultiPaxos(
                Configuration.first(
                        SELF, Members.of(IntStream.rangeClosed(1, members).toArray()), Quorums.majority(members)),
                new RingLog(1024, 1 << 20),
                new LoopingOutbox(),
                new NoHost(),
                Probe.NONE,
                new ProtocolSettings(128, ROUND_NS, 4, TimeUnit.HOURS.toNanos(1)));
        slot = 0;
        long nowNs = 0;
        for (int round = 0; leader.role() != Role.LEADER; round++) {
            if (round == ROUNDS_MAX) {
                throw new IllegalStateException("no leader after " + ROUNDS_MAX + " rounds: " + leader.role());
            }
            leader.tick(nowNs);
            for (int member = 2; member <= members; member++) {
                leader.pong(member, others.pingRound, 0, false, 0);
            }
            promiseAll();
            leader.flushDecisions();
            nowNs += ROUND_NS;
        }
        ballot = leader.following();
    }

    /** Answers the leader's prepare for all members, as they would after their sync. */
    private void promiseAll() {
        if (others.preparedBallot > 0) {
            leader.prepare(SELF, others.preparedBallot, 1);
            for (int member = 1; member <= members; member++) {
                leader.promise(member, others.preparedBallot, 0, 0);
            }
        }
    }

    /** From a value to a chosen slot. */
    @Benchmark
    public long choose() {
        slot++;
        leader.propose(value, 0, value.capacity());
        for (int member = 1; member <= members; member++) {
            leader.accepted(member, ballot, slot, slot);
        }
        leader.applied(leader.chosenThrough());
        return others.received();
    }

    /** All other members in one. They remember what {@link #elect} has to answer. */
    private static final class Others extends Sink {
        private long pingRound;
        private long preparedBallot;

        @Override
        public void ping(final int from, final long round) {
            pingRound = round;
        }

        @Override
        public void prepare(final int from, final long ballot, final long fromSlot) {
            preparedBallot = ballot;
        }
    }

    /** Delivers what the leader sends to itself, and counts what it sends to others. */
    private final class LoopingOutbox implements Outbox {
        @Override
        public Messages now(final int to) {
            return to == SELF ? leader : others;
        }

        @Override
        public Claims afterSync(final int to) {
            return others;
        }
    }

    private static final class NoHost implements ProtocolHost {
        @Override
        public void forwarded(final int from, final DirectBuffer commands, final int offset, final int length) {}

        @Override
        public void readable(final long round, final long slot) {}

        @Override
        public void roleChanged() {}
    }
}
