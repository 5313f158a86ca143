package io.paxos.replica;

import io.paxos.ClockAlarm;
import io.paxos.ReplicaListener;
import io.paxos.Status;
import io.paxos.execution.Snapshots;
import io.paxos.identity.MemberHandshake;
import io.paxos.protocol.Ballot;
import io.paxos.protocol.MultiPaxos;
import io.paxos.protocol.Role;
import io.paxos.spi.AcceptorLog;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What other threads may see of a replica. The replica's thread alone writes it, once each cycle and only what has
 * changed.
 *
 * <p>Fields are read one after another, so a {@link Status} may mix two cycles.
 */
final class PublishedState {
    private static final Logger LOGGER = LoggerFactory.getLogger(PublishedState.class);

    private final int self;
    private final int members;
    private final int epoch;
    private final long clockAheadMaxMs;
    private final long replayThrough; // what was known to be chosen at the start
    private final String durability;
    private final ReplicaListener listener;
    private final MemberWatch watch;
    private final ReadyGate gate;

    private volatile Role role = Role.FOLLOWER;
    private volatile int leaderId; // 0 if none is known
    private volatile long ballot; // the highest promised; never falls
    private volatile long chosenThrough; // never falls
    private volatile long appliedThrough; // never falls
    private volatile int connected = 1; // 1..members
    private volatile long clusterId; // 0 until the first start
    private volatile String waiting; // why the first start waits; null once this replica takes part
    private volatile long clockAheadMs;
    private volatile ClockAlarm clockAlarm = ClockAlarm.NONE;
    private volatile long snapshotSlot; // of the newest; 0 if there is none
    private volatile String snapshots = "none yet";
    private volatile long snapshotBytes; // of the newest; 0 if there is none
    private volatile long snapshotPauseNs;
    private volatile long firstSlot = 1; // never falls
    private volatile long logBytes;
    private volatile String heldUp; // what does not end; null if nothing does
    private volatile Throwable fault; // null unless a fault has stopped the replica; set once
    private volatile boolean isStopped; // never false again

    /** The state before the first cycle: {@code appliedThrough} is the slot of the snapshot, or 0. */
    PublishedState(
            final ReplicaSettings settings,
            final String durability,
            final ReplicaListener listener,
            final MultiPaxos core,
            final MemberWatch watch,
            final ReadyGate gate,
            final long appliedThrough) {
        self = settings.self();
        members = settings.configuration().size();
        epoch = settings.configuration().epoch();
        clockAheadMaxMs = settings.clockAheadMaxMs();
        this.durability = durability;
        this.listener = listener;
        this.watch = watch;
        this.gate = gate;
        this.appliedThrough = appliedThrough;
        ballot = core.promised();
        chosenThrough = core.chosenThrough();
        replayThrough = core.chosenThrough();
    }

    /**
     * The end of a cycle. Tells the listener if role, leader or ballot are others than before. A leader that is cut off
     * can do nothing, so it is shown as a follower without a leader.
     */
    void publish(
            final MultiPaxos core, final long nowApplied, final boolean isCutOff, final ClusterClock clusterClock) {
        final Role nowRole = isCutOff && core.role() == Role.LEADER ? Role.FOLLOWER : core.role();
        final int nowLeader = isCutOff ? 0 : core.leaderId();
        final long nowBallot = core.promised();
        final boolean hasChanged = nowRole != role || nowLeader != leaderId || nowBallot != ballot;
        if (chosenThrough != core.chosenThrough()) {
            chosenThrough = core.chosenThrough();
        }
        if (appliedThrough != nowApplied) {
            appliedThrough = nowApplied;
        }
        if (connected != core.connected()) {
            connected = core.connected();
        }
        if (clockAheadMs != clusterClock.aheadMs() || clockAlarm != clusterClock.alarm()) {
            clockAheadMs = clusterClock.aheadMs();
            clockAlarm = clusterClock.alarm();
        }
        if (hasChanged) {
            role = nowRole;
            leaderId = nowLeader;
            ballot = nowBallot;
            logRole();
            listener.onRole(shownRole(), nowLeader, nowBallot);
        }
    }

