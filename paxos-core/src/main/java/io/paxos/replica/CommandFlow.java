package io.paxos.replica;

import io.paxos.Outcome;
import io.paxos.Reason;
import io.paxos.execution.ExecutionState;
import io.paxos.protocol.MultiPaxos;
import io.paxos.protocol.Role;
import io.paxos.spi.Clock;
import io.paxos.spi.Outbox;
import io.paxos.value.ValueCodec;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Where commands go: at the leader into values, elsewhere to the leader or to a neighbour that receives it.
 *
 * <p>The replica's thread, but for {@link #isAwake}.
 */
final class CommandFlow {
    private static final int SILENT_TICKS_MIN = 2;
    private static final int SILENT_TICKS_MAX = 8;
    private static final int FULL_TICKS = 3; // for so long it counts that the leader has no room
    private static final int LINGERING_BYTES_MAX = 8 << 10; // with more commands, one sync for all hardly costs less
    private static final int LINGERING_SHARE = 4; // of the room for commands that wait

    private final int self;
    private final MultiPaxos core;
    private final Outbox outbox;
    private final CommandInbox inbox;
    private final PendingCommands pending;
    private final ExecutionState executed;
    private final ClusterClock clusterClock;
    private final LogBudget budget;
    private final ForwardedCommands forwarded;
    private final int batchBytesMax;
    private final long commandLingerNs;
    private final long lingeringBytesMax;
    private final UnsafeBuffer batch; // one value or one forward; empty between two calls
    private boolean isOwnTurn; // whether own commands stood first in the last value
    private long commandsBallot; // the ballot followed when pending commands were last dispatched from the start
    private long oldestAtTick; // the oldest pending command at the last tick
    private int silentTicks; // ticks in a row for which that command waited
    private long chosenAtTick; // the chosen prefix at the last tick
    private int quietTicks; // 0..silentTicks: the last of these in which nothing was chosen
    private int patientTicks = SILENT_TICKS_MIN; // ..SILENT_TICKS_MAX: so many quiet ones, and a round trip, are waited
    private long fullBallot; // its leader has said last that it has no room
    private int fullTicks; // 0..FULL_TICKS: for how many more ticks that counts
    private long proposedNs; // when something was last proposed

    /** Whether commands stay in the inbox for a while. Written by the replica's thread alone, read by callers. */
    private volatile boolean isLingering;

    CommandFlow(
            final ReplicaSettings settings,
            final Clock clock,
            final MultiPaxos core,
            final Outbox outbox,
            final CommandInbox inbox,
            final PendingCommands pending,
            final ExecutionState executed,
            final ClusterClock clusterClock,
            final LogBudget budget,
            final int valueLengthMax) {
        self = settings.self();
        this.core = core;
        this.outbox = outbox;
        this.inbox = inbox;
        this.pending = pending;
        this.executed = executed;
        this.clusterClock = clusterClock;
        this.budget = budget;
        forwarded = new ForwardedCommands(settings.pendingBytes(), executed);
        batchBytesMax = settings.batchBytesMax();
        commandLingerNs = settings.commandLingerNs();
        lingeringBytesMax = Math.min(LINGERING_BYTES_MAX, settings.pendingBytes() / LINGERING_SHARE);
        batch = new UnsafeBuffer(new byte[valueLengthMax]);
        proposedNs = clock.nanoTime();
    }

    /**
     * Any thread: whether the replica looks for new commands by itself and soon, so that it need not be woken for one.
     */
    boolean isAwake() {
        return isLingering && inbox.bytes() < lingeringBytesMax;
    }

    /** How long until commands have lingered enough; {@code Long.MAX_VALUE} if none linger. */
    long untilLingeredNs(final long nowNs) {
        return isLingering ? proposedNs + commandLingerNs - nowNs : Long.MAX_VALUE;
    }

    /** Takes what has come in, unless it lingers. Returns the amount of work done. */
    int drain(final long nowNs) {
        linger(nowNs);
        return isLingering ? 0 : pending.drain();
    }

    /**
     * Commands linger for a while after a value was proposed, as long as it is under way and few commands are here.
     * Commands that had to wait for the window do not linger as well.
     */
    private void linger(final long nowNs) {
        final boolean lingers = commandLingerNs > 0
                && nowNs - proposedNs < commandLingerNs
                && core.isProposing()
                && !pending.hasUndispatched()
                && inbox.bytes() + forwarded.bytes() < lingeringBytesMax;
        if (lingers != isLingering) {
            isLingering = lingers;
        }
    }

