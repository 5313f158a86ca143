package io.paxos.replica;

import io.paxos.Outcome;
import io.paxos.Reason;
import io.paxos.ReplicaListener;
import io.paxos.Status;
import io.paxos.execution.Applier;
import io.paxos.execution.ExecutionState;
import io.paxos.execution.Executor;
import io.paxos.execution.PrefixComparison;
import io.paxos.execution.Replay;
import io.paxos.execution.Snapshots;
import io.paxos.execution.TurnBudget;
import io.paxos.identity.MemberHandshake;
import io.paxos.protocol.Configuration;
import io.paxos.protocol.MultiPaxos;
import io.paxos.protocol.ProtocolHost;
import io.paxos.protocol.Role;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Clock;
import io.paxos.spi.IgnoredMessages;
import io.paxos.spi.Transport;
import io.paxos.value.ValueKind;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;

/**
 * One replica's duty cycle: the only thread that touches the protocol's state, the log and the transport.
 *
 * <p>The order within {@link #doWork} is the durability argument: what is sent after the sync was appended before it.
 */
final class ReplicaAgent implements DutyCycle, ProtocolHost {
    private static final int POLL_LIMIT = 1024;
    private static final int TURNS_PER_HEARTBEAT = 20; // at least so many, whatever commands take: 5 ms at the defaults

    private final int self;
    private final Configuration configuration;
    private final MemberHandshake handshake;
    private final Clock clock;
    private final AcceptorLog log;
    private final Transport transport;
    private final Callbacks callbacks;
    private final ReplicaListener listener;
    private final MultiPaxos core;
    private final StagedOutbox outbox;
    private final PendingCommands commands;
    private final CommandFlow flow;
    private final PendingReads reads;
    private final ExecutionState executed;
    private final Applier applier;
    private final Replay replay;
    private final PrefixWatch prefix;
    private final Snapshots snapshots;
    private final SnapshotRequests snapshotRequests;
    private final LogTrimming trimming;
    private final LogBudget budget;
    private final SnapshotTransfer transfer;
    private final ClusterClock clusterClock;
    private final MemberWatch members;
    private final ReadyGate gate;
    private final PublishedState published;
    private final Links links;
    private final QuorumWatch quorum;
    private final Supplier<Outcome.NotChosen> standing = this::standing;

    ReplicaAgent(
            final ReplicaSettings settings,
            final ReplicaParts parts,
            final MemberHandshake handshake,
            final Callbacks callbacks,
            final CommandInbox inbox,
            final PendingReads reads,
            final SnapshotRequests snapshotRequests,
            final int valueLengthMax) {
        self = settings.self();
        configuration = settings.configuration();
        this.handshake = handshake;
        clock = parts.clock();
        log = parts.log();
        transport = parts.transport();
        this.callbacks = callbacks;
        listener = new ToldListener(parts.listener(), callbacks);
        outbox = new StagedOutbox(configuration, log, transport, settings.pendingBytes(), parts.probe());
        this.reads = reads;
        this.snapshotRequests = snapshotRequests;
        commands = new PendingCommands(
                self, log.incarnation(), callbacks, inbox, settings.pendingBytes(), settings.pendingCommands());
        core = new MultiPaxos(configuration, log, outbox, this, parts.probe(), settings.protocol());
        outbox.receiver(core);
        links = new Links(configuration, transport, core, settings.followerLingerNs());
        quorum = new QuorumWatch(configuration, core, settings.protocol());
        final TurnBudget turnBudget =
                new TurnBudget(clock, settings.protocol().heartbeatIntervalNs() / TURNS_PER_HEARTBEAT);
        final Executor executor = new Executor(
                self,
                log.incarnation(),
                ValueKind.FEATURE_LEVEL,
                parts.stateMachine(),
                commands,
                settings.comparesReplies(),
                turnBudget);
        executed = executor.state();
        final PrefixComparison comparison = new PrefixComparison(configuration);
        applier = new Applier(log, core, executor, comparison, parts.probe(), turnBudget);
        prefix = new PrefixWatch(configuration, comparison, outbox, transport);
        snapshots = new Snapshots(
                configuration.epoch(),
                log,
                parts.stateMachine(),
                executed,
                new SnapshotEvents(self),
                clock,
                handshake::clusterId,
                transport::wakeup,
                settings.snapshotBytes());
        transfer = new SnapshotTransfer(
                settings, parts, outbox, core, applier, executed, comparison, snapshots, valueLengthMax);
        trimming = new LogTrimming(log, core, transfer, settings.logTailBytes(), settings.maxLogBytes());
        budget = new LogBudget(log, snapshots, settings.maxLogBytes());
        restore(comparison);
        replay = new Replay(applier, executed, core.chosenThrough(), clock, listener::onReplay);
        clusterClock = new ClusterClock(
                configuration,
                clock,
                settings.clockAheadMaxMs(),
                settings.protocol().heartbeatIntervalNs());
        flow = new CommandFlow(
                settings, clock, core, outbox, inbox, commands, executed, clusterClock, budget, valueLengthMax);
        members = new MemberWatch(configuration, core, settings.protocol());
        gate = new ReadyGate(self, listener, callbacks);
        published = new PublishedState(
                settings, log.durability(), listener, core, members, gate, executed.appliedThrough());
        published.identity(handshake);
        published.snapshots(snapshots, transfer.text());
        published.log(log);
    }

