package io.paxos.replica;

import io.paxos.Outcome;
import io.paxos.Read;
import io.paxos.Status;
import io.paxos.identity.MemberHandshake;
import io.paxos.value.ValueCodec;
import io.paxos.value.ValueKind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;

/** A replica put together from its parts: what stands behind {@code io.paxos.Replica}. Any thread calls it. */
public final class ReplicaEngine {
    /** {@link #offer}: too much is waiting. */
    public static final long BACK_PRESSURED = -1;

    /** {@link #offer}: the replica is closed or has stopped. */
    public static final long CLOSED = -2;

    /** An executor that stands for the replica's own thread. */
    public static final Executor ON_REPLICA_THREAD = Runnable::run;

    private static final long TIMEOUT_MAX_NS = Long.MAX_VALUE / 4; // deadlines are compared by their difference

    private final ReplicaSettings settings;
    private final ReplicaParts parts;
    private final CommandInbox inbox;
    private final PendingReads reads;
    private final SnapshotRequests snapshots;
    private final ReplicaAgent agent;
    private final int commandLengthMax;
    private final Runner runner;

    /**
     * Builds the replica, and starts it if it gets a thread of its own.
     *
     * @throws IllegalArgumentException if settings, log and transport do not fit each other; then neither is in use
     */
    public ReplicaEngine(final ReplicaSettings settings, final ReplicaParts parts, final boolean ownThread) {
        this.settings = settings;
        this.parts = parts;
        final int valueLengthMax = Math.min(
                Math.min(parts.log().valueLengthMax(), parts.transport().valueLengthMax()),
                StagedOutbox.valueLengthMax(settings.pendingBytes()));
        settings.requireBatchFits(valueLengthMax);
        settings.requireBudgetFits(parts.log().pieceBytes());
        InUse.claim(settings.configuration(), parts.log(), parts.transport());
        try {
            final MemberHandshake handshake = new MemberHandshake(
                    settings.configuration(),
                    settings.clusterId(),
                    parts.transport().clusterId(),
                    settings.isBootstrap(),
                    valueLengthMax,
                    ValueKind.FEATURE_LEVEL,
                    settings.pace(),
                    parts.log());
            handshake.carried(parts.transport().handshake(handshake));
            final String name = "paxos-replica-" + settings.self();
            final long turnLimitNs = settings.protocol().stallNs();
            final Callbacks callbacks = new Callbacks(
                    name,
                    parts.callbackExecutor(),
                    ownThread,
                    parts.replyHandler(),
                    settings.pendingCommands(),
                    settings.pendingBytes(),
                    parts.transport()::wakeup);
            inbox = new CommandInbox(settings.pendingBytes(), settings.pendingCommands(), callbacks);
            reads = new PendingReads(
                    parts.stateMachine(), parts.log().incarnation(), settings.pendingCommands(), callbacks);
            snapshots = new SnapshotRequests(callbacks);
            agent = new ReplicaAgent(settings, parts, handshake, callbacks, inbox, reads, snapshots, valueLengthMax);
            runner = ownThread
                    ? Runner.start(agent, parts.log(), parts.transport(), parts.clock(), callbacks, turnLimitNs, name)
                    : Runner.hosted(agent, parts.log(), parts.transport(), parts.clock(), callbacks);
        } catch (final RuntimeException | Error e) {
            InUse.release(parts.log(), parts.transport());
            throw e;
        }
        commandLengthMax = Math.min(
                inbox.commandLengthMax(),
                valueLengthMax - ValueCodec.HEADER_LENGTH - ValueCodec.COMMAND_HEADER_LENGTH - BitUtil.SIZE_OF_LONG);
    }

    public int commandLengthMax() {
        return commandLengthMax;
    }

    /** The time for calls that name none. */
    public long timeoutNs() {
        return settings.timeoutNs();
    }

    public CompletableFuture<Outcome> submit(final byte[] command, final long timeoutNs) {
        requireGiven(command, "a command");
        checkLength(command.length);
        final CompletableFuture<Outcome> future = inbox.submit(command, deadlineNs(timeoutNs));
        agent.onSubmitted();
        return future;
    }

    /** Returns a correlation id > 0, {@link #BACK_PRESSURED} or {@link #CLOSED}. */
    public long offer(final DirectBuffer command, final int offset, final int length, final long timeoutNs) {
        requireGiven(command, "a command");
        checkLength(length);
        command.boundsCheck(offset, length);
        if (parts.replyHandler() == null) {
            throw new IllegalStateException("offer needs a ReplyHandler: give one to the builder, or use submit");
        }
        final long correlationId = inbox.offer(command, offset, length, deadlineNs(timeoutNs));
        if (correlationId > 0) {
            agent.onSubmitted();
        }
        return correlationId;
    }

    public CompletableFuture<byte[]> read(final byte[] query, final Read how, final long timeoutNs) {
        requireGiven(query, "a query");
        requireGiven(how, "how to read");
        final CompletableFuture<byte[]> future = reads.read(query, how, deadlineNs(timeoutNs));
        parts.transport().wakeup();
        return future;
    }

    public CompletableFuture<Long> snapshot(final long timeoutNs) {
        final CompletableFuture<Long> future = snapshots.request(parts.clock().nanoTime() + timeoutNs);
        parts.transport().wakeup();
        return future;
    }

    public boolean awaitReady(final long timeoutNs) throws InterruptedException {
        return agent.awaitReady(timeoutNs);
    }

    public Status status() {
        return agent.status();
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

    private long deadlineNs(final long timeoutNs) {
        if (timeoutNs <= 0) {
            throw new IllegalArgumentException("a timeout must be positive, not " + timeoutNs + " ns");
        }
        return parts.clock().nanoTime() + Math.min(timeoutNs, TIMEOUT_MAX_NS);
    }

    private static void requireGiven(final Object argument, final String what) {
        if (argument == null) {
            throw new IllegalArgumentException(what + " must be given, not null");
        }
    }

    private void checkLength(final int length) {
        if (length < 0) {
            throw new IllegalArgumentException("a command cannot have a length of " + length);
        }
        if (length > commandLengthMax) {
            throw new IllegalArgumentException(
                    "a command of " + length + " bytes is too long: at most " + commandLengthMax);
        }
    }
}
