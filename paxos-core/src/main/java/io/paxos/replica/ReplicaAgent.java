package io.paxos.replica;

import io.paxos.Members;
import io.paxos.ReplicaListener;
import io.paxos.Status;
import io.paxos.protocol.MultiPaxos;
import io.paxos.protocol.Role;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Clock;
import io.paxos.spi.Probe;
import io.paxos.spi.Transport;
import java.lang.invoke.VarHandle;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One replica's duty cycle: the only thread that touches the protocol's state, the log and the transport.
 *
 * <p>The order within {@link #doWork} is the durability argument: what is said after the sync was appended before it.
 */
final class ReplicaAgent implements DutyCycle, MultiPaxos.Host {
    private static final int POLL_LIMIT = 1024;
    private static final int SILENT_TICKS_MAX = 8;
    private static final int LINGERING_BYTES_MAX = 8 << 10; // more company would hardly save anything
    private static final int LINGERING_SHARE = 4; // of the room for commands that wait

    private final int self;
    private final Members members;
    private final Clock clock;
    private final AcceptorLog log;
    private final Transport transport;
    private final MultiPaxos core;
    private final StagedOutbox outbox;
    private final Submissions submissions;
    private final PendingReads reads;
    private final Applier applier;
    private final ReplicaListener listener;
    private final int batchBytesMax;
    private final long followerLingerNs;
    private final long commandLingerNs;
    private final long lingeringBytesMax;
    private final UnsafeBuffer batch; // one value, or one forward, while it is put together
    private final UnsafeBuffer forwarded; // commands from other replicas, to be proposed here
    private int forwardedStart;
    private int forwardedEnd;
    private boolean isOwnTurn;
    private long commandsBallot; // whose leader the pending commands were given to
    private long oldestAtTick;
    private int silentTicks;
    private long unneeded; // voters that hear of proposals later, a bit each
    private long proposedNs; // when something was last proposed

    // What other threads may see.
    private volatile Role role = Role.FOLLOWER;
    private volatile int leaderId;
    private volatile long ballot;
    private volatile long chosenThrough;
    private volatile long appliedThrough;
    private volatile int connected = 1;
    private volatile boolean isLingering; // commands wait for company, and this replica looks for them by itself
    private volatile Throwable fault;
    private volatile boolean isStopped;

    ReplicaAgent(
            final ReplicaSettings settings,
            final ReplicaParts parts,
            final StagedOutbox outbox,
            final Submissions submissions,
            final PendingReads reads,
            final int valueLengthMax) {
        self = settings.self();
        members = settings.configuration().members();
        clock = parts.clock();
        log = parts.log();
        transport = parts.transport();
        listener = parts.listener();
        batchBytesMax = settings.batchBytesMax();
        followerLingerNs = settings.followerLingerNs();
        commandLingerNs = settings.commandLingerNs();
        lingeringBytesMax = Math.min(LINGERING_BYTES_MAX, settings.pendingBytes() / LINGERING_SHARE);
        proposedNs = clock.nanoTime();
        this.outbox = outbox;
        this.submissions = submissions;
        this.reads = reads;
        batch = new UnsafeBuffer(new byte[valueLengthMax]);
        forwarded = new UnsafeBuffer(new byte[settings.pendingBytes()]);
        core = new MultiPaxos(settings.configuration(), log, outbox, this, Probe.NONE, settings.protocol());
        outbox.receiver(core);
        applier = new Applier(self, log, core, parts.stateMachine(), submissions);
        ballot = core.promised();
    }

    @Override
    public int doWork() {
        if (isStopped) {
            return 0;
        }
        try {
            final long nowNs = clock.nanoTime();
            int work = transport.poll(core, POLL_LIMIT); //  hear     peers -> acceptor, leader, learner
            linger(nowNs);
            work += (isLingering ? 0 : submissions.drain()) + reads.drain(core);
            work += dispatch(nowNs); //                       propose  or pass on to the leader
            work += tick(nowNs); //                          tick     elections, heartbeats, repeats
            work += core.flushDecisions();
            lingerFor(core.unneeded());
            work += transport.flush(); //                    ask      proposals travel while our own disk writes
            outbox.seal();
            work += log.sync(); //                           persist  one sync for everything above
            work += outbox.release(); //                     answer   promises and votes, now true
            work += transport.flush(); //                             before the state machine takes its time
            work += applier.run(); //                        apply    chosen prefix -> state machine -> replies
            work += reads.serve(applier.appliedThrough());
            work += submissions.expire(nowNs) + reads.expire(nowNs);
            publish();
            return work;
        } catch (final Throwable cause) {
            fail(cause);
            return 0;
        }
    }

    @Override
    public long nextWorkNs() {
        final long nowNs = clock.nanoTime();
        final long untilDeadlineNs = Math.min(submissions.untilDeadlineNs(nowNs), reads.untilDeadlineNs(nowNs));
        final long untilLingeredNs = isLingering ? proposedNs + commandLingerNs - nowNs : Long.MAX_VALUE;
        return nowNs + Math.min(Math.min(core.untilTickNs(nowNs), untilDeadlineNs), untilLingeredNs);
    }

    /** Any thread: a command has come in. */
    void onSubmitted() {
        VarHandle.fullFence(); // the command before the look; the replica's thread says that it wakes before it looks
        if (!isLingering || submissions.inboxBytes() >= lingeringBytesMax) {
            transport.wakeup();
        }
    }

    @Override
    public boolean awaitsDisk() {
        return outbox.isHolding();
    }

    @Override
    public void stop() {
        if (!isStopped) {
            isStopped = true;
            try {
                submissions.close();
            } finally {
                reads.close();
                transport.close();
            }
        }
    }

    @Override
    public boolean isStopped() {
        return isStopped;
    }

    @Override
    public Throwable fault() {
        return fault;
    }

    Status status() {
        return new Status(
                self,
                shownRole(),
                isStopped ? 0 : leaderId,
                ballot,
                core.configuration().epoch(),
                chosenThrough,
                appliedThrough,
                log.durability(),
                members.size(),
                connected,
                fault);
    }

    // The host of the protocol.

    @Override
    public void forwarded(final int from, final DirectBuffer commands, final int offset, final int length) {
        final int to = core.leaderId();
        if (to == self || core.role() == Role.CANDIDATE) { // who promises forwards at once
            compactForwarded(length);
            final boolean fits =
                    length <= forwarded.capacity() - forwardedEnd && length <= batch.capacity() - Batch.HEADER_LENGTH;
            if (fits && Batch.isCommands(commands, offset, length)) {
                forwarded.putBytes(forwardedEnd, commands, offset, length);
                forwardedEnd += length;
            }
        } else if (to != 0 && to != from) {
            outbox.now(to).forward(self, commands, offset, length); // from one who cannot hear the leader
        }
    }

    @Override
    public void readable(final long round, final long slot) {
        reads.readable(round, slot);
    }

    @Override
    public void roleChanged() {
        if (core.role() == Role.FOLLOWER) {
            forwardedStart = 0; // whoever sent it gives it to the next leader
            forwardedEnd = 0;
        }
    }

    // Inside.

    /** Proposes what waits, or gives it to the leader; again from the start if another ballot is followed than before. */
    private int dispatch(final long nowNs) {
        final int to = core.commandsTo();
        if (core.following() != commandsBallot) {
            submissions.redispatchAll();
            commandsBallot = core.following();
        }
        if (to == 0) {
            return 0;
        }
        int work = 0;
        if (to == self && !isLingering) {
            while ((forwardedStart < forwardedEnd || submissions.hasUndispatched()) && core.mayPropose()) {
                work += propose();
                proposedNs = nowNs;
            }
        } else if (to != self) {
            while (submissions.hasUndispatched()) {
                final int length = submissions.drainUndispatched(batch, 0, batchBytesMax);
                if (length > 0) {
                    outbox.now(to).forward(self, batch, 0, length);
                }
                work++;
            }
        }
        return work;
    }

    /**
     * While a value is on its way and few commands are here they may wait for company, up to a while after it left. What
     * waits for the window has waited enough.
     */
    private void linger(final long nowNs) {
        final boolean lingers = commandLingerNs > 0
                && nowNs - proposedNs < commandLingerNs
                && core.isProposing()
                && !submissions.hasUndispatched()
                && submissions.inboxBytes() + forwardedEnd - forwardedStart < lingeringBytesMax;
        if (lingers != isLingering) {
            isLingering = lingers;
        }
    }

    /** Own and forwarded commands take turns at the front, so that neither starves the other. */
    private int propose() {
        Batch.putHeader(batch, Math.max(applier.timeMs(), clock.epochMillis()));
        int end = Batch.HEADER_LENGTH;
        isOwnTurn = !isOwnTurn;
        if (isOwnTurn) {
            end = submissions.drainUndispatched(batch, end, batchBytesMax);
        }
        end = takeForwarded(end);
        if (!isOwnTurn) {
            end = submissions.drainUndispatched(batch, end, batchBytesMax);
        }
        if (end > Batch.HEADER_LENGTH) {
            core.propose(batch, 0, end);
        }
        return 1;
    }

    /** Moves whole commands from the front of what was forwarded, as {@link Submissions#drainUndispatched} does its own. */
    private int takeForwarded(final int start) {
        int end = start;
        while (forwardedStart < forwardedEnd) {
            final int length = Batch.commandLength(Batch.length(forwarded, forwardedStart));
            if (end + length > batchBytesMax && end > Batch.HEADER_LENGTH) {
                break;
            }
            if (!applier.isExecuted(forwarded, forwardedStart)) { // given out again although it had arrived
                batch.putBytes(end, forwarded, forwardedStart, length);
                end += length;
            }
            forwardedStart += length;
        }
        return end;
    }

    /** Moves what is left to the front, if that is needed to make room. */
    private void compactForwarded(final int room) {
        if (forwardedStart == forwardedEnd) {
            forwardedStart = 0;
            forwardedEnd = 0;
        } else if (room > forwarded.capacity() - forwardedEnd && forwardedStart > 0) {
            forwarded.putBytes(0, forwarded, forwardedStart, forwardedEnd - forwardedStart);
            forwardedEnd -= forwardedStart;
            forwardedStart = 0;
        }
    }

    private int tick(final long nowNs) {
        final int leader = core.leaderId();
        if (leader != 0 && leader != self && !transport.isReachable(leader)) {
            core.lost(leader);
        }
        if (core.untilTickNs(nowNs) <= 0) {
            tellWhoIsLost();
        }
        final int work = core.tick(nowNs);
        if (work > 0 && core.role() != Role.LEADER) {
            redispatchIfSilent();
        }
        return work;
    }

    private void lingerFor(final long voters) {
        final long changed = followerLingerNs > 0 ? unneeded ^ voters : 0;
        unneeded ^= changed;
        for (long rest = changed; rest != 0; rest &= rest - 1) {
            final int voter = Long.numberOfTrailingZeros(rest);
            transport.linger(members.id(voter), (voters & 1L << voter) != 0 ? followerLingerNs : 0);
        }
    }

    private void tellWhoIsLost() {
        for (int voter = 0; voter < members.size(); voter++) {
            final int id = members.id(voter);
            if (id != self && !transport.isReachable(id)) {
                core.lost(id);
            }
        }
    }

    /** What was given to another replica may have been lost on the way; a leader's own proposals are repeated by it. */
    private void redispatchIfSilent() {
        final boolean progress = submissions.oldest() != oldestAtTick || !submissions.isWaiting();
        silentTicks = progress ? 0 : silentTicks + 1;
        oldestAtTick = submissions.oldest();
        if (silentTicks >= SILENT_TICKS_MAX) {
            silentTicks = 0;
            submissions.redispatchAll();
        }
    }

    private void publish() {
        final int nowLeader = core.leaderId();
        final long nowBallot = core.promised();
        final boolean changed = core.role() != role || nowLeader != leaderId || nowBallot != ballot;
        if (chosenThrough != core.chosenThrough()) {
            chosenThrough = core.chosenThrough();
        }
        if (appliedThrough != applier.appliedThrough()) {
            appliedThrough = applier.appliedThrough();
        }
        if (connected != core.connected()) {
            connected = core.connected();
        }
        if (changed) {
            role = core.role();
            leaderId = nowLeader;
            ballot = nowBallot;
            listener.onRole(shownRole(), nowLeader, nowBallot);
        }
    }

    private Status.Role shownRole() {
        return isStopped ? Status.Role.STOPPED : Status.Role.valueOf(role.name());
    }

    private void fail(final Throwable cause) {
        fault = cause;
        try {
            stop();
        } catch (final RuntimeException e) {
            cause.addSuppressed(e);
        }
        listener.onFault(cause);
    }
}