    @Override
    public int doWork() {
        if (isStopped()) {
            return 0;
        }
        try {
            final long nowNs = clock.nanoTime();
            if (!handshake.isStarted()) {
                return waitForStart(nowNs);
            }
            int work = transport.poll(core, POLL_LIMIT); //  receive  peers -> acceptor, leader, learner
            prefix.requireEqual(); //                        stop     if another member has other values or replies
            handshake.requireSound(); //                     stop     if the own log is not the one that voted
            callbacks.requireSound(); //                     stop     after an Error of the user's code
            work += flow.drain(nowNs) + reads.drain(core);
            work += flow.dispatch(nowNs); //                 propose  or send to the leader
            work += tick(nowNs); //                          tick     elections, heartbeats, repeats
            work += refuseIfCutOff(nowNs); //                refuse   what can only fail
            work += core.flushDecisions();
            links.linger();
            work += transport.flush(); //                    ask      proposals travel while our own disk writes
            outbox.seal();
            work += log.sync(); //                           persist  one sync for everything above
            work += outbox.release(); //                     answer   promises and votes, now true
            work += transport.flush(); //                             before the state machine takes its time
            work += replay.run(snapshots.isHeldUp(
                    applier.executedBytes(),
                    budget.urgency())); //                         apply    chosen prefix -> state machine -> replies
            work += snapshot(nowNs); //                      keep     a slice of a snapshot, if one is due
            work += prefix.tellAll();
            work += reads.serve(executed.appliedThrough());
            work += commands.expire(nowNs, standing) + reads.expire(nowNs, standing);
            published.publish(core, executed.appliedThrough(), quorum.isCutOff(), clusterClock);
            published.ready(core);
            callbacks.flush(); //                            tell     outcomes, on another thread
            return work;
        } catch (final Throwable cause) {
            fail(cause);
            return 0;
        }
    }

    @Override
    public long nextWorkNs() {
        final long nowNs = clock.nanoTime();
        final long untilDeadlineNs = Math.min(commands.untilDeadlineNs(nowNs), reads.untilDeadlineNs(nowNs));
        if (!handshake.isStarted()) {
            return nowNs + Math.min(untilDeadlineNs, MemberHandshake.RETRY_NS);
        }
        final long untilAskNs = transfer.untilAskNs(nowNs);
        return nowNs
                + Math.min(
                        Math.min(core.untilTickNs(nowNs), untilDeadlineNs),
                        Math.min(flow.untilLingeredNs(nowNs), untilAskNs));
    }

    /** Any thread: a command has come in. */
    void onSubmitted() {
        VarHandle.fullFence(); // the command is in the inbox before isAwake is read; see CommandFlow.isLingering
        if (!flow.isAwake()) {
            transport.wakeup();
        }
    }

    @Override
    public boolean awaitsDisk() {
        return outbox.isHolding();
    }

    @Override
    public void stop() {
        if (isStopped()) {
            return;
        }
        published.stopped();
        final Throwable fault = fault();
        final Outcome.NotChosen reason = fault == null
                ? new Outcome.NotChosen(Reason.CLOSED, "the replica is closed")
                : new Outcome.NotChosen(Reason.FAULTED, "the replica has stopped: " + fault);
        AllOf.run(
                () -> commands.close(reason),
                () -> reads.close(reason),
                () -> snapshotRequests.close(reason.text()),
                () -> snapshots.close(reason.text()),
                transfer::close,
                transport::close);
    }

    @Override
    public boolean isStopped() {
        return published.isStopped();
    }

    @Override
    public Throwable fault() {
        return published.fault();
    }

    /** Any thread but the own one. */
    boolean awaitReady(final long timeoutNs) throws InterruptedException {
        return gate.await(timeoutNs);
    }

    Status status() {
        return published.status();
    }

    // The host of the protocol.

    @Override
    public void forwarded(final int from, final DirectBuffer bytes, final int offset, final int length) {
        flow.forwarded(from, bytes, offset, length);
    }

    @Override
    public void readable(final long round, final long slot) {
        reads.readable(round, slot);
    }

    @Override
    public void roleChanged() {
        if (core.role() == Role.FOLLOWER) {
            flow.dropForwarded();
        }
    }