    /** After {@link #publish}: whether this replica can serve. */
    void ready(final MultiPaxos core) {
        if (gate.set(readiness(core))) {
            gate.tell(notReady());
        }
    }

    private ReadyGate.State readiness(final MultiPaxos core) {
        if (appliedThrough < replayThrough) {
            return ReadyGate.State.REPLAYS;
        }
        if (core.commandsTo() == 0) {
            return core.hasQuorum() ? ReadyGate.State.NO_LEADER : ReadyGate.State.NO_QUORUM;
        }
        return watch.isCatchingUp() ? ReadyGate.State.CATCHES_UP : ReadyGate.State.READY;
    }

    private String notReady() {
        return switch (gate.state()) {
            case READY -> null;
            case STARTS -> waiting != null ? waiting : "has just been built";
            case REPLAYS -> "replays its log: " + appliedThrough + " of " + replayThrough + " slots are executed";
            case NO_QUORUM -> "no quorum is connected: " + connected + " of " + members + " members answer";
            case NO_LEADER -> "no leader: " + connected + " of " + members + " members answer, and none of them leads";
            case CATCHES_UP -> "is far behind the others and catches up";
            case STOPPED -> fault == null ? "was closed" : "was stopped by a fault: " + fault;
        };
    }

    private void logRole() {
        if (LOGGER.isInfoEnabled()) {
            final String text = switch (role) {
                case LEADER -> "leads in ballot ";
                case CANDIDATE -> "asks for promises, the highest ballot is ";
                case FOLLOWER ->
                    leaderId == 0
                            ? "has no leader, the highest ballot is "
                            : "follows replica " + leaderId + " in ballot ";
            };
            LOGGER.info("replica {} {}{}", self, text, Ballot.text(ballot));
        }
    }

    /** What happens with snapshots now. */
    void snapshots(final Snapshots now, final String transfer) {
        snapshotSlot = now.newestSlot();
        snapshots = transfer != null ? transfer : now.text();
        snapshotBytes = now.newestLength();
        snapshotPauseNs = now.pauseNs();
    }

    /** What the log keeps now. */
    void log(final AcceptorLog log) {
        firstSlot = log.firstSlot();
        logBytes = log.bytes();
    }

    /** What the handshake says now. */
    void identity(final MemberHandshake handshake) {
        if (clusterId != handshake.clusterId()) {
            clusterId = handshake.clusterId();
        }
        if (!Objects.equals(waiting, handshake.waiting())) {
            waiting = handshake.waiting();
        }
    }

    /** Any thread. */
    void heldUp(final String what) {
        heldUp = what;
    }

    void failed(final Throwable cause) {
        fault = cause;
    }

    void stopped() {
        isStopped = true;
        if (gate.set(ReadyGate.State.STOPPED)) {
            gate.tell(notReady());
        }
    }

    boolean isStopped() {
        return isStopped;
    }

    Throwable fault() {
        return fault;
    }

    Status status() {
        return new Status(
                self,
                clusterId,
                waiting,
                shownRole(),
                isStopped ? 0 : leaderId,
                ballot,
                epoch,
                chosenThrough,
                appliedThrough,
                replayThrough,
                durability,
                members,
                connected,
                clockAheadMs,
                clockAheadMaxMs,
                clockAlarm,
                firstSlot,
                logBytes,
                snapshotSlot,
                snapshots,
                snapshotBytes,
                snapshotPauseNs,
                notReady(),
                watch.members(),
                watch.roundTripAlarm(),
                heldUp,
                fault);
    }

    private Status.Role shownRole() {
        return isStopped ? Status.Role.STOPPED : Status.Role.valueOf(role.name());
    }
}
