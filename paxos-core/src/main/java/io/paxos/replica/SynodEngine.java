package io.paxos.replica;

import io.paxos.SynodListener;
import io.paxos.SynodStatus;
import io.paxos.identity.MemberHandshake;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Clock;
import io.paxos.spi.Transport;
import io.paxos.value.ValueKind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** A member of single-decree Paxos put together from its parts: what stands behind {@code io.paxos.SynodReplica}. */
public final class SynodEngine {
    private static final long TURN_LIMIT_NS = 1_000_000_000; // then the log says that a turn does not end

    private final SynodSettings settings;
    private final AcceptorLog log;
    private final Transport transport;
    private final Clock clock;
    private final SynodAgent agent;
    private final Runner runner;
    private final int valueLengthMax;

    /**
     * Builds the member, and starts it if it gets a thread of its own.
     *
     * @throws IllegalArgumentException if settings, log and transport do not fit each other; then neither is in use
     */
    public SynodEngine(
            final SynodSettings settings,
            final AcceptorLog log,
            final Transport transport,
            final Clock clock,
            final SynodListener listener,
            final Executor callbackExecutor,
            final boolean ownThread) {
        this.settings = settings;
        this.log = log;
        this.transport = transport;
        this.clock = clock;
        valueLengthMax = Math.min(
                Math.min(log.valueLengthMax(), transport.valueLengthMax()),
                StagedOutbox.valueLengthMax(settings.pendingBytes()));
        InUse.claim(settings.configuration(), log, transport);
        try {
            final MemberHandshake handshake = new MemberHandshake(
                    settings.configuration(),
                    settings.clusterId(),
                    transport.clusterId(),
                    settings.isBootstrap(),
                    valueLengthMax,
                    ValueKind.FEATURE_LEVEL,
                    settings.pace(),
                    log);
            handshake.carried(transport.handshake(handshake));
            final String name = "paxos-synod-" + settings.configuration().self();
            final Callbacks callbacks = new Callbacks(
                    name,
                    callbackExecutor,
                    ownThread,
                    null,
                    settings.pendingDecrees(),
                    settings.pendingBytes(),
                    transport::wakeup);
            agent = new SynodAgent(settings, handshake, log, transport, clock, callbacks, listener);
            runner = ownThread
                    ? Runner.start(agent, log, transport, clock, callbacks, TURN_LIMIT_NS, name)
                    : Runner.hosted(agent, log, transport, clock, callbacks);
        } catch (final RuntimeException | Error e) {
            InUse.release(log, transport);
            throw e;
        }
    }

    public CompletableFuture<byte[]> propose(final long decree, final byte[] value) {
        requireDecree(decree);
        if (value == null) {
            throw new IllegalArgumentException("a value must be given, not null");
        }
        if (value.length > valueLengthMax) {
            throw new IllegalArgumentException(
                    "a value of " + value.length + " bytes is too long: at most " + valueLengthMax);
        }
        final CompletableFuture<byte[]> future = agent.propose(decree, value, clock.nanoTime() + settings.timeoutNs());
        transport.wakeup();
        return future;
    }

    /** A copy of the value of a decree; null if it is not known here. */
    public byte[] known(final long decree) {
        requireDecree(decree);
        return agent.known(decree);
    }

    public SynodStatus status() {
        return new SynodStatus(
                settings.configuration().self(),
                agent.clusterId(),
                agent.waiting(),
                settings.configuration().size(),
                log.durability(),
                agent.pendingDecrees(),
                agent.knownDecrees(),
                agent.isStopped(),
                agent.fault());
    }

    public int doWork() {
        return runner.doWork();
    }

    public long nextWorkNs() {
        return agent.nextWorkNs();
    }

    public void close() {
        runner.close();
    }

    private static void requireDecree(final long decree) {
        if (decree < 1) {
            throw new IllegalArgumentException("a decree must be at least 1: " + decree);
        }
    }
}