    @Override
    public void pinged(final int from) {
        outbox.now(from).wallClock(self, clock.epochMillis());
        prefix.tellAgain(from);
        if (core.role() == Role.LEADER && budget.isSpent()) {
            outbox.now(from).full(self, core.following());
        }
    }

    @Override
    public void leaderFull() {
        flow.leaderFull();
    }

    @Override
    public void applied(final int from, final long slot, final long values, final long replies) {
        prefix.told(from, slot, values, replies);
    }

    @Override
    public void wallClock(final int from, final long timeMs) {
        clusterClock.told(from, timeMs);
    }

    @Override
    public void askSnapshot(final int from, final long throughSlot) {
        transfer.asked(from, throughSlot);
    }

    @Override
    public void snapshot(final int from, final long slot, final long id, final long length) {
        transfer.offered(from, slot, id, length);
    }

    @Override
    public void fetchSnapshot(final int from, final long slot, final long id, final long position) {
        transfer.fetched(from, slot, id, position, clock.nanoTime());
    }

    @Override
    public void snapshotBytes(
            final int from,
            final long slot,
            final long id,
            final long position,
            final DirectBuffer bytes,
            final int offset,
            final int length) {
        transfer.bytes(from, slot, id, position, bytes, offset, length, clock.nanoTime());
    }

    // Inside.

    private void restore(final PrefixComparison comparison) {
        final long slot = snapshots.restore();
        if (slot > 0) {
            core.restored(slot);
            comparison.resume(slot);
        }
        final boolean isIncomplete = slot + 1 < log.firstSlot();
        if (isIncomplete && (configuration.size() == 1 || !snapshots.isAvailable())) {
            throw new IllegalArgumentException("the log begins at slot " + log.firstSlot()
                    + ", and no snapshot here reaches it: " + snapshots.text()
                    + ". Give this replica the state machine and the directory that it had before");
        }
        transfer.start();
    }

    private int snapshot(final long nowNs) {
        final int received = transfer.run(nowNs);
        final int written = !transfer.isReceiving() ? snapshots.run(applier.executedBytes(), budget.urgency()) : 0;
        final int work = received + written + snapshotRequests.drain(snapshots) + snapshots.expire(nowNs);
        if (work > 0) {
            published.snapshots(snapshots, transfer.text());
            published.log(log);
        }
        return work;
    }

    /** A turn before the first start: nothing is promised, voted for, proposed or sent. What callers want waits. */
    private int waitForStart(final long nowNs) {
        int work = transport.poll(IgnoredMessages.ALL, POLL_LIMIT);
        handshake.requireSound();
        if (handshake.tryStart()) {
            transport.handshake(handshake); // the others must see the new card before the first message
            work++;
        }
        published.identity(handshake);
        work += flow.drain(nowNs) + reads.drain(core) + snapshotRequests.drain(snapshots);
        work += snapshots.expire(nowNs);
        work += commands.expire(nowNs, standing) + reads.expire(nowNs, standing);
        callbacks.requireSound();
        callbacks.flush();
        return work;
    }

    /** The outcome of a command that no leader has got by its deadline. */
    private Outcome.NotChosen standing() {
        if (!handshake.isStarted()) {
            return new Outcome.NotChosen(Reason.WAITING, "no leader by its deadline: " + handshake.waiting());
        }
        return core.commandsTo() != 0
                ? new Outcome.NotChosen(Reason.BUSY, "not taken by the leader by its deadline: too many are waiting")
                : new Outcome.NotChosen(
                        core.hasQuorum() ? Reason.NO_LEADER : Reason.NO_QUORUM,
                        "no leader by its deadline: " + quorum.answering());
    }

    private int refuseIfCutOff(final long nowNs) {
        quorum.look(nowNs);
        return quorum.isCutOff() ? commands.refuseNew(quorum::refusal) + reads.refuseAll(quorum::refusal) : 0;
    }

    private int tick(final long nowNs) {
        links.tellLost(nowNs);
        final int work = core.tick(nowNs);
        if (work > 0) {
            clusterClock.tick(nowNs, executed.timeMs());
            members.look(nowNs, executed.appliedThrough());
            core.limitWindow(handshake.smallestWindow());
            transfer.tick(nowNs);
            trimming.run(snapshots.newestSlot(), snapshots.previousSlot());
            published.log(log);
            published.snapshots(snapshots, transfer.text());
        }
        if (work > 0 && core.role() != Role.LEADER) {
            flow.redispatchIfSilent();
        }
        return work;
    }

    @Override
    public void heldUp(final String what, final long durationNs) {
        published.heldUp(what);
        listener.onHeldUp(what, durationNs);
    }

    @Override
    public void fail(final Throwable cause) {
        published.failed(cause);
        try {
            stop();
        } catch (final Throwable e) {
            cause.addSuppressed(e);
        }
        listener.onFault(cause);
        callbacks.flush();
    }
}
