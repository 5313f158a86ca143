package io.paxos.replica;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Clock;
import io.paxos.spi.Transport;
import java.util.concurrent.CompletableFuture;

/** A member of single-decree Paxos put together from its parts: what stands behind {@code io.paxos.SynodReplica}. */
public final class SynodEngine {
    private final SynodSettings settings;
    private final Transport transport;
    private final Clock clock;
    private final SynodAgent agent;
    private final Runner runner;
    private final int valueLengthMax;

    /** Builds the member, and starts it if it gets a thread of its own. */
    public SynodEngine(
            final SynodSettings settings,
            final AcceptorLog log,
            final Transport transport,
            final Clock clock,
            final boolean ownThread) {
        this.settings = settings;
        this.transport = transport;
        this.clock = clock;
        valueLengthMax = Math.min(
                Math.min(log.valueLengthMax(), transport.valueLengthMax()),
                StagedOutbox.valueLengthMax(settings.stagedBytes()));
        agent = new SynodAgent(settings, log, transport, clock);
        runner = ownThread
                ? Runner.start(
                        agent,
                        log,
                        transport,
                        clock,
                        "paxos-synod-" + settings.configuration().self())
                : Runner.hosted(agent, log, transport, clock);
    }

    public CompletableFuture<byte[]> propose(final long decree, final byte[] value) {
        if (decree < 1) {
            throw new IllegalArgumentException("a decree must be at least 1: " + decree);
        }
        if (value.length > valueLengthMax) {
            throw new IllegalArgumentException(
                    "a value of " + value.length + " bytes is too long: at most " + valueLengthMax);
        }
        final CompletableFuture<byte[]> future = agent.propose(decree, value, clock.nanoTime() + settings.timeoutNs());
        transport.wakeup();
        return future;
    }

    public int doWork() {
        return runner.doWork();
    }

    public long nextWorkNs() {
        return agent.nextWorkNs();
    }

    public Throwable fault() {
        return agent.fault();
    }

    public void close() {
        runner.close();
    }
}