    /**
     * Proposes what waits, or sends it to the leader; again from the start if another ballot is followed than before.
     */
    int dispatch(final long nowNs) {
        final int to = core.commandsTo();
        if (core.following() != commandsBallot) {
            pending.redispatchAll();
            commandsBallot = core.following();
        }
        if (to == 0) {
            return 0;
        }
        if (to == self) {
            return budget.isSpent() ? refuseAll() : proposeAll(nowNs);
        }
        if (!pending.hasUndispatched()) {
            return 0;
        }
        if (budget.isDiskFull()) {
            return pending.refuseNew(budget::refusal); // it may have no room for the values, and never execute them
        }
        if (fullTicks > 0 && fullBallot == commandsBallot) {
            return pending.refuseNew(() -> new Outcome.NotChosen(
                    Reason.FULL,
                    "replica " + core.leaderId()
                            + ", which leads, proposes nothing new: its log is at its budget, or its disk is full"));
        }
        return sendAll(to);
    }

    /** What was sent before may have been chosen, and waits. The origins of forwarded commands send them again. */
    private int refuseAll() {
        forwarded.clear();
        return pending.hasUndispatched() ? pending.refuseNew(budget::refusal) : 0;
    }

    private int proposeAll(final long nowNs) {
        if (isLingering || !clusterClock.hasTime(executed.timeMs())) {
            return 0;
        }
        int work = 0;
        while ((!forwarded.isEmpty() || pending.hasUndispatched()) && core.mayPropose()) {
            propose(nowNs);
            proposedNs = nowNs;
            work++;
        }
        return work;
    }

    private int sendAll(final int to) {
        int work = 0;
        while (pending.hasUndispatched()) {
            final int length = pending.drainUndispatched(batch, 0, batchBytesMax);
            if (length > 0) {
                outbox.now(to).forward(self, batch, 0, length);
            }
            work++;
        }
        return work;
    }

    /** Own and forwarded commands take turns at the front, so that neither starves the other. */
    private void propose(final long nowNs) {
        ValueCodec.putHeader(batch, clusterClock.timeMs(nowNs, executed.timeMs()));
        int end = ValueCodec.HEADER_LENGTH;
        isOwnTurn = !isOwnTurn;
        if (isOwnTurn) {
            end = pending.drainUndispatched(batch, end, batchBytesMax);
        }
        end = forwarded.drain(batch, end, batchBytesMax);
        if (!isOwnTurn) {
            end = pending.drainUndispatched(batch, end, batchBytesMax);
        }
        if (end > ValueCodec.HEADER_LENGTH) {
            core.propose(batch, 0, end);
        }
    }

    /** Commands of another replica: to be proposed here, or to be passed on by a neighbour of the leader. */
    void forwarded(final int from, final DirectBuffer commands, final int offset, final int length) {
        final int to = core.leaderId();
        if (to == self || core.role() == Role.CANDIDATE) { // members that promise forward at once
            if (length <= batch.capacity() - ValueCodec.HEADER_LENGTH) {
                forwarded.put(commands, offset, length);
            }
        } else if (to != 0 && to != from) {
            outbox.now(to).forward(self, commands, offset, length); // of a member that cannot reach the leader
        }
    }

    /** The leader that is followed has said that it proposes nothing new. */
    void leaderFull() {
        fullBallot = core.following();
        fullTicks = FULL_TICKS;
    }

    /** A follower proposes nothing: the origins of forwarded commands dispatch them to the next leader. */
    void dropForwarded() {
        forwarded.clear();
    }

    /**
     * After a tick of a follower. Commands sent to another replica may have been lost on the way, so they are
     * dispatched again when none has had an outcome for some ticks. That is soon if nothing at all is chosen meanwhile.
     * Otherwise the leader has perhaps much else to do, and copies would make it slower. A leader repeats its own
     * proposals.
     */
    void redispatchIfSilent() {
        fullTicks = Math.max(0, fullTicks - 1);
        final boolean hasProgress = pending.oldest() != oldestAtTick || !pending.isWaiting();
        final boolean isQuiet = core.chosenThrough() == chosenAtTick;
        silentTicks = hasProgress ? 0 : silentTicks + 1;
        quietTicks = hasProgress || !isQuiet ? 0 : quietTicks + 1;
        patientTicks = hasProgress ? SILENT_TICKS_MIN : patientTicks;
        oldestAtTick = pending.oldest();
        chosenAtTick = core.chosenThrough();
        final int tripTicks = core.roundTripRounds();
        if (quietTicks >= patientTicks + tripTicks || silentTicks >= SILENT_TICKS_MAX + tripTicks) {
            silentTicks = 0;
            quietTicks = 0;
            patientTicks = Math.min(2 * patientTicks, SILENT_TICKS_MAX);
            pending.redispatchAll();
        }
    }
}
